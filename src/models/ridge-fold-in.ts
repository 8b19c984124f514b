/**
 * Fold-in by least squares: the vector p of a stranger solves
 *
 *   (w·Q_SᵀQ_S + β·QᵀQ + λI)·p = Q_Sᵀ·b
 *
 * where Q_S are the rows of the history and Q all items: with w = b = 1 liked items
 * should score 1, and all items are pulled to 0 with the small weight β (the implicit
 * objective of Hu, Koren & Volinsky 2008 for one user).
 *
 * Where items have biases, Q = [q, 1, b_i] and vectors are [p, b_u + μ, 1]: then the score
 * μ + b_u + b_i + p·q is to be the rating r. What the mean and the item say is taken off it,
 * b = r − μ − b_i, and [p, b_u] are solved for on [q, 1]: a half-step of training ratings.
 * Who has no history has p = 0 and b_u = 0, and the items' own order.
 *
 * People are solved for in blocks by the kernels that train ALS, in coordinates that all share
 * (`ridge-problem.ts`). Nobody's numbers depend on who else is in the block, nor on threads.
 *
 * @module
 */

import { type Device, readFloats } from "../engine/device.ts";
import { exclusively } from "../engine/exclusive.ts";
import { sharedDevice } from "../engine/shared.ts";
import type { Tensor } from "../engine/tensor.ts";
import { uploadRows } from "../graph/bipartite.ts";
import type { FoldIn } from "./embedding-recommender.ts";
import type { Histories, SavedTensors } from "./recommender.ts";
import { prepareRidge, type RidgeOptions, type RidgeProblem } from "./ridge-problem.ts";

/** Most people of a block: also between two turns of the event loop. */
const peopleAtOnce = 256;

/** Numbers of items' rows in a block, unless one person has more: 16 MiB. */
const floatsAtOnce = 1 << 22;

/** People whose vectors are turned back together: always as many, because products of other shapes round otherwise. */
const turnedAtOnce = 16;

/** Least-squares problems over histories. */
interface Block {
  readonly indptr: Int32Array;
  readonly items: Int32Array;
  readonly weights: Float32Array;
  readonly targets: Float32Array;
  /** λ of each person */
  readonly ridge: Float32Array;
}

export class RidgeFoldIn implements FoldIn {
  readonly explanationBasis = "least-squares";
  readonly #items: Float32Array;
  readonly #width: number;
  readonly #options: RidgeOptions;
  /** Made when somebody is first folded in. */
  #problem: RidgeProblem | null = null;

  /** @param items items × width */
  constructor(items: Float32Array, width: number, options: RidgeOptions) {
    this.#items = items;
    this.#width = width;
    this.#options = options;
  }

  vectors(histories: Histories, device?: Device): Promise<Float32Array> {
    return onDevice(device, (own) => this.#vectors(histories, own));
  }

  contributions(history: Int32Array, item: number): Promise<Float32Array> {
    return onDevice(undefined, (device) => this.#contributions(history, item, device));
  }

  save(): SavedTensors {
    return {};
  }

  async #vectors({ indptr, indices, values }: Histories, device: Device): Promise<Float32Array> {
    const width = this.#width;
    const people = indptr.length - 1;
    const vectors = new Float32Array(people * width);
    const problem = await this.#prepared(device);
    const { likedWeight = 1, mean } = this.#options;
    for (let first = 0; first < people; ) {
      const last = blockEnd(indptr, first, Math.max(1, floatsAtOnce / problem.width));
      const [from, to] = [indptr[first]!, indptr[last]!];
      const items = indices.subarray(from, to);
      const solved = await solveBlock(device, problem, {
        indptr: indptr.slice(first, last + 1).map((at) => at - from),
        items,
        weights: new Float32Array(items.length).fill(likedWeight),
        targets: this.#targets(items, values?.subarray(from, to)),
        ridge: Float32Array.from({ length: last - first }, (_, at) =>
          this.#ridge(problem, indptr[first + at + 1]! - indptr[first + at]!),
        ),
      });
      const table = await turnBack(device, problem, solved);
      for (let person = first; person < last; person++) {
        const row = (person - first) * problem.width;
        vectors.set(table.subarray(row, row + problem.columns), person * width);
        if (mean === undefined) continue;
        vectors[person * width + width - 2]! += mean;
        vectors[person * width + width - 1] = 1;
      }
      first = last;
      if (first < people) await new Promise((resolve) => setImmediate(resolve));
    }
    return vectors;
  }

  /** b_j·q_jᵀ·M⁻¹·q_i with M the history's matrix: the item is a neighbour that weighs nothing and is asked for. */
  async #contributions(history: Int32Array, item: number, device: Device): Promise<Float32Array> {
    const problem = await this.#prepared(device);
    const { likedWeight = 1 } = this.#options;
    const count = history.length;
    const items = Int32Array.of(...history, item);
    const weights = new Float32Array(count + 1).fill(likedWeight);
    weights[count] = 0;
    const solved = await solveBlock(device, problem, {
      indptr: Int32Array.of(0, count + 1),
      items,
      weights,
      targets: Float32Array.from(items, (_, at) => (at < count ? 0 : 1)),
      ridge: Float32Array.of(this.#ridge(problem, count)),
    });
    const { width, table } = problem;
    return this.#targets(history).map((target, at) => {
      const row = history[at]! * width;
      let product = 0;
      for (let column = 0; column < width; column++) {
        product += solved[column]! * table[row + column]!;
      }
      return target * product;
    });
  }

  /** b of some items of a history. */
  #targets(items: Int32Array, ratings?: Float32Array): Float32Array {
    const { likedTarget = 1, rated = false, mean } = this.#options;
    const width = this.#width;
    return Float32Array.from(items, (item, at) => {
      const target = rated && ratings ? ratings[at]! : likedTarget;
      if (mean === undefined) return target;
      return target - mean - this.#items[item * width + width - 1]!;
    });
  }

  /** What is added to the diagonal for a history of that length. */
  #ridge({ isUnit }: RidgeProblem, length: number): number {
    const { regularisation } = this.#options;
    if (isUnit) return 1;
    return typeof regularisation === "number" ? regularisation : regularisation(length);
  }

  async #prepared(device: Device): Promise<RidgeProblem> {
    this.#problem ??= await prepareRidge(device, this.#items, this.#width, this.#options);
    return this.#problem;
  }
}

