/**
 * Taking a saved model apart: every array is checked by name, shape and type
 * before a model believes it.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { WeightedRows } from "../graph/weighted-rows.ts";
import type { SavedTensor, SavedTensors } from "./recommender.ts";

/**
 * The named array of 32-bit floats; throws BadInputError("bundle-tensor") where it is missing,
 * of another shape or of another type.
 */
export function floatTensor(
  tensors: SavedTensors,
  name: string,
  shape: readonly number[],
): Float32Array {
  const { data } = checked(tensors, name, shape);
  if (data instanceof Float32Array) return data;
  throw damaged(name, `32-bit integers, expected 32-bit floats`);
}

/** The named array of 32-bit integers; throws as `floatTensor` does. */
export function integerTensor(
  tensors: SavedTensors,
  name: string,
  shape: readonly number[],
): Int32Array {
  const { data } = checked(tensors, name, shape);
  if (data instanceof Int32Array) return data;
  throw damaged(name, `32-bit floats, expected 32-bit integers`);
}

function checked(tensors: SavedTensors, name: string, shape: readonly number[]): SavedTensor {
  const tensor = tensors[name];
  if (tensor === undefined) {
    const names = Object.keys(tensors).join(", ") || "none";
    throw damaged(name, `missing (arrays: ${names})`);
  }
  const size = shape.reduce((product, length) => product * length, 1);
  const sameShape =
    tensor.shape.length === shape.length &&
    tensor.shape.every((length, at) => length === shape[at]);
  if (!sameShape || tensor.data.length !== size) {
    throw damaged(
      name,
      `[${tensor.shape.join(", ")}] with ${tensor.data.length} numbers, expected [${shape.join(", ")}]`,
    );
  }
  return tensor;
}

function damaged(name: string, found: string): BadInputError {
  return new BadInputError(
    "bundle-tensor",
    `array "${name}" of the saved model is ${found}; the bundle is damaged or of another model: train it again`,
  );
}

/** A saved sparse matrix: `name.indptr`, `name.indices` and `name.values`; throws as `floatTensor` does. */
export function savedRows(
  tensors: SavedTensors,
  name: string,
  rowCount: number,
  columnCount: number,
): WeightedRows {
  const indptr = integerTensor(tensors, `${name}.indptr`, [rowCount + 1]);
  const entries = indptr[rowCount]!;
  if (indptr[0] !== 0 || indptr.some((end, row) => row > 0 && end < indptr[row - 1]!)) {
    throw damaged(`${name}.indptr`, "not a list of ascending row ends from 0");
  }
  const indices = integerTensor(tensors, `${name}.indices`, [entries]);
  const outside = indices.find((column) => column < 0 || column >= columnCount);
  if (outside !== undefined) {
    throw damaged(`${name}.indices`, `naming column ${outside}, expected 0 … ${columnCount - 1}`);
  }
  return { indptr, indices, values: floatTensor(tensors, `${name}.values`, [entries]) };
}
