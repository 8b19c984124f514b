/**
 * Negatives near the user on the graph: the unseen items that a random walk
 * user → item → user → item reaches most often, popular ones held back (RP3β,
 * Paudel, Christoffel, Newell & Bernstein, TiiS 2016). They look like something
 * the user would like, so telling them apart teaches more than a uniform draw.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { BipartiteGraph } from "../graph/bipartite.ts";

/** Candidates of a user; it and β stand in the text of the setting `negatives`, too. */
const listLength = 100;
/** β: how strongly popular items are held back. */
const popularityPenalty = 0.6;

/** Rows of item indices, ascending, at most `listLength` for each user; users without any have an empty row. */
export function negativeCandidates(graph: BipartiteGraph): Rows {
  const { userCount, itemCount, userItems, itemUsers } = graph;
  const indptr = new Int32Array(userCount + 1);
  const indices: Int32Array[] = [];
  const reached = new Float64Array(itemCount);
  const degree = (rows: Rows, row: number) => rows.indptr[row + 1]! - rows.indptr[row]!;
  for (let user = 0; user < userCount; user++) {
    const touched: number[] = [];
    const history = userItems.indices.subarray(
      userItems.indptr[user]!,
      userItems.indptr[user + 1]!,
    );
    for (const item of history) {
      const toOther = 1 / degree(itemUsers, item);
      for (let at = itemUsers.indptr[item]!; at < itemUsers.indptr[item + 1]!; at++) {
        const other = itemUsers.indices[at]!;
        const share = toOther / degree(userItems, other);
        for (let to = userItems.indptr[other]!; to < userItems.indptr[other + 1]!; to++) {
          const next = userItems.indices[to]!;
          if (reached[next] === 0) touched.push(next);
          reached[next]! += share;
        }
      }
    }
    for (const item of history) reached[item] = 0;
    const scored = touched
      .filter((item) => reached[item]! > 0)
      .map((item) => ({
        item,
        score: reached[item]! / degree(itemUsers, item) ** popularityPenalty,
      }))
      .sort((a, b) => b.score - a.score || a.item - b.item)
      .slice(0, listLength);
    indices.push(Int32Array.from(scored, ({ item }) => item).sort());
    indptr[user + 1] = indptr[user]! + scored.length;
    for (const item of touched) reached[item] = 0;
  }
  const all = new Int32Array(indptr[userCount]!);
  indices.forEach((row, user) => {
    all.set(row, indptr[user]!);
  });
  return { indptr, indices: all };
}
