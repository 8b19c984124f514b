/**
 * Checks of shapes that the operators share; each throws ShapeError with the
 * shapes that it found and expected.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Variable } from "../tape.ts";
import { shapeText } from "../tensor.ts";

/** Two inputs of the same shape; returns it. */
export function sameShape(name: string, a: Variable, b: Variable): readonly number[] {
  const [left, right] = [shapeText(a.value.shape), shapeText(b.value.shape)];
  if (left === right) return a.value.shape;
  throw new ShapeError(`${name}: ${left} against ${right}, expected the same shape`);
}

/** Rows and columns of a matrix. */
export function matrix(name: string, x: Variable): readonly [number, number] {
  const [rows, columns] = x.value.shape;
  if (x.value.shape.length === 2 && rows !== undefined && columns !== undefined) {
    return [rows, columns];
  }
  throw new ShapeError(`${name}: found ${shapeText(x.value.shape)}, expected a matrix`);
}

/** An input of `length` numbers, one for each row or column of `x`. */
export function oneForEach(name: string, part: string, s: Variable, x: Variable, length: number) {
  if (s.value.size === length) return;
  throw new ShapeError(
    `${name}: ${shapeText(x.value.shape)} against ${part} ${shapeText(s.value.shape)}, ` +
      `expected ${length} numbers`,
  );
}
