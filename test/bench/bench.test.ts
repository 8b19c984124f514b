import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { timesOurs } from "../../bench/columns.ts";
import { isDisturbed } from "../../bench/contention.ts";
import { prepareDataset } from "../../bench/data.ts";
import { withReport } from "../../bench/documentation.ts";
import type { Measurement } from "../../bench/measurement.ts";
import { readNeutral } from "../../bench/ours/neutral.ts";
import { type Duel, median, ratio, type Series } from "../../bench/rounds.ts";
import { multVae } from "../../bench/suites/training.ts";
import { disagreements, renderReport } from "../../bench/table.ts";

function measured(checkLosses: readonly number[]): Measurement {
  return { threads: 1, checkLosses, peakMebibytes: 1, versions: {} };
}

function duelOf(losses: Readonly<Record<string, readonly number[]>>): Duel {
  const series = Object.entries(losses).map(([key, values]) => ({
    key,
    title: key,
    ours: key === "ours",
    command: key,
    rounds: [measured(values)],
  }));
  return { dataset: "d", threads: 1, date: "", coresOfOthers: 0, series, skipped: [] };
}

test("medians, and ratios paired by round", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  // Rounds 2/1, 9/3, 8/2: a slow second round slows both, so the middle ratio is 3.
  assert.equal(ratio([2, 9, 8], [1, 3, 2]), 3);
  // A contender that ran once is compared with our first round only.
  assert.equal(ratio([6], [2, 100, 100]), 3);
});

test("a contender that computes something else is named", () => {
  assert.deepEqual(disagreements(duelOf({ ours: [0.5, 0.4], peer: [0.500001, 0.4] })), []);
  assert.deepEqual(disagreements(duelOf({ ours: [0.5, 0.4], peer: [0.5, 0.41] })), [
    "peer computes something else than ours",
  ]);
  assert.equal(disagreements(duelOf({ ours: [0.5], peer: [] })).length, 1);
});

const machine = {
  ...{ processor: "p", cores: 2, vectors: "", caches: "", memoryGibibytes: 1 },
  ...{ system: "s", node: "1", v8: "1", loadBefore: 0 },
};

test("a contender that states a tolerance is judged by it, and the report does not call it the same", () => {
  const duel = duelOf({ ours: [0.5, 0.4], rounded: [0.50008, 0.4] });
  assert.equal(disagreements(duel).length, 1);
  const [first, other] = duel.series;
  const rounds = other!.rounds.map((round) => ({ ...round, checkTolerance: 1e-4 }));
  const loose = { ...duel, series: [first!, { ...other!, rounds }] };
  assert.match(
    renderReport("step", [], machine, [loose]),
    /the same numbers, within the tolerance that each states\./,
  );
  const same = duelOf({ ours: [0.5], peer: [0.5] });
  assert.match(renderReport("step", [], machine, [same]), /computed the same numbers\./);
});

test("what several contenders state alike stands once under the table", () => {
  const notes: Readonly<Record<string, string>> = {
    rounded: "in halves",
    wide: "in halves",
    c: "C",
  };
  const duel = duelOf({ ours: [0.5], rounded: [0.5], c: [0.5], wide: [0.5] });
  const series = duel.series.map((each) => ({
    ...each,
    rounds: each.rounds.map((round) => {
      const note = notes[each.title];
      return note ? { ...round, note } : round;
    }),
  }));
  const report = renderReport("step", [], machine, [{ ...duel, series }]);
  assert.match(report, /\n\nrounded; wide: in halves\.\n\nc: C\.\n\n/);
});

test("a contender that does not get there has no ratio, nor has any where ours does not", () => {
  const seriesOf = (key: string, epochSeconds: number): Series => ({
    ...{ key, title: key, ours: key === "ours", command: key },
    rounds: [{ ...measured([]), epochSeconds }],
  });
  const [us, far] = [seriesOf("ours", 2), seriesOf("far", 6)];
  const seconds = (round: Measurement) => round.epochSeconds;
  const only = (key: string) => timesOurs(seconds, (series) => series.key === key);
  assert.equal(timesOurs(seconds).cell(far, us), "3.00×");
  assert.equal(only("ours").cell(us, us), "1.00×");
  assert.equal(only("ours").cell(far, us), "–");
  assert.equal(only("far").cell(far, us), "–");
});