/** @param device one that the caller has alone; else the process's own, in turn */
async function onDevice<T>(
  device: Device | undefined,
  work: (device: Device) => Promise<T>,
): Promise<T> {
  if (device) return work(device);
  const shared = await sharedDevice();
  return exclusively(shared, () => work(shared));
}

/** Where a block from `first` on ends: it has so many entries at most, or one person. */
function blockEnd(indptr: Int32Array, first: number, entries: number): number {
  const end = Math.min(indptr.length - 1, first + peopleAtOnce);
  let last = first + 1;
  while (last < end && indptr[last + 1]! - indptr[first]! <= entries) last++;
  return last;
}

/** Solutions in the problem's coordinates, people × its width; zeros for empty rows. */
async function solveBlock(
  device: Device,
  { table, width, spectrum }: RidgeProblem,
  { indptr, items, weights, targets, ridge }: Block,
): Promise<Float32Array> {
  const people = indptr.length - 1;
  if (items.length === 0) return new Float32Array(people * width);
  const mark = device.mark();
  // The rows of the block's items alone, in the order in which they first appear.
  const places = new Map<number, number>();
  const indices = items.map((item) => {
    const place = places.get(item) ?? places.size;
    places.set(item, place);
    return place;
  });
  const near = new Float32Array(places.size * width);
  for (const [item, place] of places) {
    near.set(table.subarray(item * width, (item + 1) * width), place * width);
  }
  const out = device.allocate([people, width]);
  const system = {
    rows: uploadRows(device, { indptr, indices }, places.size),
    table: device.upload([places.size, width], near),
    weights: device.upload([items.length], weights),
    targets: device.upload([items.length], targets),
    spectrum: spectrum && device.upload([width], spectrum),
    ridge: device.upload([people], ridge),
  };
  device.kernels.solveRows(out, system, 0, people);
  const solved = await readFloats(device, out);
  device.release(mark);
  return solved;
}

/** X = V·back, in pieces of one shape. */
async function turnBack(
  device: Device,
  { width, back }: RidgeProblem,
  solved: Float32Array,
): Promise<Float32Array> {
  if (!back) return solved;
  const mark = device.mark();
  const matrix = device.upload([width, width], back);
  const v = device.allocate([turnedAtOnce, width]);
  const x: Tensor = device.allocate([turnedAtOnce, width]);
  const turned = new Float32Array(solved.length);
  for (let from = 0; from < solved.length; from += v.size) {
    const piece = new Float32Array(v.size);
    piece.set(solved.subarray(from, from + v.size));
    device.write(v, piece);
    device.kernels.matmul(x, v, matrix, false, false, 1, 0);
    const rows = await readFloats(device, x);
    turned.set(rows.subarray(0, solved.length - from), from);
  }
  device.release(mark);
  return turned;
}
