/**
 * What all people who are folded in by least squares share (`ridge-fold-in.ts`): the items'
 * rows in coordinates in which β·QᵀQ + λI is diagonal, made once from the item vectors.
 *
 * @module
 */

import { type Device, readFloats } from "../engine/device.ts";
import { leastSquaresUnit } from "../engine/kernels.ts";
import { sharedCoordinates } from "./least-squares-coordinates.ts";

export interface RidgeOptions {
  /** λ, or what it is for a history of that length */
  readonly regularisation: number | ((length: number) => number);
  /** β; 0 where there is a mean */
  readonly unseenWeight: number;
  /** w; default 1 */
  readonly likedWeight?: number;
  /** The score that something liked should have: b, or r where there is a mean; default 1 */
  readonly likedTarget?: number;
  /** Whether scores are ratings: then those that come with a history take the target's place; default false */
  readonly rated?: boolean;
  /**
   * μ of items [q, 1, b_i]: the score is a rating, of which mean and item bias stand still. Absent = b
   * is the target itself, and all columns are solved for.
   */
  readonly mean?: number;
}

/** (D_r + Σ w·ŷ·ŷᵀ)·v = Σ b·ŷ with D_r = diag(spectrum + λ_r), whose solution is x = v·back. */
export interface RidgeProblem {
  /** Columns that are solved for. */
  readonly columns: number;
  /** The same up to a multiple of `leastSquaresUnit`. */
  readonly width: number;
  /** Ŷ: items × width */
  readonly table: Float32Array;
  /** null = 0 */
  readonly spectrum: Float32Array | null;
  /** width × width; null = the coordinates are those of the items */
  readonly back: Float32Array | null;
  /** Whether λ is in the coordinates: then D_r is the identity. */
  readonly isUnit: boolean;
}

/** Items that are on the device at once. */
const itemsAtOnce = 8192;

/**
 * @param items items × width
 */
export async function prepareRidge(
  device: Device,
  items: Float32Array,
  itemWidth: number,
  { regularisation, unseenWeight, mean }: RidgeOptions,
): Promise<RidgeProblem> {
  const columns = mean === undefined ? itemWidth : itemWidth - 1;
  const width = Math.ceil(columns / leastSquaresUnit) * leastSquaresUnit;
  const table = firstColumns(items, itemWidth, columns, width);
  const plain = { columns, width, table, spectrum: null, back: null, isUnit: false };
  if (unseenWeight === 0) return plain;
  const gram = await gramMatrix(device, table, width);
  const common = typeof regularisation === "number" ? regularisation : null;
  const { into, back, spectrum } = sharedCoordinates(gram, width, unseenWeight, common);
  const turned = await turn(device, table, width, into);
  return { columns, width, table: turned, spectrum, back, isUnit: common !== null };
}

/** Rows of `columns` numbers and zeros up to the width. */
function firstColumns(
  items: Float32Array,
  itemWidth: number,
  columns: number,
  width: number,
): Float32Array {
  if (itemWidth === width && columns === width) return items;
  const count = items.length / itemWidth;
  const table = new Float32Array(count * width);
  for (let item = 0; item < count; item++) {
    const row = items.subarray(item * itemWidth, item * itemWidth + columns);
    table.set(row, item * width);
  }
  return table;
}

/** YᵀY */
async function gramMatrix(
  device: Device,
  table: Float32Array,
  width: number,
): Promise<Float32Array> {
  const mark = device.mark();
  const gram = device.allocate([width, width]);
  device.kernels.fill(gram, 0);
  for (let from = 0; from < table.length; from += itemsAtOnce * width) {
    const inner = device.mark();
    const part = table.subarray(from, from + itemsAtOnce * width);
    const rows = device.upload([part.length / width, width], part);
    device.kernels.matmul(gram, rows, rows, true, false, 1, 1);
    device.release(inner);
  }
  const values = await readFloats(device, gram);
  device.release(mark);
  return values;
}

/** Y·into */
async function turn(
  device: Device,
  table: Float32Array,
  width: number,
  into: Float32Array,
): Promise<Float32Array> {
  const mark = device.mark();
  const matrix = device.upload([width, width], into);
  const turned = new Float32Array(table.length);
  for (let from = 0; from < table.length; from += itemsAtOnce * width) {
    const inner = device.mark();
    const part = table.subarray(from, from + itemsAtOnce * width);
    const shape = [part.length / width, width];
    const out = device.allocate(shape);
    device.kernels.matmul(out, device.upload(shape, part), matrix, false, false, 1, 0);
    turned.set(await readFloats(device, out), from);
    device.release(inner);
  }
  device.release(mark);
  return turned;
}
