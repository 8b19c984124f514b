/**
 * A tensor is a shape and a place on a device. It holds no numbers itself:
 * kernels work on it where it lies, and reading it back is asynchronous.
 *
 * @module
 */

export type ElementType = "f32" | "i32";

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

/** "2×3" for error messages. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join("×");
}
