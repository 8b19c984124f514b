/** Under NCF's protocol no figure stands without "sampled", whoever prints it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { openBundle } from "../../src/artifact/bundle.ts";
import { isSampled } from "../../src/artifact/manifest.ts";
import { describeProgress } from "../../src/cli/progress-line.ts";
import { trialText, tuningText } from "../../src/cli/tuning-text.ts";
import { compareFolders } from "../../src/experiment/comparison/run-comparison.ts";
import { tuneModel } from "../../src/experiment/tune/run-tuning.ts";
import type { Tuning } from "../../src/experiment/tune/tuning.ts";
import { runExperiment } from "../../src/experiment.ts";
import { ServedModel } from "../../src/serving/served-model.ts";
import { scratchFolder } from "../data/scratch.ts";
import { ncfFolder } from "../evaluation/ncf-world.ts";

const scratch = scratchFolder();
const read = (...names: string[]) => readFileSync(join(scratch, ...names), "utf8");

/** Names of metrics at a cut, however they are written, that no "(sampled)" follows. */
const bare = (text: string) => text.match(/\b(NDCG|ndcg|Recall|Hit rate)@2(?! \(sampled\))/g) ?? [];

const described = {
  data: "",
  validation: 0.3,
  model: "bpr",
  hyperparameters: { epochs: 2, width: 2, batchSize: 4, evaluateEvery: 1, stopMetric: "ndcg@2" },
  threads: 1,
};

describe("a run under NCF's protocol", () => {
  const lines: string[] = [];
  before(async () => {
    await runExperiment(
      {
        ...described,
        data: ncfFolder(),
        evaluation: { ks: [2], intervals: false },
        output: join(scratch, "run"),
      },
      { progress: (event) => lines.push(describeProgress(event, null)) },
    );
  });

  it("says so in its progress", () => {
    const validated = lines.filter((line) => line.includes("NDCG@2"));
    assert.ok(validated.length > 0);
    assert.deepEqual(validated.flatMap(bare), []);
    assert.ok(
      validated.every((line) => /loss \d/.test(line)),
      "a loss is of no candidates",
    );
  });

  it("says so in its curves and its page", () => {
    const curves = read("run", "curves.svg");
    assert.match(curves, />validation NDCG@2 \(sampled\)</);
    assert.deepEqual(bare(curves), []);
    assert.match(read("run", "report.html"), /<th scope="row">Hit rate \(sampled\)</);
  });

  it("says so in its bundle and to those whom a server answers", async () => {
    const { manifest } = await openBundle(join(scratch, "run"));
    assert.equal(manifest.evaluation?.sampled, true);
    assert.equal(isSampled(manifest), true);
    const served = await ServedModel.open(join(scratch, "run"));
    assert.equal(served.describe().sampled, true);
  });

  it("says so in a comparison's curves", async () => {
    await compareFolders([join(scratch, "run")], {
      metric: null,
      baseline: null,
      output: join(scratch, "compared"),
      command: "lumiere compare",
    });
    const page = read("compared", "comparison.html");
    assert.match(page, />validation NDCG@2 \(sampled\)</);
    // A setting is no figure.
    assert.deepEqual(bare(page.replaceAll("stopMetric=ndcg@2", "")), []);
  });
});

describe("a search under NCF's protocol", () => {
  const lines: string[] = [];
  let tuning: Tuning;
  before(async () => {
    tuning = await tuneModel(
      {
        ...described,
        data: ncfFolder(),
        hyperparameters: { epochs: 2, batchSize: 4 },
        space: { width: { choices: [2, 4] } },
        metric: "ndcg@2",
        trials: 2,
        output: join(scratch, "search"),
      },
      {
        progress: (event) => lines.push(describeProgress(event, null)),
        finished: (trial, best, judged) => lines.push(trialText(trial, best, judged)),
      },
    );
  });

  it("says so in its progress and after every trial", () => {
    const said = lines.filter((line) => /ndcg@2/i.test(line));
    assert.ok(said.some((line) => /^tune .* {2}best validation NDCG@2 \(sampled\) \d/.test(line)));
    assert.equal(
      said.filter((line) => /^trial \d: validation NDCG@2 \(sampled\)/.test(line)).length,
      2,
    );
    assert.deepEqual(said.flatMap(bare), []);
  });

  it("says so in the terminal: the table and the best", () => {
    const text = tuningText(tuning);
    assert.match(text, /^trial +validation NDCG@2 \(sampled\)/m);
    assert.match(text, /^Best validation NDCG@2 \(sampled\): \d/m);
    assert.deepEqual(bare(text), []);
  });

  it("says so in its page and in every picture", () => {
    const page = read("search", "search.html");
    assert.deepEqual(bare(page), []);
    // Learning rate, penalty and width, all trials, and all settings together.
    assert.equal(page.match(/<svg [^>]*aria-label="[^"]*NDCG@2 \(sampled\)/g)?.length, 5);
    assert.match(page, /sampled metric: ranked among 2 to 3 candidates a user/);
  });

  it("says so in its JSON", () => {
    assert.equal(JSON.parse(read("search", "search.json")).sampled, true);
    assert.equal(JSON.parse(read("search", "trials.jsonl").split("\n")[0]!).sampled, true);
  });
});
