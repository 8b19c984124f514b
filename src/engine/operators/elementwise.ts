/**
 * Element-wise operators.
 *
 * @module
 */

import type { UnaryFunction } from "../dense-kernels.ts";
import type { Variable } from "../tape.ts";
import { sameShape } from "./shapes.ts";

/** a + b, same shape */
export function add(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const out = device.allocate(sameShape("add", a, b));
  device.kernels.binary("add", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    for (const input of [a, b]) {
      sink.write(input, (into, adds) => device.kernels.scaleAdd(into, gradient, 1, adds ? 1 : 0));
    }
  });
}

/** a − b, same shape */
export function subtract(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const out = device.allocate(sameShape("subtract", a, b));
  device.kernels.binary("subtract", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    sink.write(a, (into, adds) => device.kernels.scaleAdd(into, gradient, 1, adds ? 1 : 0));
    sink.write(b, (into, adds) => device.kernels.scaleAdd(into, gradient, -1, adds ? 1 : 0));
  });
}

/** a ⊙ b, same shape */
export function multiply(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const out = device.allocate(sameShape("multiply", a, b));
  device.kernels.binary("multiply", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    const pairs = [
      [a, b],
      [b, a],
    ] as const;
    for (const [input, other] of pairs) {
      sink.write(input, (into, adds) => {
        if (adds) device.kernels.addProduct(into, gradient, other.value, 1);
        else device.kernels.binary("multiply", into, gradient, other.value);
      });
    }
  });
}

/** a ⊘ b, same shape; ∂/∂a = 1/b, ∂/∂b = −(a/b)/b */
export function divide(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const out = device.allocate(sameShape("divide", a, b));
  device.kernels.binary("divide", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    const ratio = device.allocate(out.shape);
    device.kernels.binary("divide", ratio, gradient, b.value);
    sink.write(a, (into, adds) => device.kernels.scaleAdd(into, ratio, 1, adds ? 1 : 0));
    const intoB = sink.addTo(b);
    if (intoB) device.kernels.addProduct(intoB, ratio, out, -1);
  });
}

/** c·x */
export function scale(x: Variable, c: number): Variable {
  const { device } = x.tape;
  const out = device.allocate(x.value.shape);
  device.kernels.scaleAdd(out, x.value, c, 0);
  return x.tape.record(out, [x], (gradient, sink) => {
    sink.write(x, (into, adds) => device.kernels.scaleAdd(into, gradient, c, adds ? 1 : 0));
  });
}

/** x + c */
export function addConstant(x: Variable, c: number): Variable {
  const { device } = x.tape;
  const out = device.allocate(x.value.shape);
  device.kernels.fill(out, c);
  device.kernels.scaleAdd(out, x.value, 1, 1);
  return x.tape.record(out, [x], (gradient, sink) => {
    sink.write(x, (into, adds) => device.kernels.scaleAdd(into, gradient, 1, adds ? 1 : 0));
  });
}

/** Which random numbers a dropout draws: the key of a stream, and a number that differs from draw to draw. */
export interface DropoutDraw {
  readonly key0: number;
  readonly key1: number;
  readonly draw: number;
}

/**
 * x where kept, scaled by 1/(1 − rate), else 0 (Srivastava et al., JMLR 2014).
 * @param rate share that is dropped, in [0, 1)
 */
export function dropout(x: Variable, rate: number, { key0, key1, draw }: DropoutDraw): Variable {
  const { device } = x.tape;
  const out = device.allocate(x.value.shape);
  device.kernels.dropout(out, x.value, rate, key0, key1, draw);
  return x.tape.record(out, [x], (gradient, sink) => {
    sink.overwrite(x, (into) => device.kernels.dropout(into, gradient, rate, key0, key1, draw));
  });
}

function unary(f: UnaryFunction): (x: Variable) => Variable {
  return (x) => {
    const { device } = x.tape;
    const out = device.allocate(x.value.shape);
    device.kernels.unary(f, out, x.value);
    return x.tape.record(out, [x], (gradient, sink) => {
      const into = sink.addTo(x);
      if (into) device.kernels.unaryGradient(f, into, gradient, x.value, out);
    });
  };
}

/** max(x, 0) */
export const relu = unary("relu");
/** x above zero, 0.2·x below */
export const leakyRelu = unary("leaky-relu");
/** 1/(1 + e^−x) */
export const sigmoid = unary("sigmoid");
/** Hyperbolic tangent. */
export const tanh = unary("tanh");
/** ln(1 + eˣ), stable for large |x| */
export const softplus = unary("softplus");
/** eˣ */
export const exp = unary("exp");
/** Natural logarithm. */
export const log = unary("log");
/** x² */
export const square = unary("square");
/** √x */
export const sqrt = unary("sqrt");
