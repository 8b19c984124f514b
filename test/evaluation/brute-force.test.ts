/**
 * Evaluation against a second implementation that shares nothing with it: whole
 * score rows, sorting, sets, and formulas written out from their definitions.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countByKey } from "../../src/data/grouping.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import type { ProtocolName } from "../../src/evaluation/protocols.ts";
import { fixedScores, interactionsFrom, near, partFrom, rowsFrom } from "./cases.ts";

interface World {
  readonly scores: readonly (readonly number[])[];
  readonly seen: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
  readonly candidates: readonly (readonly number[])[];
}

const world: fc.Arbitrary<World> = fc
  .record({ users: fc.integer({ min: 1, max: 7 }), items: fc.integer({ min: 1, max: 12 }) })
  .chain(({ users, items }) => {
    const some = fc.subarray([...Array(items).keys()]);
    const rows = fc.array(some, { minLength: users, maxLength: users });
    // Few different scores, so that ties are the rule; some far below any finite mask.
    const score = fc.constantFrom(-1e6, -2048, -1, 0, 0.5, 1);
    return fc.record({
      scores: fc.array(fc.array(score, { minLength: items, maxLength: items }), {
        minLength: users,
        maxLength: users,
      }),
      seen: rows,
      targets: rows,
      candidates: rows,
    });
  })
  .filter(({ targets }) => targets.some((row) => row.length > 0));

function bruteForce(
  { scores, seen, targets, candidates }: World,
  k: number,
  protocol: ProtocolName,
  sampled: boolean,
): Record<string, number> | null {
  const itemCount = scores[0]!.length;
  const popularity = [...Array(itemCount).keys()].map(
    (item) => seen.filter((row) => row.includes(item)).length,
  );
  const interactions = Math.max(1, seen.flat().length);
  const sums: Record<string, number[]> = {};
  const everybody: number[] = [];
  scores.forEach((row, user) => {
    const wanted = new Set(targets[user]);
    const allowed = new Set([...candidates[user]!, ...wanted]);
    if (wanted.size === 0 || (sampled && allowed.size === wanted.size)) return;
    const list = row
      .map((score, item) => ({ score, item }))
      .filter(({ item }) => !seen[user]!.includes(item) && (!sampled || allowed.has(item)))
      .toSorted((a, b) => (a.score === b.score ? a.item - b.item : b.score - a.score))
      .map(({ item }) => item)
      .slice(0, k);
    everybody.push(...list);
    const isHit = list.map((item) => wanted.has(item));
    const hits = isHit.filter(Boolean).length;
    const reachable = Math.min(k, wanted.size);
    const gain = (flags: readonly boolean[]): number =>
      flags.reduce((sum, hit, at) => sum + (hit ? Math.LN2 / Math.log(at + 2) : 0), 0);
    const precisionAt = (rank: number): number =>
      isHit.slice(0, rank).filter(Boolean).length / rank;
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const averagePrecision = isHit
      .map((hit, at) => (hit ? precisionAt(at + 1) : 0))
      .reduce((sum, value) => sum + value, 0);
    const own: Record<string, number> = {
      recall: hits / (protocol === "mult-vae" ? reachable : wanted.size),
      precision: hits / k,
      ndcg: gain(isHit) / gain(Array(reachable).fill(true)),
      hr: hits > 0 ? 1 : 0,
      mrr: hits > 0 ? 1 / (isHit.indexOf(true) + 1) : 0,
      map: averagePrecision / (protocol === "microsoft" ? wanted.size : reachable),
      averagePopularity: mean(list.map((item) => popularity[item]!)),
      novelty: mean(list.map((item) => -Math.log2(Math.max(1, popularity[item]!) / interactions))),
    };
    for (const [name, value] of Object.entries(own)) {
      sums[name] ??= [];
      if (!Number.isNaN(value)) sums[name].push(value);
    }
  });
  if (sums.recall === undefined) return null;
  const exposure = popularity.map((_, item) => everybody.filter((one) => one === item).length);
  let differences = 0;
  for (const a of exposure) for (const b of exposure) differences += Math.abs(a - b);
  return {
    ...Object.fromEntries(
      Object.entries(sums).map(([name, values]) => [
        name,
        values.reduce((sum, value) => sum + value, 0) / values.length,
      ]),
    ),
    coverage: new Set(everybody).size / itemCount,
    // Gini as half the relative mean difference of all pairs.
    gini: differences / (2 * itemCount * everybody.length),
  };
}

for (const sampled of [false, true]) {
  test(`metrics equal brute force (${sampled ? "given candidates" : "all items"})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom<ProtocolName>("lightgcn", "mult-vae", "microsoft"),
        fc.integer({ min: 1, max: 8 }),
        async (given, ks, protocol, blockUsers) => {
          const seen = interactionsFrom(given.seen);
          const part = partFrom(
            given.targets,
            sampled ? { candidates: rowsFrom(given.candidates) } : {},
          );
          const expected = ks.map((k) => bruteForce(given, k, protocol, sampled));
          if (expected[0] === null) return;
          const { metrics } = await evaluate(fixedScores(given.scores), part, {
            seen: [seen],
            ks,
            protocol,
            trainPopularity: countByKey(seen.items, given.scores[0]!.length),
            blockUsers,
          });
          ks.forEach((k, at) => {
            for (const [name, value] of Object.entries(expected[at]!)) {
              const actual = metrics[`${name}@${k}`];
              if (Number.isNaN(value)) assert.ok(Number.isNaN(actual), `${name}@${k} ${actual}`);
              else near(actual, value);
            }
            assert.equal(Object.keys(metrics).length, 10 * ks.length);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
}
