/**
 * Exact lists of ten for one person at a time, or for a few: every item scored, against
 * norm-ordered search (`src/models/pruned-ranking.ts`). Processor time of all threads, which
 * a busy machine disturbs less than the clock does; the two take turns.
 */

import { cpuUsage } from "node:process";
import { exclusively } from "../src/engine/exclusive.ts";
import { sharedDevice } from "../src/engine/shared.ts";
import { EmbeddingRecommender } from "../src/models/embedding-recommender.ts";
import { PrunedRanking } from "../src/models/pruned-ranking.ts";
import { rank, sliceRows } from "../src/models/rank.ts";
import { NormOrder } from "../src/retrieval/norm-order.ts";
import type { World } from "./retrieval-worlds.ts";

const K = 10;
const ROUNDS = 24;
const WARM_UP = 4;

export interface FewLine {
  readonly people: number;
  readonly everyItemMs: number;
  readonly normOrderedMs: number;
  /** Mean share of the items that a search looks at. */
  readonly visited: number;
  /** Whether all lists were the same, bits of scores included. */
  readonly same: boolean;
}

const processorMs = (): number => {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
};

export async function measureFew({ embeddings, seen }: World): Promise<FewLine[]> {
  const { width, users, items } = embeddings;
  const device = await sharedDevice();
  const pruned = new PrunedRanking(embeddings);
  await pruned.prepare();
  const order = (await NormOrder.of(items, width))!;
  const userCount = users.length / width;
  const lines: FewLine[] = [];
  for (const people of [1, 2, 4]) {
    const spent = { every: 0, ordered: 0, visited: 0 };
    let same = true;
    for (let round = 0; round < ROUNDS; round++) {
      const first = (round * 67) % (userCount - people);
      const queries = users.slice(first * width, (first + people) * width);
      const masked = sliceRows(seen, first, first + people);
      // A new table every time, so that ranking it never turns to pruning by itself.
      const fresh = new EmbeddingRecommender({ width, users: queries, items }, noFoldIn);
      const audience = { users: Int32Array.from({ length: people }, (_, row) => row) };
      const begin = processorMs();
      const every = await rank(fresh, audience, K, masked, null, device);
      const middle = processorMs();
      const found = await exclusively(device, () => pruned.rank(queries, K, masked, device));
      const end = processorMs();
      same &&= equal(found.items, every.items) && equal(found.scores, every.scores);
      if (round < WARM_UP) continue;
      spent.every += middle - begin;
      spent.ordered += end - middle;
      const hidden = masked.indices.subarray(0, masked.indptr[1]);
      const { visited } = order.search(queries.subarray(0, width), K, hidden);
      spent.visited += visited / (items.length / width);
    }
    const mean = (sum: number) => sum / (ROUNDS - WARM_UP);
    lines.push({
      people,
      everyItemMs: mean(spent.every),
      normOrderedMs: mean(spent.ordered),
      visited: mean(spent.visited),
      same,
    });
  }
  return lines;
}

const noFoldIn = {
  explanationBasis: null,
  vectors: () => new Float32Array(0),
  contributions: () => null,
  save: () => ({}),
};

const equal = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((value, at) => value === b[at]);

export function fewTable(lines: readonly FewLine[]): string {
  return [
    "| people at once | every item, ms | norm-ordered, ms | items looked at | the same bits |",
    "|---|---|---|---|---|",
    ...lines.map(
      (line) =>
        `| ${line.people} | ${line.everyItemMs.toFixed(2)} | ${line.normOrderedMs.toFixed(2)} | ${Math.round(100 * line.visited)} % | ${line.same ? "yes" : "no"} |`,
    ),
  ].join("\n");
}
