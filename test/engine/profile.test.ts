import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { measureCeilings, multiplyAddSpeed } from "../../src/engine/ceilings.ts";
import { readFloats } from "../../src/engine/device.ts";
import { Profile, profiledDevice } from "../../src/engine/profile.ts";
import { uploadAdjacency } from "../../src/graph/bipartite.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { withDevice } from "./devices.ts";

const graph = randomGraph(13, 17, 0.3, 3);
const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 3 };

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

  it("counts what a sparse product gathers by the bytes of its rows", async () => {
    await withDevice({ threads: 1 }, async (device) => {
      const profile = new Profile();
      const watched = profiledDevice(device, profile);
      const { nodeCount, edgeCount } = graph;
      const width = 20;
      const adjacency = uploadAdjacency(watched, graph);
      const table = () => watched.upload([nodeCount, width], new Float32Array(nodeCount * width));
      const [p, mean, variance, x] = [table(), table(), table(), table()];
      const rounded = watched.allocate(x.shape, "bf16");
      watched.kernels.roundRows(rounded, x, { scale: null, rows: null });
      const options = {
        ...{ rowScale: null, columnScale: null, outScale: null, factor: 1, bias: 0 },
        ...{ base: null, baseRows: null, inputRows: null, outputRows: null },
      };
      const neighbours = 2 * edgeCount;
      // A neighbour is an index and a row: 20 floats, or two groups of sixteen bfloat16s.
      for (const [source, rowBytes] of [
        [x, 80],
        [rounded, 64],
      ] as const) {
        for (const { kernel, run, bytes, operations } of [
          {
            kernel: "propagate",
            run: () => watched.kernels.propagate(p, adjacency, source, options),
            // The result is written.
            bytes: neighbours * (4 + rowBytes) + nodeCount * 80,
            operations: neighbours * width,
          },
          {
            kernel: "propagateUpdate",
            run: () => {
              const update = { mean, variance, options: adam };
              watched.kernels.propagateUpdate(p, update, adjacency, source, options, null);
            },
            // Adam reads and writes three tables.
            bytes: neighbours * (4 + rowBytes) + nodeCount * 6 * 80,
            operations: neighbours * width + 12 * nodeCount * width,
          },
        ]) {
          const seen = () => profile.uses.find((use) => use.kernel === kernel);
          const before = { bytes: seen()?.bytes ?? 0, operations: seen()?.operations ?? 0 };
          run();
          assert.equal(seen()!.bytes - before.bytes, bytes, `${kernel} of ${source.type}`);
          assert.equal(seen()!.operations - before.operations, operations);
        }
      }
    });
  });

  it("measures a bandwidth that is no fantasy", async () => {
    await withDevice({ threads: 2 }, async (device) => {
      const { bytesPerSecond } = measureCeilings(device);
      assert.ok(bytesPerSecond > 1e8 && bytesPerSecond < 1e13);
    });
  });

  it("finds a speed of multiply-adds that our own product does not pass", async () => {
    await withDevice({ threads: 1, blas: null }, async (device) => {
      const size = 240;
      const [a, b, c] = Array.from({ length: 3 }, () => {
        const matrix = device.allocate([size, size]);
        device.kernels.fill(matrix, 0.5);
        return matrix;
      });
      let product = 0;
      const end = performance.now() + 200;
      while (performance.now() < end) {
        const begin = performance.now();
        device.kernels.matmul(c!, a!, b!, false, false, 1, 0);
        product = Math.max(product, (2 * size ** 3) / ((performance.now() - begin) / 1000));
      }
      // Other programs slow either down: the ceiling has several tries.
      let ceiling = 0;
      for (let tries = 0; tries < 5 && ceiling < 0.8 * product; tries++) {
        ceiling = Math.max(ceiling, multiplyAddSpeed(device));
      }
      assert.ok(ceiling >= 0.8 * product, `${ceiling} beside a product's ${product}`);
    });
  });

  for (const chains of [12, 16] as const) {
    it(`the register test of ${chains} chains does the multiply-adds that it says`, async () => {
      await withDevice({ threads: 2 }, async (device) => {
        const sums = device.allocate([2 * 4 * chains]);
        device.kernels.multiplyAdds(sums, chains, 3);
        // s ← 0.999·s + 0.001 from 0: 1 − 0.999³.
        for (const sum of await readFloats(device, sums)) {
          assert.ok(Math.abs(sum - (1 - 0.999 ** 3)) < 1e-6);
        }
      });
    });
  }
});
