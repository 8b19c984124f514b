import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { BadInputError, StoppedError } from "../../../src/base/errors.ts";
import { prepareComparison } from "../../../src/experiment/comparison/description.ts";
import {
  compareFolders,
  compareModels,
} from "../../../src/experiment/comparison/run-comparison.ts";
import { runExperiment } from "../../../src/experiment.ts";
import { lumiere, writeRatings } from "../../cli/spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-comparison-test-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

const input = {
  data: ratings,
  split: "random:0.7",
  models: [
    {
      model: "bpr",
      // The margin is of no use with this loss, and said to be.
      hyperparameters: { width: 8, batchSize: 128, learningRate: 0.05, epochs: 8, margin: 2 },
    },
    { model: "random" },
  ],
  evaluation: { ks: [5], intervals: false },
  threads: 1,
};

describe("comparing models", () => {
  it("counts popularity alike, whether a model has a validation part, is refitted or neither", async () => {
    const { models: _models, ...shared } = input;
    const [bpr] = input.models;
    const refit = { ...bpr.hyperparameters, epochs: 2, refit: true };
    for (const split of ["random:0.7", "held-out:20"]) {
      const runs = [];
      for (const model of [
        { model: "popularity" },
        { model: "bpr", hyperparameters: { ...refit, refit: false } },
        { model: "bpr", hyperparameters: refit },
      ]) {
        runs.push(await runExperiment({ ...shared, ...model, split }));
      }
      const [whole, cut, refitted] = runs.map(({ evaluation }) => evaluation!.byPopularity!.groups);
      assert.ok(runs[0]!.split.train.users.length > runs[1]!.split.train.users.length);
      assert.deepEqual(cut, whole, split);
      assert.deepEqual(refitted, whole, split);
      // The basis, worked out from its definition: all of the data but the test part.
      const { dataset, split: parts, evaluation } = runs[1]!;
      const counts = new Int32Array(dataset.items.size);
      for (const item of dataset.interactions.items) counts[item]!++;
      for (const part of [parts.test!.targets, parts.test!.history]) {
        for (const item of part?.items ?? []) counts[item]!--;
      }
      const groups = evaluation!.byPopularity!.groups;
      assert.equal(groups.at(-1)!.most, Math.max(...counts), split);
      assert.equal(groups[0]!.least, Math.min(...counts), split);
    }
  });

  it("runs each under the same cuts in its own process, once", async () => {
    const output = at("compared");
    const made: boolean[] = [];
    const notices: string[] = [];
    const options = {
      finished: (_run: unknown, now: boolean) => made.push(now),
      notice: (text: string) => notices.push(text),
    };
    const first = await compareModels({ ...input, seeds: [1, 2], output }, options);
    assert.deepEqual(made, [true, true, true, true]);
    assert.deepEqual(
      notices,
      [
        "bpr, seed 1 (1 of 4): margin=2 has no effect with loss=bpr: it matters only with loss=max-margin",
      ],
      "once, not with every seed",
    );
    assert.deepEqual(
      first.models.map(({ label }) => label),
      ["bpr", "random"],
    );
    assert.deepEqual(first.failures, []);
    const { models, ...shared } = input;
    const alone = await runExperiment({ ...shared, ...models[0], seed: 2 });
    assert.equal(
      first.models[0]!.metrics["ndcg@5"]!.perSeed[1],
      alone.report.metrics["ndcg@5"],
      "the same figure as on its own",
    );
    for (const { peakMemoryBytes } of first.models) assert.ok(peakMemoryBytes > 50e6);
    assert.deepEqual(readdirSync(output).sort(), [
      "comparison.html",
      "comparison.json",
      "comparison.md",
      "leaderboard.csv",
      "runs",
      "tests.csv",
    ]);

    const described = readFileSync(join(output, "runs", "random-seed1", "experiment.json"), "utf8");
    assert.ok(!described.includes(ratings), "where data are may hold a password");

    const again = await compareModels({ ...input, seeds: [1, 2], output }, options);
    assert.deepEqual(made.slice(4), [false, false, false, false]);
    assert.deepEqual(again.models, first.models);
    assert.deepEqual(again.tests, first.tests);

    const folders = await compareFolders([output]);
    assert.deepEqual(folders.tests, first.tests, "the same from the folders alone");
    const twice = await compareFolders([output, `${output}/`, join(output, "runs", "bpr-seed1")]);
    assert.deepEqual(twice.models, folders.models, "a run that is named twice is one run");

    // Other settings are another run, whatever the folder is called.
    const [bpr, random] = input.models;
    const deeper = { ...bpr!, hyperparameters: { ...bpr!.hyperparameters, epochs: 2 } };
    made.length = 0;
    await compareModels({ ...input, models: [deeper, random!], output }, options);
    assert.deepEqual(made, [true, false]);
  });

  it("makes them again where the data's file has changed", async () => {
    const own = at("changing.csv");
    const output = at("compared-changing");
    const content = readFileSync(ratings, "utf8");
    writeFileSync(own, content);
    const made: boolean[] = [];
    const notices: string[] = [];
    const options = {
      finished: (_run: unknown, now: boolean) => made.push(now),
      notice: (text: string) => notices.push(text),
    };
    const models = [{ model: "random" }, { model: "popularity" }];
    const compare = () => compareModels({ ...input, data: own, models, output }, options);
    await compare();
    writeFileSync(own, content.trimEnd().split("\n").slice(0, -20).join("\n"));
    await compare();
    await compare();
    assert.deepEqual(made, [true, true, true, true, false, false]);
    assert.match(notices.join("\n"), /other settings or data, which is replaced/);
  });

  it("stops when it is told to; goes on with the others where one fails", async () => {
    const stop = new AbortController();
    const models = [
      { model: "bpr", hyperparameters: { epochs: 1_000_000, patience: 0, width: 8 } },
      { model: "random" },
    ];
    const output = at("stopped");
    const stopped = compareModels(
      { ...input, models, output },
      {
        signal: stop.signal,
        progress: ({ stage, done }) => {
          assert.match(stage, /^bpr, seed 1 \(1 of 2\): /);
          if (stage.endsWith("train") && done > 2) stop.abort();
        },
      },
    );
    await assert.rejects(
      stopped,
      (error: unknown) =>
        error instanceof StoppedError && /stopped in bpr.* goes on/.test(error.message),
    );
    const checkpoint = join(output, "runs", "bpr-seed1", "checkpoint", "checkpoint.safetensors");
    assert.ok(existsSync(checkpoint), "and can go on");

    writeFileSync(checkpoint, "torn");
    const notices: string[] = [];
    const { failures, models: judged } = await compareModels(
      { ...input, models: models.toReversed(), output },
      { notice: (text) => notices.push(text) },
    );
    assert.deepEqual(
      failures.map(({ label, seed, message }) => [label, seed, message.includes(checkpoint)]),
      [["bpr", 1, true]],
    );
    assert.deepEqual(
      judged.map(({ label }) => label),
      ["random"],
    );
    assert.ok(notices.some((text) => /^bpr, seed 1 \(2 of 2\) failed: /.test(text)));
  });

  it("refuses what makes no sense before anything runs", () => {
    const refused = (change: object, message: RegExp) =>
      assert.throws(
        () => prepareComparison({ ...input, ...change }),
        (error: unknown) => error instanceof BadInputError && message.test(error.message),
      );
    refused({ models: [{ model: "bpr" }, { model: "bpr" }] }, /two models are called "bpr"/);
    refused({ models: [{ model: "bpr" }] }, /models/);
    refused({ models: [{ model: "bpr" }, { model: "bqr" }] }, /did you mean "bpr"/);
    refused({ baseline: "bprr" }, /baseline "bprr" is not compared; did you mean "bpr"/);
    refused({ seeds: [1, 1] }, /expected no repeats/);
    refused(
      { models: [{ model: "bpr", hyperparameters: { widht: 3 } }, { model: "random" }] },
      /widht/,
    );
  });
});

