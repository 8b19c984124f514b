/**
 * The one ranking path: evaluation, the command line and the server get their
 * lists from here. Seen items are masked, ties go to the smaller index.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { type Device, readFloats } from "../engine/device.ts";
import { exclusively } from "../engine/exclusive.ts";
import { sharedDevice } from "../engine/shared.ts";
import type { Tensor } from "../engine/tensor.ts";
import { PrunedRanking } from "./pruned-ranking.ts";
import { type QueryVectors, rankCandidates, withoutMasked } from "./rank-candidates.ts";
import type { Audience, BlockScorer, Embeddings, Recommender } from "./recommender.ts";

export type { Audience } from "./recommender.ts";

/** Best items of n people; rows shorter than k (too few unseen items) end in −1. */
export interface RankedLists {
  readonly k: number;
  /** n × k dense item indices, −1 where a list ends early */
  readonly items: Int32Array;
  /** n × k scores, −∞ where a list ends early */
  readonly scores: Float32Array;
}

/** Scores held at once where a model has no embeddings: 16 Mi floats. */
const scoresAtOnce = 1 << 24;

/** Fewer people than this are not worth laying a model out on the device. */
const fewestForBlocks = 8;

/**
 * The k best unseen items for each person.
 * @param masked rows of items to leave out, ascending, one row for each person of the audience; null = none
 * @param candidates rows of the only items to rank, one row for each person; null = all items
 * @param device where to rank; default: the process's shared device
 * @param afterBlock hears of every block of people done, for progress; throws to stop
 */
export async function rank(
  recommender: Recommender,
  audience: Audience,
  k: number,
  masked: Rows | null,
  candidates: Rows | null = null,
  device?: Device,
  afterBlock: (done: number) => void = () => {},
): Promise<RankedLists> {
  const where = device ?? (await sharedDevice());
  const count = audienceSize(audience);
  if (recommender.blockScorer && count >= fewestForBlocks) {
    const request = { recommender, audience, k, masked, candidates, afterBlock };
    return exclusively(where, async () =>
      rankBlocks(request, where, await recommender.blockScorer!(where)),
    );
  }
  const items = new Int32Array(count * k);
  const scores = new Float32Array(count * k);
  const vectors = await exclusively(where, () => audienceVectors(recommender, audience, where));
  const rankFew = vectors && fewItems(recommender, vectors, k, masked, candidates);
  if (rankFew) {
    const lists = await exclusively(where, () => rankFew(where));
    afterBlock(count);
    return lists;
  }
  const block =
    vectors === null ? Math.max(1, Math.floor(scoresAtOnce / recommender.itemCount)) : count;
  for (let first = 0; first < count; first += block) {
    const last = Math.min(count, first + block);
    const table = vectors ? null : await blockScores(recommender, audience, first, last);
    if (table && candidates) keepCandidates(table, recommender.itemCount, candidates, first);
    await exclusively(where, async () => {
      const outItems = where.allocate([last - first, k], "i32");
      const outScores = where.allocate([last - first, k]);
      const hidden = masked && uploadMask(where, masked, first, last);
      if (vectors) {
        const { width, queries, items: itemVectors } = vectors;
        const query = where.upload([count, width], queries);
        const item = where.upload([recommender.itemCount, width], itemVectors);
        where.kernels.rankByVectors(outItems, outScores, query, item, hidden, k);
      } else if (table) {
        const score = where.upload([last - first, recommender.itemCount], table);
        where.kernels.rankScores(outItems, outScores, score, hidden, k);
      }
      items.set(await where.read(outItems), first * k);
      scores.set(await where.read(outScores), first * k);
    });
    afterBlock(last);
  }
  return { k, items, scores };
}

const prunedRankings = new WeakMap<Embeddings, PrunedRanking>();

/** How to rank without the whole catalogue; null where all items are scored. */
function fewItems(
  { embeddings }: Recommender,
  vectors: QueryVectors,
  k: number,
  masked: Rows | null,
  candidates: Rows | null,
): ((device: Device) => Promise<RankedLists>) | null {
  if (candidates) {
    const allowed = withoutMasked(candidates, masked);
    return (device) => rankCandidates(vectors, k, allowed, device);
  }
  const pruned = prunedRankings.get(embeddings!) ?? new PrunedRanking(embeddings!);
  prunedRankings.set(embeddings!, pruned);
  if (!pruned.pays(vectors.queries.length / vectors.width, k)) return null;
  return (device) => pruned.rank(vectors.queries, k, masked, device);
}

