/**
 * Dispatch of the element-wise kernels and of sums.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { BinaryFunction, Kernels, UnaryFunction } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";

type ElementwiseKernels = Pick<
  Kernels,
  "fill" | "scaleAdd" | "binary" | "addProduct" | "unary" | "unaryGradient" | "sum"
>;

/** Elements that are worth waking a second thread for: memory-bound, and with a function to call. */
const lightGrain = 16384;
const heavyGrain = 2048;
/** Fixed in `kernels/reduce.ts`. */
const blockSize = 4096;

/** Positions in the kernels' own enumerations. */
const unaryCodes: Record<UnaryFunction, number> = {
  relu: 0,
  "leaky-relu": 1,
  sigmoid: 2,
  tanh: 3,
  softplus: 4,
  exp: 5,
  log: 6,
  square: 7,
  sqrt: 8,
};
const binaryCodes: Record<BinaryFunction, number> = { add: 0, subtract: 1, multiply: 2, divide: 3 };

export function elementwiseKernels(host: CpuHost): ElementwiseKernels {
  const { pool } = host;
  const light = (out: Tensor) => ({ units: out.size, grain: lightGrain });
  const heavy = (out: Tensor) => ({ units: out.size, grain: heavyGrain });
  return {
    fill(out, value) {
      pool.run("fill", light(out), out.handle, value);
    },
    scaleAdd(out, x, a, b) {
      sameSize("scaleAdd", out, x);
      pool.run("scaleAdd", light(out), out.handle, x.handle, a, b);
    },
    binary(f, out, a, b) {
      sameSize(f, out, a, b);
      pool.run("binary", light(out), binaryCodes[f], out.handle, a.handle, b.handle);
    },
    addProduct(out, a, b, c) {
      sameSize("addProduct", out, a, b);
      pool.run("addProduct", light(out), out.handle, a.handle, b.handle, c);
    },
    unary(f, out, x) {
      sameSize(f, out, x);
      pool.run("unary", heavy(out), unaryCodes[f], out.handle, x.handle);
    },
    unaryGradient(f, gradX, gradY, x, y) {
      sameSize(`gradient of ${f}`, gradX, gradY, x, y);
      const places = [gradX.handle, gradY.handle, x.handle, y.handle];
      pool.run("unaryGradient", heavy(gradX), unaryCodes[f], ...places);
    },
    sum(out, x, scale) {
      const mark = host.mark();
      const blocks = Math.ceil(x.size / blockSize);
      const partial = host.allocate(8 * blocks);
      pool.run("sumBlocks", { units: blocks, grain: 4 }, partial, x.handle, x.size);
      pool.run("sumPartials", { units: blocks, grain: blocks }, out.handle, partial, scale);
      host.release(mark);
    },
  };
}

function sameSize(name: string, out: Tensor, ...others: Tensor[]): void {
  for (const other of others) {
    if (other.size === out.size) continue;
    throw new ShapeError(`${name}: ${shapeText(out.shape)} against ${shapeText(other.shape)}`);
  }
}
