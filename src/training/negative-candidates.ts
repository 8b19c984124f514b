/**
 * Negatives near the user on the graph: the unseen items that a random walk
 * user → item → user → item reaches most often, popular ones held back (RP3β,
 * Paudel, Christoffel, Newell & Bernstein, TiiS 2016):
 *
 *   ŷ_uj = Σ_v (Σ_{i ∈ N_u ∩ N_v} 1/|N_i|) · 1/|N_v| · [j ∈ N_v] / |N_j|^β
 *
 * They look like something the user would like, so telling them apart teaches more than a
 * uniform draw. What `models/rp3beta.ts` does with walks from items is cut to each item's
 * strongest; here the walks are whole. They are two sparse products for a block of users: over
 * everybody whom one reaches, and from there over what those like. So a person is counted once,
 * however many items led there.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { readIntegers } from "../engine/device.ts";
import type { SparseMatrix, SparsePattern } from "../engine/sparse-kernels.ts";
import { type BipartiteGraph, degreePowers } from "../graph/bipartite.ts";
import {
  collectRows,
  uploadPattern,
  type WeightedRows,
  type WorkContext,
} from "../graph/weighted-rows.ts";
import { sliceRows } from "../models/rank.ts";

/** Candidates of a user; it and β stand in the text of the setting `negatives`, too. */
const listLength = 100;
/** β: how strongly popular items are held back. */
const popularityPenalty = 0.6;

/** Most numbers that a block of users holds: scores of all items, people reached, and their shares. */
const numbersAtOnce = 1 << 24;

/**
 * Rows of item indices, ascending, at most `listLength` for each user; users without any have an
 * empty row. Equal scores: the smaller index first.
 * @param usersAtOnce users of a block at most; default: as many as 64 MiB hold
 * @throws StoppedError on abort
 */
export async function negativeCandidates(
  work: WorkContext,
  graph: BipartiteGraph,
  usersAtOnce = Math.floor(numbersAtOnce / (graph.itemCount + 2 * graph.userCount)),
): Promise<Rows> {
  const { device } = work;
  const { userCount, itemCount, userItems, itemUsers } = graph;
  const mark = device.mark();
  const likers = uploadPattern(device, itemUsers, userCount);
  const middleScale = device.upload([itemCount], degreePowers(itemUsers, -1));
  const columnScale = device.upload([userCount], degreePowers(userItems, -1));
  const heldBack = degreePowers(itemUsers, -popularityPenalty);
  const values = Float32Array.from(userItems.indices, (item) => heldBack[item]!);
  const likes = uploadPattern(device, { ...userItems, values }, itemCount);
  /** The people whom each of some users reaches over an item, with the share of the walks. */
  const reached = async (users: SparsePattern): Promise<SparseMatrix> => {
    const { rowCount } = users;
    const counts = device.allocate([rowCount], "i32");
    device.kernels.countSparseProduct(counts, users, likers);
    const indptr = new Int32Array(rowCount + 1);
    (await readIntegers(device, counts)).forEach((count, row) => {
      indptr[row + 1] = indptr[row]! + count;
    });
    const people = {
      ...{ rowCount, columnCount: userCount },
      indptr: device.upload([rowCount + 1], indptr),
      indices: device.allocate([indptr[rowCount]!], "i32"),
      values: device.allocate([indptr[rowCount]!]),
    };
    const rowScale = device.upload([rowCount], new Float32Array(rowCount).fill(1));
    device.kernels.sparseProduct(people, users, likers, {
      ...{ rowScale, middleScale, columnScale, power: 1 },
    });
    return people;
  };
  const best = await collectRows(
    work,
    userCount,
    listLength,
    async (items, scores, first) => {
      const count = items.shape[0]!;
      const users = uploadPattern(device, sliceRows(userItems, first, first + count), itemCount);
      const table = device.allocate([count, itemCount]);
      device.kernels.multiplyRows(table, await reached(users), likes);
      device.kernels.rankScores(items, scores, table, users, listLength);
    },
    usersAtOnce,
  );
  device.release(mark);
  return positiveOnes(best);
}

/** The entries above 0 of rows that fall, ascending by column: the others were never reached. */
function positiveOnes({ indptr, indices, values }: WeightedRows): Rows {
  const ends = new Int32Array(indptr.length);
  const kept = new Int32Array(indices.length);
  for (let row = 0; row + 1 < indptr.length; row++) {
    let end = ends[row]!;
    for (let at = indptr[row]!; at < indptr[row + 1]! && values[at]! > 0; at++) {
      kept[end++] = indices[at]!;
    }
    kept.subarray(ends[row]!, end).sort();
    ends[row + 1] = end;
  }
  return { indptr: ends, indices: kept.slice(0, ends.at(-1)) };
}
