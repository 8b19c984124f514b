/**
 * EASE — Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019.
 *
 *   min_B ‖X − X·B‖² + λ·‖B‖²,   diag(B) = 0                        (equations 1 and 2)
 *   P = (XᵀX + λI)⁻¹,   B = I − P·diag(1/diag(P))                    (equation 8)
 *   ŷ_uj = Σ_{i ∈ N_u} B_ij                                           (equation 3)
 *
 * The Gram matrix is made from sparse rows; P takes its place. The paper keeps all of B, and so
 * does `weights` 0; otherwise the k largest weights by size of each item are kept, which is what
 * makes a small bundle of a large catalogue.
 *
 * @module
 */

import { freemem } from "node:os";
import { z } from "zod";
import { MemoryError, StoppedError } from "../base/errors.ts";
import { type Rows, rowsByUser } from "../data/interactions.ts";
import { readFloats } from "../engine/device.ts";
import { invertPositive } from "../engine/positive-inverse.ts";
import type { Tensor } from "../engine/tensor.ts";
import { transposeRows } from "../graph/bipartite.ts";
import {
  collectRows,
  transposeWeighted,
  uploadPattern,
  type WeightedRows,
  type WorkContext,
} from "../graph/weighted-rows.ts";
import {
  DenseItemWeights,
  itemWeightRecommender,
  loadItemWeights,
  SparseItemWeights,
} from "./item-weights.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { searchRange } from "./search-range.ts";

const schema = z.object({
  regularisation: z
    .number()
    .positive()
    .meta(searchRange(1, 10_000, { log: true }))
    .default(300)
    .describe("λ: how strongly weights are pulled to zero; more for more users"),
  weights: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe("k: weights kept of each item, the largest by size; 0 = all"),
});

export const ease: ClosedFormDefinition = {
  kind: "closed-form",
  name: "ease",
  title: "EASE",
  paper: "Steck. Embarrassingly Shallow Autoencoders for Sparse Data. WWW 2019",
  summary: "Linear regression of every item on all others, in closed form.",
  hyperparameters: schema,
  async fit(hyperparameters, context) {
    const { regularisation, weights } = schema.parse(hyperparameters);
    const { users, items } = context.dataset;
    checkRoom(items.size);
    const seen = rowsByUser(context.train, users.size);
    const matrix = await gramMatrix(context, seen, items.size);
    for (let item = 0; item < items.size; item++)
      matrix[item * items.size + item]! += regularisation;
    await invertPositive(context, matrix, items.size);
    return itemWeightRecommender(
      weights > 0 && weights < items.size
        ? new SparseItemWeights(await largestWeights(context, matrix, items.size, weights))
        : new DenseItemWeights(allWeights(matrix, items.size), items.size),
      seen,
    );
  },
  load: (tensors, _hyperparameters, context) => loadItemWeights(tensors, context),
};

/** Rows of the Gram matrix and of its inverse that are on the device at once: 64 MiB. */
const entriesAtOnce = 1 << 24;

/** @throws MemoryError where the items' square does not fit */
function checkRoom(itemCount: number): void {
  // The matrix, and blocks of it on their way to the device and back.
  const bytes = 4 * itemCount ** 2 + 4 * itemCount * 8192;
  const free = Math.min(process.availableMemory(), freemem() + process.memoryUsage().rss);
  if (bytes <= free) return;
  const gibibytes = (x: number) => `${(x / 2 ** 30).toFixed(1)} GiB`;
  throw new MemoryError(
    `EASE holds items × items numbers: ${gibibytes(bytes)} for ${itemCount} items, ` +
      `and ${gibibytes(free)} are free; keep fewer items (--min-per-item 10, --k-core 5), ` +
      "or take slim or rp3beta, which stay sparse",
  );
}

/** Lower half of XᵀX, in ordinary memory, which may be larger than the device's. */
async function gramMatrix(
  { device, signal, progress }: WorkContext,
  seen: Rows,
  itemCount: number,
): Promise<Float32Array> {
  const matrix = new Float32Array(itemCount ** 2);
  const mark = device.mark();
  const rows = uploadPattern(device, seen, itemCount);
  const columns = uploadPattern(device, transposeRows(seen, itemCount), rows.rowCount);
  const block = Math.max(1, Math.floor(entriesAtOnce / itemCount));
  for (let first = 0; first < itemCount; first += block) {
    if (signal.aborted) throw new StoppedError(`stopped at ${first} of ${itemCount} items`);
    const count = Math.min(block, itemCount - first);
    const inner = device.mark();
    const out = device.allocate([count, itemCount]);
    device.kernels.gramRows(out, first, columns, rows);
    matrix.set(await readFloats(device, out), first * itemCount);
    device.release(inner);
    progress({ stage: "fit", done: first + count, total: itemCount, unit: "rows" });
    await new Promise(setImmediate);
  }
  device.release(mark);
  return matrix;
}

/** B in the place of P. */
function allWeights(p: Float32Array, itemCount: number): Float32Array {
  const diagonal = Float64Array.from({ length: itemCount }, (_, j) => p[j * itemCount + j]!);
  for (let row = 0; row < itemCount; row++) {
    const line = p.subarray(row * itemCount, (row + 1) * itemCount);
    for (let column = 0; column < itemCount; column++) line[column]! /= -diagonal[column]!;
    line[row] = 0;
  }
  return p;
}

/** The k largest of each column of B by size; as P is symmetric, they are in its rows. */
async function largestWeights(
  context: WorkContext,
  p: Float32Array,
  itemCount: number,
  k: number,
): Promise<WeightedRows> {
  const { device } = context;
  const rows = Math.max(1, Math.floor(entriesAtOnce / itemCount));
  const fill = (columns: Tensor, values: Tensor, first: number) => {
    const count = columns.shape[0]!;
    const sizes = p.slice(first * itemCount, (first + count) * itemCount);
    for (let row = 0; row < count; row++) {
      const line = sizes.subarray(row * itemCount, (row + 1) * itemCount);
      for (let column = 0; column < itemCount; column++) line[column] = Math.abs(line[column]!);
      line[first + row] = -1;
    }
    const scores = device.upload([count, itemCount], sizes);
    device.kernels.rankScores(columns, values, scores, null, k);
  };
  const byTarget = await collectRows(context, itemCount, k, fill, rows);
  for (let target = 0; target < itemCount; target++) {
    for (let at = byTarget.indptr[target]!; at < byTarget.indptr[target + 1]!; at++) {
      byTarget.values[at] =
        -p[target * itemCount + byTarget.indices[at]!]! / p[target * itemCount + target]!;
    }
  }
  return transposeWeighted(byTarget, itemCount);
}
