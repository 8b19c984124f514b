import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LumiereError } from "../../src/base/errors.ts";
import { compileKernels } from "../../src/engine/cpu/module.ts";
import { compileWide } from "../../src/engine/cpu/wide.ts";

describe("256-bit vectors", () => {
  it("give the bits of the ordinary kernels", () => {
    compileWide(compileKernels("relaxed"));
  });

  it("are refused where a bit differs", () => {
    // Without fused multiply-add the last bits are others: the check must see it.
    assert.throws(
      () => compileWide(compileKernels("simd")),
      (error: unknown) => error instanceof LumiereError && error.code === "wide-kernels",
    );
  });

  it("leave V8 as it was: later modules are compiled as ever", () => {
    compileWide(compileKernels("relaxed"));
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    assert.ok(new WebAssembly.Module(bytes));
    compileKernels("relaxed");
  });
});
