import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileKernels } from "../../src/engine/cpu/module.ts";
import { checkWide, propagationBits, sameBits } from "../../src/engine/cpu/wide.ts";

describe("256-bit vectors", () => {
  it("give the bits of the baseline compiler", () => {
    checkWide(compileKernels("relaxed"));
  });

  it("would be refused where a bit differs: without fused multiply-add the last ones do", () => {
    const fused = propagationBits(compileKernels("relaxed"));
    assert.ok(sameBits(propagationBits(compileKernels("relaxed")), fused));
    assert.ok(!sameBits(propagationBits(compileKernels("simd")), fused));
  });
});