describe("comparing folders", () => {
  it("refuses folders without a run", async () => {
    await assert.rejects(compareFolders([at("nothing")]), /holds neither report.json nor runs/);
    mkdirSync(at("broken"));
    writeFileSync(at("broken", "report.json"), "{}");
    await assert.rejects(compareFolders([at("broken")]), /holds no per-user\.safetensors/);
    writeFileSync(at("broken", "per-user.safetensors"), "");
    await assert.rejects(compareFolders([at("broken")]), /is not a report of this version/);
  });
});

describe("lumiere compare", () => {
  const small = ["--set", "bpr.width=8", "--set", "batchSize=128", "--set", "epochs=4"];

  it("prints the leaderboard, or one JSON object", async () => {
    const words = ["compare", "--data", ratings, "--models", "bpr,random", "--k", "5", ...small];
    const shown = await lumiere(...words, "--out", at("shown"));
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /model +NDCG@5/);
    assert.match(shown.stdout, /against \w+ +metric/);
    assert.match(shown.stderr, /bpr, seed 1: NDCG@5 0\.\d{4}/);
    const page = readFileSync(at("shown", "comparison.html"), "utf8");
    assert.match(page, /lumiere compare --data/);

    const json = await lumiere("compare", at("shown"), "--metric", "recall@5", "--json");
    assert.equal(json.code, 0, json.stderr);
    const { metric, models, files } = JSON.parse(json.stdout);
    assert.deepEqual([metric, models.length, files], ["recall@5", 2, {}]);
    assert.equal(
      models.find(({ label }: { label: string }) => label === "bpr").hyperparameters.width,
      8,
    );
  });

  it("refuses flags that do not belong together, and names that it does not know", async () => {
    const words = ["compare", "--data", ratings, "--models"];
    for (const [more, message] of [
      [
        ["bpr,random", "--set", "bprr.width=8"],
        /no model is called "bprr" \(models: bpr, random\)/,
      ],
      [["bpr,random", "--set", "widht=8"], /"widht" is not known; did you mean "width"/],
      [["bpr,random", "--metric", "ndgc@20"], /did you mean "ndcg@20"/],
      [["svd"], /"models": found .*"svd".*; expected two models at least/],
    ] as const) {
      const { code, stderr } = await lumiere(...words, ...more);
      assert.match(stderr, message);
      assert.equal(code, 2);
    }
    for (const more of [
      ["--models", "bpr"],
      ["--validation-users", "5"],
    ]) {
      const { stderr } = await lumiere("compare", at("shown"), ...more);
      assert.match(stderr, new RegExp(`${more[0]} says how to run models, and folders`));
    }
  });
});
