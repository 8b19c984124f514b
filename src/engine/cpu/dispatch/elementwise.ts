/**
 * Dispatch of the element-wise kernels and of the sum.
 *
 * @module
 */

import type { BinaryFunction, UnaryFunction } from "../../dense-kernels.ts";
import type { Kernels } from "../../kernels.ts";
import type { Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize } from "./checks.ts";

type ElementwiseKernels = Pick<
  Kernels,
  "fill" | "scaleAdd" | "binary" | "addProduct" | "unary" | "unaryGradient" | "dropout" | "sum"
>;

/** Elements that are worth waking another thread for: a few microseconds of work. */
const lightGrain = 16384;
/** The same for exponentials, and blocks of random numbers. */
const heavyGrain = 4096;
const blockGrain = 256;

/** Elements of a block of `sum`, fixed in `kernels/reduce.ts`. */
const sumBlock = 4096;

/** Order of the numbers in `kernels/elementwise.ts` and `kernels/unary.ts`. */
const binaryFunctions: readonly BinaryFunction[] = ["add", "subtract", "multiply", "divide"];
const unaryFunctions: readonly UnaryFunction[] = [
  ...(["relu", "leaky-relu", "sigmoid", "tanh", "softplus", "exp", "log"] as const),
  ...(["square", "sqrt"] as const),
];
const transcendental: readonly UnaryFunction[] = ["sigmoid", "tanh", "softplus", "exp", "log"];

export function elementwiseKernels(host: CpuHost): ElementwiseKernels {
  const { pool } = host;
  const light = (out: Tensor) => ({ units: out.size, grain: lightGrain });
  const chunksOf = (f: UnaryFunction, out: Tensor) =>
    transcendental.includes(f) ? { units: out.size, grain: heavyGrain } : light(out);
  return {
    fill(out, value) {
      pool.run("fill", light(out), out.handle, out.type === "i32" ? value : bitsOf(value));
    },
    scaleAdd(out, x, a, b) {
      requireSameSize("scaleAdd", out, x);
      if (b === 0) pool.run("scale", light(out), out.handle, x.handle, a);
      else pool.run("scaleAdd", light(out), out.handle, x.handle, a, b);
    },
    binary(f, out, a, b) {
      requireSameSize(f, out, a, b);
      const code = binaryFunctions.indexOf(f);
      pool.run("binary", light(out), code, out.handle, a.handle, b.handle);
    },
    addProduct(out, a, b, c) {
      requireSameSize("addProduct", out, a, b);
      pool.run("addProduct", light(out), out.handle, a.handle, b.handle, c);
    },
    unary(f, out, x) {
      requireSameSize(f, out, x);
      pool.run("unary", chunksOf(f, out), unaryFunctions.indexOf(f), out.handle, x.handle);
    },
    unaryGradient(f, gradX, gradY, x, y) {
      requireSameSize(`gradient of ${f}`, gradX, gradY, x, y);
      const places = [gradX.handle, gradY.handle, x.handle, y.handle];
      pool.run("unaryGradient", chunksOf(f, gradX), unaryFunctions.indexOf(f), ...places);
    },
    dropout(out, x, rate, key0, key1, draw) {
      requireSameSize("dropout", out, x);
      if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout rate ${rate} is not in [0, 1)`);
      // Sixteen random bits an element; the factor belongs to the rate as it is rounded to them.
      const threshold = Math.min(65535, Math.round(rate * 65536));
      pool.run(
        "dropout",
        { units: Math.ceil(out.size / 8), grain: blockGrain },
        ...[out.handle, x.handle, out.size, threshold, 65536 / (65536 - threshold)],
        ...[key0, key1, draw],
      );
    },
    sum(out, x, scale) {
      requireSize("sum", "output", out, 1);
      const mark = host.mark();
      const blocks = Math.ceil(x.size / sumBlock);
      const partials = host.allocate(4 * blocks);
      pool.run("sumBlocks", { units: blocks, grain: 4 }, partials, x.handle, x.size);
      pool.run("sumPartials", { units: blocks, grain: blocks }, out.handle, partials, scale);
      host.release(mark);
    },
  };
}

const word = new Int32Array(1);
const float = new Float32Array(word.buffer);

/** The 32 bits of a float. */
function bitsOf(value: number): number {
  float[0] = value;
  return word[0]!;
}
