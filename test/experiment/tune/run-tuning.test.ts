import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { BadInputError, StoppedError } from "../../../src/base/errors.ts";
import { RandomStream } from "../../../src/base/random.ts";
import type { Dataset, Interactions, Split } from "../../../src/data/interactions.ts";
import { splitDataset } from "../../../src/data/splits.ts";
import { userMetrics } from "../../../src/evaluation/metrics.ts";
import { withoutTest } from "../../../src/experiment/tune/blind-data.ts";
import { prepareTuning, type TuningInput } from "../../../src/experiment/tune/description.ts";
import { requireBest, tuneModel } from "../../../src/experiment/tune/run-tuning.ts";
import type { Trial } from "../../../src/experiment/tune/trials-log.ts";
import type { Tuning } from "../../../src/experiment/tune/tuning.ts";
import { runExperiment } from "../../../src/experiment.ts";
import { lumiere, start, writeRatings } from "../../cli/spawned.ts";
import { tasteWorld } from "../../models/small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-tune-test-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

const input: TuningInput = {
  data: ratings,
  split: "random:0.7",
  model: "bpr",
  hyperparameters: { batchSize: 128, epochs: 6, evaluateEvery: 2 },
  space: { width: { choices: [2, 4, 8] } },
  metric: "ndcg@5",
  threads: 1,
};

/** All but how long it took. */
const timeless = (trials: readonly Trial[]) => trials.map(({ seconds: _, ...trial }) => trial);

/** Runs a search that is stopped in the given trials, one after the other, and goes on each time. */
async function inPieces(search: TuningInput, stops: readonly number[]): Promise<Tuning> {
  for (const trial of stops) {
    const stop = new AbortController();
    let ended = 0;
    const stopped = tuneModel(search, {
      resume: true,
      signal: stop.signal,
      finished: () => ended++,
      progress: ({ stage, done, unit }) => {
        const inTrial = unit === "trials" ? done > trial - 1 : done > 6 * (trial - 1);
        if (stage === "tune" && inTrial) stop.abort();
      },
    });
    await assert.rejects(
      stopped,
      (error: unknown) =>
        error instanceof StoppedError &&
        /finished trials are kept in .*--resume/.test(error.message),
    );
    assert.ok(ended < 12);
  }
  return tuneModel(search, { resume: true });
}