interface RankRequest {
  readonly recommender: Recommender;
  readonly audience: Audience;
  readonly k: number;
  readonly masked: Rows | null;
  readonly candidates: Rows | null;
  readonly afterBlock: (done: number) => void;
}

/** Lists from scores that never leave the device. */
async function rankBlocks(
  { recommender, audience, k, masked, candidates, afterBlock }: RankRequest,
  device: Device,
  scorer: BlockScorer,
): Promise<RankedLists> {
  const { itemCount } = recommender;
  const count = audienceSize(audience);
  const items = new Int32Array(count * k);
  const scores = new Float32Array(count * k);
  const fits = Math.max(1, Math.floor(scoresAtOnce / itemCount));
  const block = Math.min(fits, scorer.blockSize ?? fits);
  for (let first = 0; first < count; first += block) {
    const last = Math.min(count, first + block);
    const mark = device.mark();
    const table = device.allocate([last - first, itemCount]);
    await scorer.score(table, sliceAudience(audience, first, last));
    if (candidates) {
      const copy = await readFloats(device, table);
      keepCandidates(copy, itemCount, candidates, first);
      device.write(table, copy);
    }
    const outItems = device.allocate([last - first, k], "i32");
    const outScores = device.allocate([last - first, k]);
    const hidden = masked && uploadMask(device, masked, first, last);
    device.kernels.rankScores(outItems, outScores, table, hidden, k);
    items.set(await device.read(outItems), first * k);
    scores.set(await device.read(outScores), first * k);
    device.release(mark);
    // Lets signals and timers in, because kernels run on this thread too.
    await new Promise((resolve) => setImmediate(resolve));
    afterBlock(last);
  }
  return { k, items, scores };
}

function sliceAudience(audience: Audience, first: number, last: number): Audience {
  return "users" in audience
    ? { users: audience.users.subarray(first, last) }
    : { histories: sliceRows(audience.histories, first, last) };
}

function audienceSize(audience: Audience): number {
  return "users" in audience ? audience.users.length : audience.histories.indptr.length - 1;
}

/**
 * Query vectors of the audience and the items', where the model's score is an inner product; else null.
 * @param device where to fold in, which the caller has alone; default: the process's shared device, in turn
 */
export async function audienceVectors(
  recommender: Recommender,
  audience: Audience,
  device?: Device,
) {
  const { embeddings } = recommender;
  if (!embeddings) return null;
  const queries =
    "users" in audience
      ? gatherVectors(embeddings, audience.users)
      : await recommender.foldIn(audience.histories, device);
  return queries && { width: embeddings.width, queries, items: embeddings.items };
}

function gatherVectors({ users, width }: Embeddings, rows: Int32Array): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    gathered.set(users.subarray(row * width, (row + 1) * width), at * width);
  });
  return gathered;
}

function blockScores(
  recommender: Recommender,
  audience: Audience,
  first: number,
  last: number,
): Promise<Float32Array> {
  const block = sliceAudience(audience, first, last);
  return "users" in block
    ? recommender.scoreUsers(block.users)
    : recommender.scoreHistories(block.histories);
}

/** Rows [first, last) on their own. */
export function sliceRows(rows: Rows, first: number, last: number): Rows {
  const from = rows.indptr[first]!;
  return {
    indptr: rows.indptr.slice(first, last + 1).map((at) => at - from),
    indices: rows.indices.subarray(from, rows.indptr[last]!),
  };
}

/** Items outside the candidates are never ranked. */
function keepCandidates(
  scores: Float32Array,
  itemCount: number,
  candidates: Rows,
  first: number,
): void {
  const rowCount = scores.length / itemCount;
  for (let row = 0; row < rowCount; row++) {
    const line = scores.subarray(row * itemCount, (row + 1) * itemCount);
    const allowed = candidates.indices.subarray(
      candidates.indptr[first + row]!,
      candidates.indptr[first + row + 1]!,
    );
    const kept = Float32Array.from(allowed, (item) => line[item]!);
    line.fill(-Infinity);
    allowed.forEach((item, at) => {
      line[item] = kept[at]!;
    });
  }
}

function uploadMask(
  device: Device,
  masked: Rows,
  first: number,
  last: number,
): { indptr: Tensor; indices: Tensor } {
  const { indptr, indices } = sliceRows(masked, first, last);
  return {
    indptr: device.upload([indptr.length], indptr),
    indices: device.upload([indices.length], indices),
  };
}
