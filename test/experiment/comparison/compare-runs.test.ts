import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadInputError } from "../../../src/base/errors.ts";
import { compareRuns } from "../../../src/experiment/comparison/compare-runs.ts";
import type { Comparison } from "../../../src/experiment/comparison/comparison.ts";
import { comparisonPictures } from "../../../src/experiment/comparison/comparison-charts.ts";
import { comparisonPage } from "../../../src/experiment/comparison/comparison-page.ts";
import {
  comparisonMarkdown,
  deviation,
  leaderboardCsv,
  testsCsv,
} from "../../../src/experiment/comparison/tables.ts";
import { judgedRun } from "./judged-runs.ts";

const choice = { metric: null, baseline: null };
const notes = { command: "lumiere compare …", failures: [] };

/** Two seeds of a random cut: seed 1 judges users 0 to 3, seed 2 users 1 to 4. */
const runs = [
  judgedRun("best", 1, { "ndcg@20": [0.5, 0.4, 0.6, 0.3], "recall@20": [1, 0, 1, 0] }),
  judgedRun(
    "best",
    2,
    { "ndcg@20": [0.6, 0.2, 0.3, 0.8], "recall@20": [1, 1, 0, 0] },
    { users: [1, 2, 3, 4] },
  ),
  judgedRun("worse", 1, { "ndcg@20": [0.1, 0.4, 0.5, 0.1], "recall@20": [1, 0, 0, 0] }),
  judgedRun(
    "worse",
    2,
    { "ndcg@20": [0.2, 0.2, 0.5, 0.4], "recall@20": [1, 0, 0, 0] },
    { users: [1, 2, 3, 4] },
  ),
];
const comparison = compareRuns(runs.toReversed(), choice, notes);

const near = (actual: number | null | undefined, expected: number) =>
  assert.ok(typeof actual === "number" && Math.abs(actual - expected) < 1e-12, `${actual}`);

