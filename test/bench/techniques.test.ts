import assert from "node:assert/strict";
import { test } from "node:test";
import type { Neutral } from "../../bench/ours/neutral.ts";
import { firstLine } from "../../bench/rounds.ts";
import { techniques } from "../../bench/techniques/all.ts";
import { sharedJobs } from "../../bench/techniques/barriers.ts";
import { communities, communityOrder } from "../../bench/techniques/communities.ts";
import { withGround } from "../../bench/techniques/ground.ts";
import { degreeOrder, reverseSides } from "../../bench/techniques/node-orders.ts";
import { equalRows, loads } from "../../bench/techniques/pieces.ts";
import { type Bout, techniquesReport } from "../../bench/techniques/report.ts";
import {
  digestOf,
  relativeDifference,
  resultText,
  type WayMeasurement,
} from "../../bench/techniques/take-turns.ts";
import { RandomStream } from "../../src/base/random.ts";
import { compressRows } from "../../src/data/interactions.ts";
import { adjacencyRows, balanceRows, buildGraph } from "../../src/graph/bipartite.ts";

const width = 64;

/** A made-up world in the shape of a neutral folder. */
function tinyWorld(userCount: number, itemCount: number, pairs: number, triples: number): Neutral {
  const random = new RandomStream(3, "tiny techniques");
  const draw = (length: number, bound: number) =>
    Int32Array.from({ length }, () => random.below(bound));
  const rows = compressRows(draw(pairs, userCount), draw(pairs, itemCount), userCount);
  const users = new Int32Array(rows.indices.length);
  for (let user = 0; user < userCount; user++) {
    users.fill(user, rows.indptr[user], rows.indptr[user + 1]);
  }
  return {
    userCount,
    itemCount,
    train: { users, items: rows.indices, values: null, times: null },
    initial: Float32Array.from({ length: (userCount + itemCount) * width }, () => random.normal()),
    check: {
      users: draw(triples, userCount),
      positives: draw(triples, itemCount),
      negatives: draw(triples, itemCount),
    },
  };
}

// Enough rows that tables are kept in another order than the file's, and that work is shared.
const tiny = tinyWorld(2600, 2100, 12_000, 700);

for (const technique of techniques) {
  test(`all ways of "${technique.key}" come to the same numbers, whatever ran before`, async () => {
    await withGround(tiny, { threads: 2, wide: true }, async (ground) => {
      const ways = await technique.ways(ground);
      assert.ok(ways.length > 1);
      assert.equal(new Set(ways.map(({ title }) => title)).size, ways.length);
      const first = await ways[0]!.result();
      assert.ok(first.length > 0 && first.every(Number.isFinite));
      for (const way of ways) {
        const result = await way.result();
        const difference = relativeDifference(result, first);
        assert.ok(difference <= way.tolerance, `${way.title}: ${difference} > ${way.tolerance}`);
        await way.run();
        await way.run();
        assert.equal(digestOf(await way.result()), digestOf(result), way.title);
      }
    });
  });
}

test("rounded rows are off by more than rounding, and by less than the bound", async () => {
  const technique = techniques.find(({ key }) => key === "messages")!;
  await withGround(tiny, { threads: 1, wide: true }, async (ground) => {
    const [exact, rounded] = await technique.ways(ground);
    const difference = relativeDifference(await rounded!.result(), await exact!.result());
    assert.ok(difference > 1e-5 && difference < rounded!.tolerance, `${difference}`);
    // At most 2⁻⁸ a layer of three, and |x| instead of x.
    assert.ok(rounded!.tolerance < 0.1, `${rounded!.tolerance}`);
  });
});

test("the savings take jobs away from the threads", async () => {
  const technique = techniques.find(({ key }) => key === "step")!;
  await withGround(tiny, { threads: 2, wide: true }, async (ground) => {
    const [saving, plain] = await technique.ways(ground);
    const [few, many] = [saving!, plain!].map((way) => sharedJobs(() => void way.run()));
    // Six layers, and the scaling before each three.
    assert.ok(few! >= 8 && few! < many!, `${few} and ${many}`);
  });
});

