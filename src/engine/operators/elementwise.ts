/**
 * Element-wise operators.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { UnaryFunction } from "../kernels.ts";
import type { Variable } from "../tape.ts";
import { shapeText, sizeOf } from "../tensor.ts";

/** a + b, same shape */
export function add(a: Variable, b: Variable): Variable {
  const { device } = sameShape("add", a, b).tape;
  const out = device.allocate(a.value.shape);
  device.kernels.binary("add", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    for (const input of [a, b]) {
      const target = sink.addTo(input);
      if (target) device.kernels.scaleAdd(target, gradient, 1, 1);
    }
  });
}

/** a − b, same shape */
export function subtract(a: Variable, b: Variable): Variable {
  const { device } = sameShape("subtract", a, b).tape;
  const out = device.allocate(a.value.shape);
  device.kernels.binary("subtract", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    const intoA = sink.addTo(a);
    if (intoA) device.kernels.scaleAdd(intoA, gradient, 1, 1);
    const intoB = sink.addTo(b);
    if (intoB) device.kernels.scaleAdd(intoB, gradient, -1, 1);
  });
}

/** a ⊙ b, same shape */
export function multiply(a: Variable, b: Variable): Variable {
  const { device } = sameShape("multiply", a, b).tape;
  const out = device.allocate(a.value.shape);
  device.kernels.binary("multiply", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    const intoA = sink.addTo(a);
    if (intoA) device.kernels.addProduct(intoA, gradient, b.value, 1);
    const intoB = sink.addTo(b);
    if (intoB) device.kernels.addProduct(intoB, gradient, a.value, 1);
  });
}

/** a ⊘ b, same shape */
export function divide(a: Variable, b: Variable): Variable {
  const { device } = sameShape("divide", a, b).tape;
  const out = device.allocate(a.value.shape);
  device.kernels.binary("divide", out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    const ratio = device.allocate(a.value.shape);
    device.kernels.binary("divide", ratio, gradient, b.value);
    const intoA = sink.addTo(a);
    if (intoA) device.kernels.scaleAdd(intoA, ratio, 1, 1);
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
    const target = sink.addTo(x);
    if (target) device.kernels.scaleAdd(target, gradient, c, 1);
  });
}

/** The same numbers in another shape of the same size. */
export function reshape(x: Variable, shape: readonly number[]): Variable {
  const { size } = x.value;
  if (sizeOf(shape) !== size) {
    throw new ShapeError(`reshape: ${shapeText(x.value.shape)} into ${shapeText(shape)}`);
  }
  return x.tape.record({ ...x.value, shape }, [x], (gradient, sink) => {
    const target = sink.addTo(x);
    if (target) x.tape.device.kernels.scaleAdd(target, gradient, 1, 1);
  });
}

function unary(f: UnaryFunction): (x: Variable) => Variable {
  return (x) => {
    const { device } = x.tape;
    const out = device.allocate(x.value.shape);
    device.kernels.unary(f, out, x.value);
    return x.tape.record(out, [x], (gradient, sink) => {
      const target = sink.addTo(x);
      if (target) device.kernels.unaryGradient(f, target, gradient, x.value, out);
    });
  };
}

/** max(x, 0) */
export const relu = unary("relu");
/** x above zero, 0.2·x below */
export const leakyRelu = unary("leaky-relu");
/** 1/(1 + e^−x) */
export const sigmoid = unary("sigmoid");
export const tanh = unary("tanh");
/** ln(1 + eˣ), stable for large |x| */
export const softplus = unary("softplus");
export const exp = unary("exp");
/** Natural logarithm. */
export const log = unary("log");
export const square = unary("square");
export const sqrt = unary("sqrt");

function sameShape(name: string, a: Variable, b: Variable): Variable {
  const [left, right] = [shapeText(a.value.shape), shapeText(b.value.shape)];
  if (left !== right) throw new ShapeError(`${name}: ${left} against ${right}, expected the same`);
  return a;
}
