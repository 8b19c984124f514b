/**
 * How much of the exact lists an index finds, and how much faster.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { BadInputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import type { Rows } from "../data/interactions.ts";
import { audienceVectors, rank, sliceRows } from "../models/rank.ts";
import type { Recommender } from "../models/recommender.ts";
import type { CandidateIndex } from "../retrieval/candidates.ts";
import type { IndexMeasurement } from "./item-index.ts";

/** Users whose candidates are held at once: of a million items an index may propose many. */
const USERS_AT_ONCE = 256;

export interface MeasureOptions {
  readonly k: number;
  /** Users to draw; all where there are fewer. */
  readonly users: number;
  readonly seed: number;
}

/**
 * Ranks for some users with the index and without.
 * @param seen what not to recommend to each user
 * @throws BadInputError where the model has no embeddings
 */
export async function measureIndex(
  recommender: Recommender,
  seen: Rows,
  index: CandidateIndex,
  { k, users: most, seed }: MeasureOptions,
): Promise<IndexMeasurement> {
  const all = Int32Array.from({ length: recommender.userCount }, (_, user) => user);
  const users = new RandomStream(seed, "users of the index").shuffle(all).slice(0, most).sort();
  const masked = rowsOfUsers(seen, users);
  const audience = { users };
  const places = Math.min(k, recommender.itemCount);
  // Once unmeasured: the first call compiles kernels.
  await rank(
    recommender,
    { users: users.slice(0, 8) },
    places,
    sliceRows(masked, 0, Math.min(8, users.length)),
  );
  const exact = await timed(() => rank(recommender, audience, places, masked));
  let proposed = 0;
  const found = await timed(async () => {
    const items = new Int32Array(users.length * places);
    for (let first = 0; first < users.length; first += USERS_AT_ONCE) {
      const block = { users: users.subarray(first, first + USERS_AT_ONCE) };
      const vectors = await audienceVectors(recommender, block);
      if (!vectors) {
        throw new BadInputError("no-embeddings", "the model has no embeddings to index");
      }
      const hidden = sliceRows(masked, first, first + block.users.length);
      const candidates = index.candidates(vectors.queries, places, hidden);
      proposed += candidates.indices.length;
      const lists = await rank(recommender, block, places, null, candidates);
      items.set(lists.items, first * places);
    }
    return items;
  });
  return {
    users: users.length,
    k: places,
    recall: sharedShare(found.value, exact.value.items, places),
    usersPerSecond: users.length / found.seconds,
    exactUsersPerSecond: users.length / exact.seconds,
    candidates: proposed / users.length,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const begin = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - begin) / 1000 };
}

/** Share of the items of the exact lists, k long, that the other lists hold. */
function sharedShare(found: Int32Array, exact: Int32Array, k: number): number {
  let shared = 0;
  let total = 0;
  for (let from = 0; from < exact.length; from += k) {
    const list = new Set(found.subarray(from, from + k));
    for (const item of exact.subarray(from, from + k)) {
      if (item < 0) continue;
      total++;
      if (list.has(item)) shared++;
    }
  }
  return total === 0 ? 1 : shared / total;
}

function rowsOfUsers({ indptr, indices }: Rows, users: Int32Array): Rows {
  const starts = new Int32Array(users.length + 1);
  users.forEach((user, row) => {
    starts[row + 1] = starts[row]! + indptr[user + 1]! - indptr[user]!;
  });
  const gathered = new Int32Array(starts[users.length]!);
  users.forEach((user, row) => {
    gathered.set(indices.subarray(indptr[user]!, indptr[user + 1]!), starts[row]!);
  });
  return { indptr: starts, indices: gathered };
}
