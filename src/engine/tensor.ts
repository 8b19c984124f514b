/**
 * A tensor is a shape and a place on a device. It holds no numbers itself:
 * kernels work on it where it lies, and reading it back is asynchronous.
 *
 * @module
 */

/** bf16: a matrix for gathering alone, see `byteLength`; only `roundRows` and `propagate` know it. */
export type ElementType = "f32" | "i32" | "bf16";

export interface Tensor {
  /** Row-major; a scalar has shape [1]. */
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Number of elements. */
  readonly size: number;
  /** The device's own name for the place: on the CPU a byte offset into the arena. */
  readonly handle: number;
}

/** Product of the dimensions. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** 32-bit words that a row of a bf16 matrix takes: two numbers a word, whole groups of sixteen columns. */
export function wordsOfRow(width: number): number {
  return 8 * Math.ceil(width / 16);
}

/** Bytes that a tensor takes. */
export function byteLength(shape: readonly number[], type: ElementType): number {
  return 4 * (type === "bf16" ? shape[0]! * wordsOfRow(shape[1]!) : sizeOf(shape));
}

/** "2×3" for error messages. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join("×");
}
