/** Validation on a seeded sample of users: whom it judges, and that nothing else changes. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openBundle } from "../../src/artifact/bundle.ts";
import { judgedSample } from "../../src/data/judged-sample.ts";
import { parseSplit } from "../../src/data/split-language.ts";
import { splitDataset } from "../../src/data/splits.ts";
import { cutForTraining } from "../../src/data/training-cut.ts";
import { Evaluator } from "../../src/evaluation/evaluate.ts";
import { runExperiment } from "../../src/experiment.ts";
import { tuneModel } from "../../src/index.ts";
import { popularity } from "../../src/models/popularity.ts";
import { fitModel } from "../../src/training/fit.ts";
import { tasteWorld, trainingContext } from "../models/small-world.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const world = tasteWorld(40, 30, 8);
const cut = (validationUsers?: number, seed = 1) =>
  splitDataset(world, parseSplit("user-random:0.75"), { seed, validation: 0.25, validationUsers });

describe("a sample of the validation users", () => {
  it("is drawn from those with a target, by the seed, and moves no interaction", async () => {
    const all = await cut();
    const some = await cut(12);
    const judged = some.validation?.judged;
    assert.equal(new Set(judged).size, 12);
    assert.deepEqual(
      [...judged!].sort((a, b) => a - b),
      [...judged!],
    );
    assert.deepEqual((await cut(12)).validation?.judged, judged);
    assert.notDeepEqual((await cut(12, 2)).validation?.judged, judged);
    const { judged: _, ...rest } = some.validation!;
    assert.deepEqual(rest, all.validation);
    assert.deepEqual([some.train, some.test], [all.train, all.test]);
    assert.match(some.description, /judged on 12 random users of it \(seed 1\)/);
  });

  it("is everybody where there are no more", async () => {
    const some = await cut(40);
    assert.deepEqual(some, await cut());
    assert.equal(some.validation?.judged, undefined);
  });

  it("gives each of its users the figures that everybody's evaluation gives them", async () => {
    const some = await cut(12);
    const all = await cut();
    const { recommender } = await fitModel(popularity, {}, trainingContext(world, all));
    const judge = ({ validation, train }: typeof all) =>
      new Evaluator(validation!, { seen: [train], ks: [5] }).evaluate(recommender);
    const [sample, whole] = [await judge(some), await judge(all)];
    assert.deepEqual(sample.perUser.users, some.validation?.judged);
    const byUser = new Map(
      Array.from(whole.perUser.users, (user, at) => [user, whole.perUser.values["recall@5"]![at]]),
    );
    for (const [at, user] of sample.perUser.users.entries()) {
      assert.equal(sample.perUser.values["recall@5"]![at], byUser.get(user));
    }
    assert.ok(sample.usersSkipped <= whole.usersSkipped);
  });

  const described = { data: "synthetic", split: "random:0.8", model: "bpr", threads: 1 } as const;
  const hyperparameters = { epochs: 1, evaluateEvery: 1, width: 4 };

  it("is what a run's report and bundle say it is, and test is judged on everybody", async (test) => {
    const output = await temporaryFolder(test);
    const sampled = { ...described, hyperparameters, validationUsers: 50, output };
    const { report } = await runExperiment(sampled);
    const { manifest } = await openBundle(output);
    assert.equal(manifest.split.validationUsers, 50);
    const { report: whole } = await runExperiment({ ...described, hyperparameters });
    assert.deepEqual([report.split.validationUsers, whole.split.validationUsers], [50, undefined]);
    assert.match(report.split.description, /judged on 50 random users of it/);
    // One epoch: the same weights, judged alike on test, otherwise on validation.
    assert.deepEqual(report.metrics, whole.metrics);
    assert.notDeepEqual(report.curve[0]?.validation, whole.curve[0]?.validation);
  });

  it("is drawn alike where everything else trains", () => {
    const validation = (validationUsers?: number) =>
      cutForTraining(world, { seed: 1, validation: 0.25, validationUsers }).validation!;
    assert.deepEqual(validation(12), judgedSample(validation(), 12, 1));
    assert.equal(validation(12).judged?.length, 12);
    assert.equal(validation().judged, undefined);
  });

  it("judges the trials of a search, and goes into the command of its best", async () => {
    const space = { learningRate: { choices: [0.001, 0.01] } };
    const tuning = await tuneModel({
      ...{ ...described, hyperparameters, space, trials: 1, validationUsers: 50 },
    });
    assert.equal(tuning.split.validationUsers, 50);
    assert.equal(tuning.best?.experiment.validationUsers, 50);
  });
});