test("communities are found, stay below the bound, and lie together", () => {
  // Two blocks of four users and four items, everybody with everything in the block.
  const users: number[] = [];
  const items: number[] = [];
  for (let user = 0; user < 8; user++) {
    for (let item = user % 2; item < 8; item += 2) {
      users.push(user);
      items.push(item);
    }
  }
  const interactions = { users: Int32Array.from(users), items: Int32Array.from(items) };
  const graph = buildGraph({ ...interactions, values: null, times: null }, 8, 8);
  const rows = adjacencyRows(graph, false);
  const label = communities(rows, 8);
  assert.equal(new Set(label).size, 2);
  label.forEach((found, node) => {
    assert.equal(found, label[node % 2]);
  });
  const order = Array.from(communityOrder(rows, 8, 8));
  assert.deepEqual(
    order.map((node) => node % 2),
    [0, 1, 0, 1]
      .map((block) => block ^ (label[0]! < label[1]! ? 0 : 1))
      .flatMap((b) => [b, b, b, b]),
  );
  assert.deepEqual(order.slice(0, 8).toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
  const small = communities(rows, 3);
  const sizes = Map.groupBy(Array.from(small), (found) => found);
  for (const members of sizes.values()) assert.ok(members.length <= 3);
});

test("orders by degree and backwards keep users before items", () => {
  // Degrees: users 1, 3, 2; items 3, 2, 1.
  const interactions = {
    users: Int32Array.of(0, 1, 1, 1, 2, 2),
    items: Int32Array.of(0, 0, 1, 2, 0, 1),
  };
  const graph = buildGraph({ ...interactions, values: null, times: null }, 3, 3);
  assert.deepEqual(Array.from(degreeOrder(graph)), [1, 2, 0, 3, 4, 5]);
  assert.deepEqual(Array.from(reverseSides(Int32Array.of(1, 2, 0, 3, 4, 5), graph)), [
    ...[0, 2, 1],
    ...[5, 4, 3],
  ]);
});

test("pieces, and what the largest of them weighs", () => {
  assert.deepEqual(Array.from(equalRows(5, 2)), [0, 2, 5]);
  assert.deepEqual(Array.from(equalRows(2, 64)), [0, 1, 2]);
  // Rows of 1, 7, 2 and 10 entries, 20 in all: 10 for each of two threads.
  const indptr = Int32Array.of(0, 1, 8, 10, 20);
  assert.deepEqual(loads(indptr, Int32Array.of(0, 2, 4), 2), { row: 1, piece: 1.2 });
  const cut = balanceRows(indptr, 4);
  assert.equal(cut.at(-1), 4);
});

test("a process that failed is named by its error, not by what Node prints last", () => {
  const stack = "/x.ts:3\n  throw\n\nRangeError: too much\n    at x.ts:3\n\nNode.js v26.1.0\n";
  assert.equal(
    firstLine(new Error(`Command failed: node\n${stack}`)),
    "failed: RangeError: too much",
  );
  assert.equal(firstLine(new Error("killed\n")), "failed: killed");
});

const measured = (way: Partial<WayMeasurement>): WayMeasurement => ({
  ...{ title: "", ms: 1, turns: 5, difference: 0, tolerance: 0, digest: "a" },
  ...way,
});

test("a report says what is exact, what rounds, and what is wrong", () => {
  assert.equal(resultText(measured({}), true), "the same bits");
  assert.equal(resultText(measured({ difference: 1e-9 }), false), "**other numbers**");
  assert.match(
    resultText(measured({ difference: 3e-8, tolerance: 1e-6 }), false),
    /^rounding alone: off by 3e-8/,
  );
  assert.match(
    resultText(measured({ difference: 4e-4, tolerance: 2e-2 }), false),
    /^off by 4e-4 of its length \(bound 2e-2\)/,
  );
  assert.match(
    resultText(measured({ difference: 0.5, tolerance: 2e-2 }), false),
    /^\*\*off by 5e-1 of its length, more than 2e-2/,
  );
  assert.match(resultText(measured({ difference: Number.NaN, tolerance: 1 }), false), /^\*\*off/);
});

test("ratios are paired by round, and the first way is ours", () => {
  // 4 ÷ 2, 9 ÷ 3 and 20 ÷ 4: a slow round slows both.
  const round = (ours: number, other: number, digest: string) => ({
    ways: [measured({ ms: ours }), measured({ title: "without", ms: other, digest })],
    notes: ["a note"],
  });
  const rounds = [round(2, 4, "a"), round(3, 9, "a"), round(4, 20, "a")];
  const bout: Bout = {
    ...{ dataset: "d", threads: 1, date: "2026-01-02T03:04", coresOfOthers: 0 },
    techniques: [{ technique: { key: "t", title: "with" }, rounds }],
    skipped: ["u: failed: no memory"],
  };
  const machine = {
    ...{ processor: "p", cores: 2, vectors: "", caches: "", memoryGibibytes: 1 },
    ...{ system: "s", node: "1", v8: "1", loadBefore: 0 },
  };
  const report = techniquesReport(machine, [bout], 0.5);
  assert.match(report, /\| \*\*with\*\* \| 3\.00 \(2\.00–4\.00\) \| 1\.00× \| {2}\|/);
  assert.match(report, /\| … without \| 9\.00 \(4\.00–20\.0\) \| 3\.00× \| the same bits \|/);
  assert.match(report, /3 rounds of 0\.5 s/);
  assert.match(report, /- a note\.\n\nu: failed: no memory/);
  rounds[1]!.ways[1] = measured({ title: "without", digest: "b" });
  assert.match(techniquesReport(machine, [bout], 0.5), /\*\*other numbers\*\*/);
});