describe("a comparison of runs", () => {
  it("takes a user's mean over the seeds, then the mean over users", () => {
    const [best, worse] = comparison.models;
    assert.deepEqual([best?.label, worse?.label], ["best", "worse"]);
    // Users of best: 0: .5, 1: (.4 + .6) / 2, 2: (.6 + .2) / 2, 3: .3, 4: .8.
    near(best!.metrics["ndcg@20"]!.mean, (0.5 + 0.5 + 0.4 + 0.3 + 0.8) / 5);
    assert.equal(best!.metrics["ndcg@20"]!.perSeed.length, 2);
    near(best!.metrics["coverage@20"]!.mean, 0.25);
    assert.equal(best!.metrics["coverage@20"]!.interval, null);
    assert.deepEqual(best!.seeds, [1, 2]);
    const [low, high] = best!.metrics["ndcg@20"]!.interval!;
    assert.ok(low >= 0.3 && low < 0.5 && high > 0.5 && high <= 0.8);
  });

  it("counts as better the users for whom it is: of average popularity, those with less", () => {
    const shown = (label: string, values: number[]) =>
      judgedRun(label, 1, { "ndcg@20": [0.1, 0.1, 0.1], "averagePopularity@20": values });
    const { tests, models } = compareRuns(
      [shown("famous", [90, 80, 5]), shown("rare", [10, 20, 30])],
      { metric: "averagePopularity@20", baseline: null },
      notes,
    );
    assert.equal(models[0]?.label, "rare");
    const [pair] = tests;
    assert.deepEqual([pair?.label, pair?.wins, pair?.losses], ["famous", 1, 2]);
    assert.ok(pair!.difference! > 0, "the difference is that of the figures");
  });

  it("refuses runs that measured nothing in common", () => {
    const at = (k: number) =>
      judgedRun(`to ${k}`, 1, { [`ndcg@${k}`]: [0.1], [`recall@${k}`]: [1] });
    const bare = (k: number) => {
      const run = at(k);
      const { "coverage@20": _, ...metrics } = run.report.metrics;
      return { ...run, report: { ...run.report, metrics } };
    };
    assert.throws(() => compareRuns([bare(5), bare(10)], choice, notes), /no metric in common/);
    const error = {
      name: "BadInputError",
      code: "not-comparable",
      message: /no NDCG in common.*same --k, or .*\(coverage@20\)/,
    };
    assert.throws(() => compareRuns([at(5), at(10)], choice, notes), error);
  });

  it("tests the others against the best, pair by pair, with Holm's correction over the table", () => {
    assert.deepEqual(
      comparison.tests.map(({ metric, label, reference }) => [metric, label, reference]),
      [
        ["ndcg@20", "worse", "best"],
        ["recall@20", "worse", "best"],
      ],
    );
    const [ndcg, recall] = comparison.tests;
    // Users of worse: .1, (.4 + .2) / 2, (.5 + .2) / 2, (.1 + .5) / 2, .4; minus those of best:
    // −.4, −.2, −.05, 0, −.4: of 2⁴ signs, the observed and its mirror are the most extreme.
    near(ndcg!.difference, (-0.4 - 0.2 - 0.05 + 0 - 0.4) / 5);
    assert.deepEqual([ndcg!.wins, ndcg!.ties, ndcg!.losses, ndcg!.users], [0, 1, 4, 5]);
    near(ndcg!.randomisation.p, 2 / 16);
    near(ndcg!.randomisation.adjusted, 4 / 16);
    near(ndcg!.wilcoxon.p, 2 / 16);
    // Recall: user 2 has (1 + 1) / 2 against 0, the others the same.
    assert.deepEqual([recall!.wins, recall!.ties, recall!.losses], [0, 4, 1]);
    near(recall!.randomisation.p, 1);
  });

  it("tests against a baseline where one is named, on the metric that is asked for", () => {
    const other = compareRuns(runs, { metric: "recall@20", baseline: "worse" }, notes);
    assert.equal(other.reference, "worse");
    assert.deepEqual(
      other.tests.map(({ metric, label }) => [metric, label]),
      [
        ["recall@20", "best"],
        ["ndcg@20", "best"],
      ],
    );
    near(other.tests[1]!.difference, 0.21);
  });

  it("pairs seeds where the cut follows the seed, and users where it does not", () => {
    const odd = [
      judgedRun("a", 1, { "ndcg@20": [1, 0] }),
      judgedRun("b", 2, { "ndcg@20": [0, 0] }),
    ];
    const unpaired = compareRuns(odd, choice, notes);
    assert.equal(unpaired.tests[0]?.users, 0);
    assert.equal(unpaired.tests[0]?.t.p, null);
    assert.ok(unpaired.warnings.some((line) => /no seed is shared/.test(line)));

    const shipped = odd.map((run) => ({
      ...run,
      report: { ...run.report, split: { ...run.report.split, specification: "file:ua" } },
    }));
    assert.equal(compareRuns(shipped, choice, notes).tests[0]?.users, 2);
  });

  it("refuses runs that cannot be compared", () => {
    const fails = (change: object, message: RegExp) =>
      assert.throws(
        () =>
          compareRuns(
            [runs[0]!, { ...judgedRun("c", 1, { "ndcg@20": [1, 1, 1, 1] }), ...change }],
            choice,
            notes,
          ),
        (error: unknown) => error instanceof BadInputError && message.test(error.message),
      );
    const { report } = judgedRun("c", 1, { "ndcg@20": [1] });
    const dataset = { ...report.dataset, fingerprint: "ffff" };
    fails({ report: { ...report, dataset } }, /another dataset .*fingerprint ffff.*expected/);
    const split = { ...report.split, specification: "loo" };
    fails({ report: { ...report, split } }, /another split .*found loo, expected random:0\.8/);
    const evaluation = { ...report.evaluation, sampled: true };
    fails({ report: { ...report, evaluation } }, /another candidates/);
    const metric = { metric: "ndgc@20", baseline: null };
    assert.throws(() => compareRuns(runs, metric, notes), /did you mean "ndcg@20"/);
    assert.throws(() => compareRuns(runs, { metric: null, baseline: "x" }, notes), /"x" is not/);
    assert.throws(() => compareRuns([], choice, notes), /no run ended well/);
  });

  it("says what a reader should know", () => {
    const single = compareRuns([runs[0]!, runs[2]!], choice, {
      command: null,
      failures: [{ label: "big", seed: 1, code: "memory", message: "would need 80 GB" }],
    });
    assert.ok(
      single.warnings.some((line) => /big with seed 1 failed: would need 80 GB/.test(line)),
    );
    assert.ok(single.warnings.some((line) => /one seed a model/.test(line)));
    const split = { ...runs[0]!.report.split, validation: 0 };
    const whole = { ...runs[2]!, report: { ...runs[2]!.report, split } };
    const shares = compareRuns([runs[0]!, whole], choice, notes).warnings;
    assert.ok(
      shares.some((line) => /best to 90 %; worse to 100 %/.test(line)),
      shares.join("\n"),
    );
    const users = /judged on different users \(seed 1: best on 4, few on 2\)/;
    const few = judgedRun("few", 1, { "ndcg@20": [0.1, 0.4] }, { users: [0, 1] });
    assert.ok(
      compareRuns([runs[0]!, few], choice, notes).warnings.some((line) => users.test(line)),
    );
    assert.ok(!single.warnings.some((line) => /different users/.test(line)));
  });
});

