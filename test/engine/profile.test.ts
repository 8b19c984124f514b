import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { measureCeilings } from "../../src/engine/ceilings.ts";
import { readFloats } from "../../src/engine/device.ts";
import { Profile, profiledDevice } from "../../src/engine/profile.ts";
import { withDevice } from "./devices.ts";

describe("profile", () => {
  it("counts calls, bytes and operations of each kernel in each phase, and changes no result", async () => {
    await withDevice({ threads: 1 }, async (device) => {
      const profile = new Profile();
      const watched = profiledDevice(device, profile);
      const a = watched.upload([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
      const out = watched.allocate([2, 2]);
      assert.equal(watched.enter?.("forward"), "preparation");
      watched.kernels.matmul(out, a, a, false, true, 1, 0);
      watched.kernels.matmul(out, a, a, false, true, 1, 0);
      watched.enter?.("update");
      watched.kernels.scaleAdd(out, out, 2, 0);
      watched.enter?.("preparation");
      assert.deepEqual([...(await readFloats(watched, out))], [28, 64, 64, 154]);
      const [product, scaling] = profile.uses;
      assert.deepEqual(
        { ...product, seconds: 0 },
        {
          phase: "forward",
          kernel: "matmul",
          calls: 2,
          seconds: 0,
          // Two calls of 4·(4 + 6 + 6) bytes and 2·2·2·3 operations.
          bytes: 128,
          operations: 48,
        },
      );
      assert.deepEqual(
        [scaling!.phase, scaling!.kernel, scaling!.bytes],
        ["update", "scaleAdd", 32],
      );
      assert.ok(profile.secondsOf("forward") >= product!.seconds);
      assert.equal(profile.secondsOf("sampling"), 0);
    });
  });

  it("measures ceilings that are no fantasies", async () => {
    await withDevice({ threads: 2 }, async (device) => {
      const { bytesPerSecond, operationsPerSecond } = measureCeilings(device);
      assert.ok(bytesPerSecond > 1e8 && bytesPerSecond < 1e13);
      assert.ok(operationsPerSecond > 1e8 && operationsPerSecond < 1e13);
    });
  });

  it("the register test does the multiply-adds that it says", async () => {
    await withDevice({ threads: 2 }, async (device) => {
      const sums = device.allocate([128]);
      device.kernels.multiplyAdds(sums, 3);
      // s ← 0.999·s + 0.001 from 0: 1 − 0.999³.
      for (const sum of await readFloats(device, sums)) {
        assert.ok(Math.abs(sum - (1 - 0.999 ** 3)) < 1e-6);
      }
    });
  });
});