test("suites that train for a while show how well the models rank", () => {
  const rounds = [
    { ...measured([1]), epochSeconds: 2, quality: { recall20: 0.25, ndcg100: 0.5 } },
    { ...measured([1]), epochSeconds: 4, quality: { recall20: 0.35, ndcg100: 0.5 } },
  ];
  const series = [{ key: "ours", title: "ours", ours: true, command: "", rounds }];
  const duel = { ...duelOf({}), series };
  const report = renderReport("mult-vae", multVae.columns, machine, [duel]);
  assert.match(
    report,
    /\| ours \| 3\.00 \(2\.00–4\.00\) \| 1\.00× \|.*\| 0\.3000 \| 0\.5000 \| 1 \|/,
  );
});

test("a run is disturbed where others and we want more cores than there are", () => {
  assert.equal(isDisturbed(0.05, 2, 2), false);
  assert.equal(isDisturbed(0.5, 2, 2), true);
  assert.equal(isDisturbed(0.9, 1, 2), false);
  assert.equal(isDisturbed(1.4, 1, 2), true);
  assert.equal(isDisturbed(null, 2, 2), false);
});

test("without the real file a graph of its shape is made up, and read back alike", () => {
  const root = mkdtempSync(join(tmpdir(), "lumiere-bench-"));
  const before = process.env.LUMIERE_DATA;
  delete process.env.LUMIERE_DATA;
  try {
    const dataset = prepareDataset("ml-100k", root);
    assert.ok(dataset.synthetic);
    const { train, initial, check, userCount, itemCount } = readNeutral(dataset.folder);
    assert.deepEqual([userCount, itemCount, train.users.length], [943, 1682, 80_000]);
    assert.equal(initial.length, (943 + 1682) * 64);
    const pairs = new Set<number>();
    train.users.forEach((user, at) => {
      pairs.add(user * itemCount + train.items[at]!);
    });
    assert.equal(pairs.size, 80_000, "pairs are distinct");
    assert.equal(new Set(train.users).size, 943);
    assert.equal(new Set(train.items).size, 1682);
    check.users.forEach((user, at) => {
      assert.ok(pairs.has(user * itemCount + check.positives[at]!));
      assert.ok(!pairs.has(user * itemCount + check.negatives[at]!));
    });
    const kept = readFileSync(join(dataset.folder, "meta.json"), "utf8");
    assert.deepEqual(prepareDataset("ml-100k", root), dataset);
    assert.equal(readFileSync(join(dataset.folder, "meta.json"), "utf8"), kept);
  } finally {
    if (before !== undefined) process.env.LUMIERE_DATA = before;
    rmSync(root, { recursive: true });
  }
});

test("a report replaces its own tables in the documents, and all of another machine's", () => {
  const known =
    "before\n<!-- bench:step -->\np, 2 cores · load 1\n\n### a\n\n1\n\n### b\n\n2\n<!-- end -->\nafter\n";
  const report = "# step\n\np, 2 cores · load 3\n\n## b\n\n22\n\n## c\n\n3\n";
  assert.equal(
    withReport(known, "step", report),
    "before\n<!-- bench:step -->\np, 2 cores · load 3\n\n### a\n\n1\n\n### b\n\n22\n\n### c\n\n3\n<!-- end -->\nafter\n",
  );
  assert.equal(
    withReport(known, "step", report.replace("p, 2", "q, 4")),
    "before\n<!-- bench:step -->\nq, 4 cores · load 3\n\n### b\n\n22\n\n### c\n\n3\n<!-- end -->\nafter\n",
  );
  assert.throws(() => withReport(known, "fit", report), /no block/);
});