describe("the files of a comparison", () => {
  it("hold every figure", () => {
    const markdown = comparisonMarkdown(comparison);
    assert.match(markdown, /\| best \| 0\.5000 \|/);
    assert.match(markdown, /\| worse \| NDCG@20 \| -0\.2100 \|/);
    const [header, ...rows] = leaderboardCsv(comparison).trimEnd().split("\r\n");
    assert.equal(rows.length, 2 * 3);
    assert.equal(header?.split(",").length, rows[0]?.split(",").length);
    assert.equal(testsCsv(comparison).trimEnd().split("\r\n").length, 1 + 2);
    assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison, "JSON-safe");
  });

  it("say sampled beside every figure where candidates were given", () => {
    const sampled: Comparison = {
      ...comparison,
      evaluation: { ...comparison.evaluation, sampled: true },
    };
    assert.match(comparisonMarkdown(sampled), /Sampled metrics.*\n[\s\S]*NDCG@20 \(sampled\)/);
    assert.match(comparisonPage(sampled, comparisonPictures(sampled)), /NDCG@20 \(sampled\)/);
    assert.match(leaderboardCsv(sampled), /,sampled,/);
    const [header, ...tests] = testsCsv(sampled).trimEnd().split("\r\n");
    const column = header!.split(",").indexOf("ranking");
    assert.ok(tests.length > 0 && tests.every((line) => line.split(",")[column] === "sampled"));
    assert.equal(header!.split(",").length, tests[0]!.split(",").length);
  });

  it("have one page that stands alone, with a picture of everything", () => {
    const pictures = comparisonPictures(comparison);
    const page = comparisonPage(comparison, pictures);
    assert.equal(pictures.metrics.length, 2);
    assert.equal(page.match(/<svg /g)?.length, 5);
    assert.ok(!/<script|<img/i.test(page));
    assert.doesNotMatch(page.replaceAll("http://www.w3.org/", ""), /https?:\/\//);
    assert.match(pictures.popularity!, /4–60/);
    assert.match(pictures.curves!, /validation NDCG@20</);
    const hostile = { ...comparison.models[0]!, label: 'runs/"><script>' };
    const attacked = { ...comparison, models: [hostile], tests: [] };
    assert.ok(!/<script/.test(comparisonPage(attacked, comparisonPictures(attacked))));
  });

  it("knows the deviation between seeds", () => {
    near(deviation([1, 2, 3, 4]), Math.sqrt(5 / 3));
    assert.equal(deviation([1]), null);
  });
});