describe("a search", () => {
  it("keeps its trials, its best settings and its page, and says what it did", async () => {
    const output = at("searched");
    const ended: Trial[] = [];
    const tuning = await tuneModel(
      { ...input, trials: 12, output },
      { finished: (trial) => ended.push(trial) },
    );
    assert.equal(tuning.trials.length, 12);
    assert.deepEqual(ended, tuning.trials);
    assert.deepEqual(readdirSync(output).sort(), [
      ...["best.json", "search.html", "search.json", "trials.jsonl"],
    ]);
    const best = requireBest(tuning);
    assert.equal(best.value, Math.max(...tuning.trials.map(({ value }) => value ?? 0)));
    assert.deepEqual(JSON.parse(readFileSync(at("searched", "search.json"), "utf8")), tuning);

    // What the best trial saw is what a run with its settings sees.
    const config: TuningInput = JSON.parse(readFileSync(at("searched", "best.json"), "utf8"));
    const { report } = await runExperiment({ ...config, threads: 1 });
    const validated = report.curve.map(({ validation }) => validation?.["ndcg@5"] ?? 0);
    assert.equal(Math.max(...validated), best.value);

    const page = readFileSync(at("searched", "search.html"), "utf8");
    assert.equal(page.match(/<svg /g)?.length, 5, "trials, three settings, all together");
    assert.match(page, /the test part was not looked at/);
    assert.ok(!/<script|https?:\/\/(?!www\.w3\.org)/.test(page), "stands alone");
    assert.ok(!/NaN|undefined|\[object/.test(page));
    await assert.rejects(tuneModel({ ...input, trials: 12, output }), /holds 12 trials/);
  });

  it("ends in a run that measures what was searched for", async () => {
    const { best } = await tuneModel({ ...input, metric: "ndcg@7", trials: 1 });
    assert.deepEqual(best?.experiment.evaluation?.ks, [10, 20, 7]);
    const usual = await tuneModel({ ...input, metric: "ndcg@20", trials: 1 });
    assert.equal(usual.best?.experiment.evaluation, undefined);
  });

  it("is the same when it was stopped and went on", async () => {
    for (const method of ["tpe", "random"] as const) {
      const search = { ...input, method, trials: 12 };
      const whole = await tuneModel(search);
      const pieces = await inPieces({ ...search, output: at(`pieces-${method}`) }, [1, 5, 12]);
      assert.deepEqual(timeless(pieces.trials), timeless(whole.trials));
      assert.equal(pieces.best?.trial, whole.best?.trial);
    }
    const longer = await tuneModel(
      { ...input, method: "tpe", trials: 14, output: at("pieces-tpe") },
      { resume: true },
    );
    assert.equal(longer.trials.length, 14, "more trials go on from where it ended");
    await assert.rejects(
      tuneModel({ ...input, seed: 2, output: at("pieces-tpe") }, { resume: true }),
      /another search: seed was 1, and is 2 now/,
    );
  });

  it("by halving is the same with and without checkpoints, and when it was stopped", async () => {
    const search = {
      ...{ ...input, method: "halving" as const, trials: 9 },
      hyperparameters: { ...input.hyperparameters, epochs: 18 },
    };
    const whole = await tuneModel(search);
    assert.deepEqual(
      whole.trials.map(({ rung, epochs }) => `${rung}:${epochs}`),
      [...Array(9).fill("1:2"), ...Array(3).fill("2:6"), "3:18"],
    );
    const first = whole.trials.slice(0, 9);
    const bar = first.map(({ value }) => value ?? 0).sort((a, b) => b - a)[2]!;
    for (const { configuration } of whole.trials.slice(9)) {
      assert.ok(first[configuration - 1]!.value! >= bar, "the best three went on");
    }
    const output = at("halved");
    const pieces = await inPieces({ ...search, output }, [2, 5]);
    assert.deepEqual(timeless(pieces.trials), timeless(whole.trials));
    assert.ok(!existsSync(join(output, "checkpoints")), "nothing is left of them");
  });

  it("goes on past trials that fail, and says so", async () => {
    const tuning = await tuneModel({
      ...input,
      // Softmax needs negatives, and half of the trials have none.
      hyperparameters: { ...input.hyperparameters, epochs: 2, loss: "ssm" },
      space: { negativeCount: { choices: [0, 4] } },
      method: "random",
      trials: 8,
    });
    const failed = tuning.trials.filter(({ error }) => error !== null);
    assert.ok(failed.length > 0 && failed.length < tuning.trials.length, `${failed.length}`);
    assert.ok(failed.every(({ value, error }) => value === null && error!.message.length > 10));
    assert.ok(requireBest(tuning).value > 0);
    assert.ok(tuning.warnings.some((warning) => /of 8 trials failed/.test(warning)));
  });

  it("counts a trial that diverges as the worst, with its reason", async () => {
    const { trials, best } = await tuneModel({
      ...input,
      hyperparameters: { ...input.hyperparameters, optimiser: "sgd", loss: "squared", l2: 10 },
      space: { learningRate: { choices: [0.01, 10] } },
      trials: 2,
    });
    assert.deepEqual(
      trials.map(({ settings, error }) => [settings.learningRate, error?.code ?? null]).sort(),
      [
        [0.01, null],
        [10, "diverged"],
      ],
    );
    assert.equal(best?.settings.learningRate, 0.01);
  });
});

describe("the test part", () => {
  /** A dataset that ships a cut of its own. */
  function shipped(test: Interactions, train: Interactions, like: Dataset): Dataset {
    const split = { train, test, candidates: null };
    const own = { name: "own", isDefault: true, description: "a cut", load: async () => split };
    return { ...like, shippedSplits: [own] };
  }

  it("changes nothing in a search", async () => {
    const world = tasteWorld(60, 40, 9);
    const { users, items } = world.interactions;
    const inTest = Array.from(users, (_, position) => position % 4 === 0);
    const part = (test: boolean): Interactions => ({
      users: users.filter((_, position) => inTest[position] === test),
      items: items.filter((_, position) => inTest[position] === test),
      values: null,
      times: null,
    });
    const random = new RandomStream(9, "other test part");
    const other: Interactions = {
      ...part(true),
      items: part(true).items.map(() => random.below(40)),
    };
    const search: TuningInput = { ...input, data: "given", split: "default", trials: 11 };
    const [one, two] = [
      await tuneModel(search, { dataset: shipped(part(true), part(false), world) }),
      await tuneModel(search, { dataset: shipped(other, part(false), world) }),
    ];
    assert.deepEqual(timeless(one.trials), timeless(two.trials));
    assert.deepEqual(one.best, two.best);
  });

  it("is not in what trials see: reading it would throw", async () => {
    const world = tasteWorld(60, 40, 9);
    const cut = await splitDataset(
      world,
      { kind: "random", ratio: 0.7 },
      { seed: 1, validation: 0.2 },
    );
    const split = Object.defineProperty({ ...cut }, "test", {
      get() {
        throw new Error("the test part was looked at");
      },
    });
    const held = (interactions: Interactions) =>
      Array.from(interactions.users, (user, position) => `${user}/${interactions.items[position]}`);
    const blind = withoutTest(world, split);
    assert.equal(blind.split.test, null);
    const seen = new Set([
      ...held(blind.dataset.interactions),
      ...held(blind.split.train),
      ...held(blind.split.validation.targets),
    ]);
    for (const pair of held(cut.test!.targets)) assert.ok(!seen.has(pair), pair);
    const none: Split = { ...cut, validation: null };
    assert.throws(() => withoutTest(world, none), /judged on a validation part/);
  });

  it("is not learnt by a refit either, which is left to the final run", async () => {
    const hyperparameters = { ...input.hyperparameters, refit: true, width: 4 };
    const [refitted, plain] = [
      await tuneModel({ ...input, space: {}, hyperparameters, trials: 1 }),
      await tuneModel({
        ...input,
        space: {},
        hyperparameters: { ...hyperparameters, refit: false },
        trials: 1,
      }),
    ];
    assert.equal(refitted.best?.value, plain.best?.value);
    assert.equal(refitted.best?.experiment.hyperparameters?.refit, true);
  });
});

describe("what cannot be searched", () => {
  it("is refused before anything is loaded", () => {
    const cases: [Partial<TuningInput>, RegExp][] = [
      [{ model: "popularity" }, /nothing to set|nothing is left to search/],
      [
        { model: "svd", method: "halving" },
        /halving spends epochs, and svd has none.*--method tpe/,
      ],
      [{ method: "halving", space: { epochs: { choices: [1, 2] } } }, /halving decides the epochs/],
      [{ method: "halving", trials: 2 }, /needs 3 trials or more/],
      ...["coverage@5", "novelty@5", "averagePopularity@5", "ndgc@5", "ndcg"].map(
        (metric): [Partial<TuningInput>, RegExp] => [
          { metric },
          new RegExp(
            `"metric": found "${metric}"; .*\\(recall, precision, ndcg, hr, mrr or map\\)`,
          ),
        ],
      ),
      [{ space: { rank: null } }, /no such setting/],
    ];
    for (const [change, message] of cases) {
      const hyperparameters = change.model ? {} : input.hyperparameters!;
      const space = change.model ? {} : input.space!;
      assert.throws(
        () => prepareTuning({ ...input, hyperparameters, space, ...change }),
        (error: unknown) => error instanceof BadInputError && message.test(error.message),
      );
    }
  });
});

describe("what is maximised", () => {
  it("is any measure of accuracy, and all of them are better the larger", () => {
    const names = Object.entries(userMetrics).flatMap(
      ([name, { higherIsBetter, needsPopularity }]) =>
        higherIsBetter && !needsPopularity ? [name] : [],
    );
    assert.deepEqual(names, ["recall", "precision", "ndcg", "hr", "mrr", "map"]);
    for (const name of names) {
      assert.equal(prepareTuning({ ...input, metric: `${name}@5` }).tuning.metric, `${name}@5`);
    }
  });
});

describe("lumiere tune", () => {
  const words = [
    ...["tune", "--data", ratings, "--model", "bpr", "--split", "random:0.7", "--threads", "1"],
    ...["--set", "batchSize=128", "--space", "width=2,4,8", "--metric", "ndcg@5"],
  ];

  it("prints the trials and a command that trains with the best", async () => {
    const output = at("typed");
    const run = await lumiere(...words, "--epochs", "4", "--trials", "3", "--out", output);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /trial 3: validation NDCG@5 0\.\d{4}/);
    const [, command = ""] = /To train with it:\n {2}lumiere (train .*)/.exec(run.stdout) ?? [];
    const trained = await lumiere(...command.split(" "), "--json", "--out", at("typed-trained"));
    assert.equal(trained.code, 0, trained.stderr);
    const found = JSON.parse(readFileSync(join(output, "search.json"), "utf8"));
    const report = JSON.parse(trained.stdout);
    for (const [name, value] of Object.entries(found.best.experiment.hyperparameters)) {
      assert.equal(report.hyperparameters[name], value, name);
    }
    assert.equal(report.split.specification, "random:0.7");
  });

  it("stops at Ctrl-C with what is finished, and goes on", async () => {
    const output = at("interrupted");
    const long = [...words, "--epochs", "30", "--trials", "2000", "--out", output];
    const running = start(long);
    running.process.stderr?.on("data", (text: string) => {
      if (/trial 2:/.test(text)) running.process.kill("SIGINT");
    });
    const stopped = await running.finished;
    assert.equal(stopped.code, 1);
    assert.match(stopped.stderr, /finished trials are kept in .*--resume/);
    const lines = readFileSync(join(output, "trials.jsonl"), "utf8").trim().split("\n");
    assert.ok(lines.length >= 3 && lines.length < 2000, String(lines.length));
    assert.ok(existsSync(join(output, "best.json")));
    const more = String(lines.length);
    const resumed = await lumiere(
      ...words,
      "--epochs",
      "30",
      "--trials",
      more,
      "--out",
      output,
      "--resume",
      "--json",
    );
    assert.equal(resumed.code, 0, resumed.stderr);
    const { trials, complete } = JSON.parse(resumed.stdout);
    assert.deepEqual([trials.length, complete], [Number(more), true]);
  });
});
