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
import { openBundle } from "../src/artifact/bundle.ts";
import { recommendToUser } from "../src/artifact/recommendations.ts";
import { decodeSafetensors, encodeSafetensors } from "../src/artifact/safetensors.ts";
import { BadInputError, StoppedError } from "../src/base/errors.ts";
import { prepareExperiment } from "../src/experiment/description.ts";
import { evaluateBundle } from "../src/experiment/final-evaluation.ts";
import { readPerUserValues } from "../src/experiment/per-user-values.ts";
import { type ExperimentResult, runExperiment } from "../src/experiment.ts";
import { writeRatings } from "./cli/spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-experiment-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

const small = { width: 8, batchSize: 128, learningRate: 0.01, epochs: 6 };

/** Items of each user, by user. */
function itemsOf(interactions: { users: Int32Array; items: Int32Array }): Map<number, Set<number>> {
  const sets = new Map<number, Set<number>>();
  interactions.users.forEach((user, position) => {
    const items = sets.get(user) ?? new Set<number>();
    sets.set(user, items.add(interactions.items[position]!));
  });
  return sets;
}

/** Recall@k straight from its definition: all items sorted by score, seen ones skipped. */
async function recallByHand({ recommender, split }: ExperimentResult, k: number): Promise<number> {
  const [train, validation, test] = [
    split.train,
    split.validation?.targets,
    split.test!.targets,
  ].map((part) => (part ? itemsOf(part) : new Map<number, Set<number>>()));
  const recalls: number[] = [];
  for (const [user, targets] of test!) {
    const scores = await recommender.scoreUsers(Int32Array.of(user));
    const list = [...scores.keys()]
      .filter((item) => !train!.get(user)?.has(item) && !validation!.get(user)?.has(item))
      .sort((a, b) => scores[b]! - scores[a]! || a - b)
      .slice(0, k);
    recalls.push(list.filter((item) => targets.has(item)).length / targets.size);
  }
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

describe("an experiment", () => {
  it("judges on test with train and validation left out", async () => {
    const result = await runExperiment({
      data: ratings,
      split: "random:0.7",
      validation: 0.2,
      hyperparameters: small,
      evaluation: { ks: [5] },
    });
    const { report } = result;
    assert.ok(Math.abs(report.metrics["recall@5"]! - (await recallByHand(result, 5))) < 1e-12);
    assert.equal(report.split.test, 288, "30 % of 960");
    assert.equal(report.split.validationInteractions, 134, "a fifth of 672, rounded");
    assert.equal(report.split.train, 538);
    assert.equal(report.curve.length, 6);
    assert.deepEqual(report.files, {});
    assert.deepEqual(readdirSync(folder), ["ratings.csv"], "nothing was written");
  });

  it("picks validation by the kind of model, unless it is told", () => {
    const validation = (input: object) =>
      prepareExperiment({ data: "x.csv", ...input }).experiment.validation;
    assert.equal(validation({ model: "lightgcn" }), 0.1);
    assert.equal(validation({ model: "popularity" }), 0);
    assert.equal(validation({ model: "popularity", validation: 0.2 }), 0.2);
    assert.equal(validation({ model: "lightgcn", validation: 0 }), 0);
  });

  it("says before it trains that nobody can be judged", async () => {
    const data = at("one-item.csv");
    writeFileSync(data, "user,item\na,x\nb,x\nc,x\nd,x\n");
    const stages: string[] = [];
    const options = { progress: ({ stage }: { stage: string }) => stages.push(stage) };
    const run = {
      data,
      model: "mult-dae",
      split: "random:0.5",
      validation: 0,
      output: at("nobody"),
    };
    await assert.rejects(runExperiment(run, options), /nobody can be judged/);
    assert.ok(!stages.includes("train"), stages.join());
    assert.ok(!existsSync(at("nobody")));
    writeFileSync(data, "user,item\na,x\na,y\nb,x\nb,y\n");
    await runExperiment(run, options);
    assert.ok(stages.includes("train"));
  });

  it("warns where nothing picked the epoch, and where the data are made up", async () => {
    const unpicked = await runExperiment({
      data: ratings,
      split: "random:0.8",
      validation: 0,
      hyperparameters: small,
    });
    assert.match(unpicked.report.warnings.join(), /no validation part: the last epoch was kept/);
    const synthetic = await runExperiment({ data: "synthetic", model: "popularity" });
    assert.equal(synthetic.report.dataset.synthetic, true);
    assert.match(synthetic.report.warnings.join(), /made-up data/);
    const leaking = await runExperiment({ data: ratings, model: "popularity", split: "loo" });
    assert.match(leaking.report.warnings.join(), /leaks the future/);
  });

  it("keeps a bundle that answers and is judged the same", async () => {
    const output = at("kept");
    const result = await runExperiment({
      data: ratings,
      split: "random:0.8",
      hyperparameters: small,
      seed: 3,
      output,
    });
    const bundle = await openBundle(output);
    assert.deepEqual(bundle.manifest.metrics, result.report.metrics);
    assert.equal(bundle.manifest.dataset.fingerprint, result.report.dataset.fingerprint);
    assert.deepEqual((await evaluateBundle(bundle)).metrics, result.evaluation?.metrics);
    assert.deepEqual(
      await recommendToUser(bundle, "u3", 5),
      await recommendToUser(result, "u3", 5),
    );
    assert.deepEqual(readdirSync(output).sort(), [
      "bundle",
      "curves.svg",
      "per-user.safetensors",
      "report.html",
      "report.json",
    ]);
    const { users, values } = await readPerUserValues(output);
    assert.deepEqual(users, result.evaluation!.perUser.users);
    assert.deepEqual(values, result.evaluation!.perUser.values, "for paired tests");
  });

  it("leaves nothing of an earlier run beside another model's report", async () => {
    const output = at("again");
    const run = { data: ratings, split: "random:0.8", output, checkpoint: { keep: true } };
    await runExperiment({ ...run, hyperparameters: { ...small, epochs: 1 } });
    assert.ok(existsSync(join(output, "curves.svg")) && existsSync(join(output, "checkpoint")));
    await runExperiment({ ...run, model: "popularity" });
    assert.deepEqual(readdirSync(output).sort(), [
      "bundle",
      "per-user.safetensors",
      "report.html",
      "report.json",
    ]);
  });

  it("refits on train and validation together where it is asked to", async () => {
    const output = at("refit");
    const result = await runExperiment({
      data: ratings,
      split: "random:0.8",
      hyperparameters: { ...small, refit: true },
      output,
    });
    const bundle = await openBundle(output);
    assert.deepEqual((await evaluateBundle(bundle)).metrics, result.evaluation?.metrics);
    // With refit nothing is seen that was not trained on.
    assert.deepEqual(bundle.train, bundle.seen);
    assert.match(readFileSync(join(output, "report.html"), "utf8"), /trained again for \d+ epochs/);
  });

  it("learns from, masks and counts all of a validation part, newcomers who cannot be ranked too", async () => {
    // Everybody comes a little later than the one before, so that a cut in time holds newcomers out.
    const rows = Array.from({ length: 40 }, (_, user) =>
      Array.from(
        { length: 10 },
        (_, n) => `u${user},i${(user * 3 + n * n) % 30},5,${user * 10 + n * 15}`,
      ),
    ).flat();
    const data = at("newcomers.csv");
    writeFileSync(data, ["user,item,rating,timestamp", ...rows].join("\n"));
    const output = at("newcomers");
    const cut = { data, split: "temporal:0.8", validation: 0.3, evaluation: { ks: [5] } };
    const refitted = await runExperiment({
      ...cut,
      hyperparameters: { ...small, refit: true },
      output,
    });
    const { train, validation } = refitted.split;
    const parts = [train, validation!.targets, validation!.unrankable!];
    assert.ok(validation!.unrankable!.users.length > 0);
    const bundle = await openBundle(output);
    const known = parts.reduce((count, { users }) => count + users.length, 0);
    assert.equal(bundle.train.indices.length, known, "no pair twice in this data");
    assert.deepEqual(bundle.train, bundle.seen);
    const judged = await evaluateBundle(bundle);
    assert.deepEqual(judged.metrics, refitted.evaluation!.metrics);
    assert.deepEqual(judged.byPopularity, refitted.evaluation!.byPopularity);
    const kept = at("newcomers-kept");
    const unfitted = await runExperiment({ ...cut, model: "popularity", output: kept });
    assert.deepEqual(
      unfitted.evaluation!.byPopularity!.groups,
      refitted.evaluation!.byPopularity!.groups,
      "the same groups for every model",
    );
    const again = await evaluateBundle(await openBundle(kept));
    assert.deepEqual(again.metrics, unfitted.evaluation!.metrics);
    assert.deepEqual(again.byPopularity, unfitted.evaluation!.byPopularity);
  });

  it("judges held-out users by folding their histories in, from the bundle too", async () => {
    const output = at("held-out");
    const result = await runExperiment({
      data: ratings,
      split: "held-out:20",
      hyperparameters: small,
      output,
    });
    assert.equal(result.evaluation?.usersEvaluated, 20);
    const bundle = await openBundle(output);
    assert.deepEqual((await evaluateBundle(bundle)).metrics, result.evaluation?.metrics);
    const held = result.split.test!.targets.users[0]!;
    const list = await recommendToUser(bundle, bundle.users.idOf(held), 10);
    const history = itemsOf(result.split.test!.history!).get(held)!;
    assert.equal(list.length, 10);
    for (const { item } of list) assert.ok(!history.has(bundle.items.indexOf(item)!));
  });

  it("uses data that are loaded already", async () => {
    const { dataset } = await runExperiment({ data: ratings, model: "random" });
    const again = await runExperiment({ data: "nowhere.csv", model: "random" }, { dataset });
    assert.equal(again.report.dataset.fingerprint.length, 64);
  });

  it("refuses an output folder of somebody else's before it does any work", async () => {
    mkdirSync(at("photos", "bundle"), { recursive: true });
    writeFileSync(at("photos", "bundle", "summer.jpg"), "!");
    await assert.rejects(
      runExperiment({ data: "nowhere.csv", output: at("photos") }),
      /holds "summer.jpg".*not replaced/,
    );
  });

  it("stops when it is told, and leaves no result behind", async () => {
    const output = at("stopped");
    const stop = new AbortController();
    const run = runExperiment(
      { data: ratings, split: "random:0.8", hyperparameters: { ...small, epochs: 1000 }, output },
      {
        signal: stop.signal,
        progress: ({ stage, done }) => {
          if (stage === "train" && done >= 2) stop.abort();
        },
      },
    );
    await assert.rejects(run, StoppedError);
    assert.ok(existsSync(join(output, "checkpoint")));
    assert.equal(existsSync(join(output, "bundle")), false);
    assert.equal(existsSync(join(output, "report.json")), false);
  });

  it("counts the seconds of a resumed run's earlier sittings", async () => {
    const output = at("resumed");
    const run = { data: ratings, split: "random:0.8", output, checkpoint: { keep: true } };
    const hyperparameters = { ...small, patience: 0 };
    await runExperiment({ ...run, hyperparameters });
    const path = join(output, "checkpoint", "checkpoint.safetensors");
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
    const checkpoint = { ...JSON.parse(metadata.checkpoint!), seconds: 1000 };
    writeFileSync(path, encodeSafetensors(tensors, { checkpoint: JSON.stringify(checkpoint) }));
    const { report } = await runExperiment({ ...run, hyperparameters }, { resume: true });
    const { load, split, fit, evaluate, total } = report.seconds;
    assert.ok(fit! >= 1000 && fit! < 1100, `${fit}`);
    assert.ok(total >= load + split + fit! + evaluate!, `${total}`);
  });

  it("names the field that is wrong", async () => {
    const refuse = (input: object, pattern: RegExp) =>
      assert.rejects(runExperiment({ data: ratings, ...input }), (error) => {
        assert.ok(error instanceof BadInputError);
        assert.match(error.message, pattern);
        return true;
      });
    await refuse({ modle: "x" }, /"modle" is not known; did you mean "model"/);
    await refuse({ data: { data: ratings, minRatng: 3 } }, /"data\.minRatng".*"minRating"/);
    await refuse(
      { hyperparameters: { layer: 2 } },
      /hyperparameters of lightgcn: "layer".*"layers"/,
    );
    await refuse({ hyperparameters: { layers: 99 } }, /field "layers": found 99/);
    await refuse({ evaluation: { ks: [] } }, /"evaluation\.ks"/);
    await refuse({ seed: 1.5 }, /"seed": found 1\.5/);
    await refuse({ split: "half" }, /split "half"/);
  });
});
