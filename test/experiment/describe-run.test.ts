/** What a report warns of: here a second training that went another way than the one that picked its epoch. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeRun } from "../../src/experiment/describe-run.ts";
import { prepareExperiment } from "../../src/experiment/description.ts";
import { bpr } from "../../src/models/bpr.ts";
import { type FitResult, fitModel } from "../../src/training/fit.ts";
import { splitOf, tasteWorld, trainingContext } from "../models/small-world.ts";

const world = tasteWorld(24, 20, 5);
const split = splitOf(world, true);
const prepared = prepareExperiment({ data: "synthetic", model: "bpr" });

describe("the loss of a refit", () => {
  it("is that of the last epoch on everything, and absent without one", async () => {
    const context = trainingContext(world, split);
    const settings = (refit: boolean) =>
      bpr.hyperparameters.parse({ epochs: 4, evaluateEvery: 1, width: 4, refit });
    const [refitted, plain] = [
      await fitModel(bpr, settings(true), context),
      await fitModel(bpr, settings(false), context),
    ];
    assert.equal(plain.refitLoss, undefined);
    assert.ok(Math.abs(refitted.refitLoss! - Math.LN2) < 0.01, "hardly trained: ln 2");
  });

  const warningsWith = (refitLoss: number | undefined): readonly string[] => {
    const fit = {
      curve: [0.5, 0.25, 0.2].map((loss, at) => ({ epoch: at + 1, loss, seconds: 0 })),
      epochsRun: 3,
      bestEpoch: 2,
      stoppedEarly: false,
      seconds: 0,
      device: "cpu",
      ...(refitLoss !== undefined && { refitLoss }),
    } as unknown as FitResult;
    return describeRun(prepared, world, split, fit, null).warnings;
  };

  it("is warned of from twice the picked epoch's on", () => {
    const said = (refitLoss?: number) =>
      warningsWith(refitLoss).filter((text) => text.includes("unsteady"));
    assert.deepEqual([said(), said(0.2), said(0.5)], [[], [], []]);
    const [warning] = said(0.51);
    assert.match(warning!, /a loss of 0\.5100, where the training that picked epoch 2 had 0\.2500/);
  });
});
