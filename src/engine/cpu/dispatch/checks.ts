/**
 * Checks of shapes that the dispatchers share; each throws ShapeError with both shapes.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import { shapeText, type Tensor } from "../../tensor.ts";

/** Elements of a row; a vector has rows of one. */
export function rowWidth(tensor: Tensor): number {
  return tensor.size / tensor.shape[0]!;
}

/** All tensors hold as many elements as `out`. */
export function requireSameSize(name: string, out: Tensor, ...others: readonly Tensor[]): void {
  for (const other of others) {
    if (other.size === out.size) continue;
    throw new ShapeError(
      `${name}: output is ${shapeText(out.shape)}, an input is ${shapeText(other.shape)}; ` +
        "expected as many elements",
    );
  }
}

/** `actual` elements are there where `expected` are needed. */
export function requireSize(name: string, part: string, tensor: Tensor, expected: number): void {
  if (tensor.size === expected) return;
  throw new ShapeError(
    `${name}: ${part} is ${shapeText(tensor.shape)}, expected ${expected} elements`,
  );
}

/** Rows and columns of a matrix. */
export function requireMatrix(name: string, tensor: Tensor): readonly [number, number] {
  const [rows, columns] = tensor.shape;
  if (tensor.shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new ShapeError(`${name}: found ${shapeText(tensor.shape)}, expected a matrix`);
  }
  return [rows, columns];
}
