/** What a run works out before its first step: once, in sight, and only where it is read. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ProgressEvent, silent } from "../../src/base/progress.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { Profile } from "../../src/engine/profile.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { bpr } from "../../src/models/bpr.ts";
import type { GradientDefinition } from "../../src/models/gradient.ts";
import { multVae } from "../../src/models/mult-vae.ts";
import { neumf } from "../../src/models/neumf.ts";
import { ultragcn } from "../../src/models/ultragcn.ts";
import { fitModel } from "../../src/training/fit.ts";
import { estimateMemory } from "../../src/training/memory.ts";
import { drawsNear, needsPreparation, prepare } from "../../src/training/preparation.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { splitOf, tasteWorld, trainingContext } from "../models/small-world.ts";

const world = tasteWorld(60, 48, 9);
const split = splitOf(world, true);
const small = { epochs: 1, width: 4, batchSize: 64, evaluateEvery: 1, negatives: "rp3" };

/** Rows done, of how many, each time that a run was preparing. */
async function preparations(
  definition: GradientDefinition,
  more: Readonly<Record<string, unknown>> = {},
) {
  const seen: ProgressEvent[] = [];
  const hyperparameters = definition.hyperparameters.parse({ ...small, ...more });
  const progress = (event: ProgressEvent) => seen.push(event);
  await fitModel(definition, hyperparameters, trainingContext(world, split, { progress }));
  return seen
    .filter(({ unit }) => unit === "rows")
    .map(({ stage, done, total }) => `${stage} ${done}/${total}`);
}

describe("what a run works out first", () => {
  it("is worked out once for the memory estimate and the training, and again for a refit's other data", async () => {
    assert.deepEqual(await preparations(bpr), ["prepare 60/60"]);
    assert.deepEqual(await preparations(bpr, { refit: true }), ["prepare 60/60", "refit 60/60"]);
    assert.deepEqual(await preparations(ultragcn, { negatives: "uniform" }), ["prepare 48/48"]);
    assert.deepEqual(await preparations(ultragcn), ["prepare 60/60", "prepare 48/48"]);
  });

  it("is handed to the models that a warm start trains on the same data", async () => {
    const more = { layers: 2, pretrain: true, pretrainEpochs: 1 };
    assert.deepEqual(await preparations(neumf, more), ["prepare 60/60"]);
  });

  it("is nothing where no negative is drawn from near the user", async () => {
    const none = [{ negatives: "uniform" }, { loss: "multinomial" }, { candidateShare: 0 }];
    for (const more of none) assert.deepEqual(await preparations(bpr, more), []);
    const near = (more: Readonly<Record<string, unknown>>) =>
      drawsNear(ultragcn, ultragcn.hyperparameters.parse({ ...small, ...more }));
    // Its constraint reads drawn items whatever the main loss compares with.
    assert.ok(near({ loss: "multinomial" }));
    assert.ok(!near({ negatives: "in-batch" }));
    assert.ok(!needsPreparation(multVae, multVae.hyperparameters.parse({})));
  });

  it("is a part of the profile, and ends on abort", async () => {
    const profile = new Profile();
    const controller = new AbortController();
    const hyperparameters = bpr.hyperparameters.parse(small);
    const context = trainingContext(world, split, {
      profile,
      signal: controller.signal,
      progress: ({ stage }) => {
        if (stage === "prepare") controller.abort();
      },
    });
    await assert.rejects(fitModel(bpr, hyperparameters, context), { name: "StoppedError" });
    const kernels = profile.uses.filter(({ phase }) => phase === "preparation");
    assert.ok(kernels.some(({ kernel }) => kernel === "sparseProduct"));
    const waiting = trainingContext(world, split, { signal: controller.signal });
    await assert.rejects(fitModel(ultragcn, ultragcn.hyperparameters.parse(small), waiting), {
      message: "stopped after 0 of 60 rows",
    });
  });

  it("counts in the memory estimate, and no trainer goes without", async () => {
    const graph = buildGraph(world.interactions, world.users.size, world.items.size);
    const data = { ...world, graph };
    for (const definition of [bpr, ultragcn]) {
      const hyperparameters = definition.hyperparameters.parse(small);
      const options = { threads: 2, seed: 1 };
      assert.throws(() => estimateMemory(definition, hyperparameters, data, options), TypeError);
      const device = await createCpuDevice({ threads: 2 });
      const work = { device, progress: silent, signal: new AbortController().signal };
      const before = device.mark();
      const prepared = await prepare(definition, hyperparameters, data, work);
      assert.equal(device.mark(), before);
      await device.close();
      const estimate = estimateMemory(definition, hyperparameters, data, options, prepared);
      const fresh = await createCpuDevice({ threads: 2, limitBytes: estimate + 65536 });
      const trainer = new Trainer(definition, hyperparameters, data, fresh, 1, prepared);
      trainer.step(1, 0);
      assert.ok(fresh.peakBytes <= estimate);
      await fresh.close();
    }
  });
});
