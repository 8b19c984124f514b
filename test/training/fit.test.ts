import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { StoppedError } from "../../src/base/errors.ts";
import { mergeInteractions, selectInteractions } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { checkMemory } from "../../src/engine/planning.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { simgcl } from "../../src/models/simgcl.ts";
import { xsimgcl } from "../../src/models/xsimgcl.ts";
import { fitModel } from "../../src/training/fit.ts";
import { estimateMemory } from "../../src/training/memory.ts";
import { afterValidation, neverValidated, shouldStop } from "../../src/training/stopping.ts";
import { Trainer } from "../../src/training/trainer.ts";
import {
  checkerboard,
  datasetOf,
  splitOf,
  tasteWorld,
  trainingContext,
} from "../models/small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-fit-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const world = tasteWorld(80, 60, 10);

function settings(more: Record<string, unknown> = {}) {
  const small = { epochs: 6, batchSize: 32, width: 8, layers: 2, learningRate: 0.01 };
  return lightgcn.hyperparameters.parse({ ...small, evaluateEvery: 1, patience: 0, ...more });
}

describe("training", () => {
  it("lowers the loss, and records every epoch", async () => {
    const context = trainingContext(world, splitOf(world, true));
    const { curve, epochsRun, bestEpoch } = await fitModel(
      lightgcn,
      settings({ epochs: 20 }),
      context,
    );
    assert.deepEqual(
      curve.map(({ epoch }) => epoch),
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    assert.equal(epochsRun, 20);
    assert.ok(curve[0]!.loss > 0.6 && curve[0]!.loss < 0.7);
    assert.ok(curve.at(-1)!.loss < 0.8 * curve[0]!.loss);
    const values = curve.map(({ validation }) => validation!["ndcg@20"]!);
    assert.equal(bestEpoch, values.indexOf(Math.max(...values)) + 1);
  });

  it("has liked items among its negatives where they may be any", async () => {
    const { dataset } = checkerboard(16);
    const lastLoss = async (negatives: string) => {
      const more = { epochs: 60, learningRate: 0.05, l2: 0, negativeCount: 4, negatives };
      const { curve } = await fitModel(
        lightgcn,
        settings(more),
        trainingContext(dataset, splitOf(dataset)),
      );
      return curve.at(-1)!.loss;
    };
    // 7 of 16 items are the user's own, and the two orders of a pair cost ln 2 or more on average.
    const least = (7 / 16) * Math.log(2);
    const [uniform, any] = [await lastLoss("uniform"), await lastLoss("any")];
    assert.ok(uniform < 0.3 * least, `${uniform}`);
    assert.ok(any > 0.8 * least, `${any}`);
  });

  it("judges validation by the protocol, and resumes only under the same one", async () => {
    // Every third interaction validates.
    const part = (validates: boolean) =>
      selectInteractions(
        world.interactions,
        Int32Array.from(world.interactions.users.keys()).filter(
          (at) => (at % 3 === 0) === validates,
        ),
      );
    const validation = { targets: part(true), history: null, candidates: null };
    const split = { ...splitOf(world), train: part(false), validation };
    const counts = new Int32Array(world.users.size);
    for (const user of validation.targets.users) counts[user]!++;
    assert.ok(Math.max(...counts) > 1, "somebody has more to find than a list of one can hold");
    const directory = mkdtempSync(join(folder, "protocol-"));
    const run = async (protocol: "mult-vae" | "lightgcn", resume = false) => {
      const context = trainingContext(world, split, {
        protocol,
        checkpoint: { directory, everyEpochs: 1 },
        resume,
      });
      const few = settings({ epochs: 2, stopMetric: "recall@1" });
      return (await fitModel(lightgcn, few, context)).curve.at(-1)!.validation!;
    };
    const plain = await run("lightgcn");
    assert.ok(plain["recall@1"]! < plain["precision@1"]!, "recall over |T|");
    const reachable = await run("mult-vae");
    // min(1, |T|) is 1 for everybody, so that recall is precision.
    assert.equal(reachable["recall@1"], reachable["precision@1"]);
    await assert.rejects(run("lightgcn", true), /other data, model or settings/);
  });

  it("keeps the weights of the best epoch, not of the last", async () => {
    const split = splitOf(world, true);
    const run = (epochs: number) =>
      fitModel(lightgcn, settings({ epochs, learningRate: 0.2 }), trainingContext(world, split));
    const long = await run(25);
    assert.ok(long.bestEpoch! < 25);
    const short = await run(long.bestEpoch!);
    assert.deepEqual(long.recommender.save(), short.recommender.save());
  });

  it("stops when patience has run out", async () => {
    const context = trainingContext(world, splitOf(world, true));
    const hyperparameters = settings({ epochs: 400, learningRate: 0.2, patience: 3 });
    const { curve, bestEpoch, stoppedEarly } = await fitModel(lightgcn, hyperparameters, context);
    assert.ok(stoppedEarly);
    assert.equal(curve.length, bestEpoch! + 3);
  });

  it("refits on training and validation together, for as many epochs as validation picked", async () => {
    const split = splitOf(world, true);
    const context = trainingContext(world, split);
    const rate = { learningRate: 0.2, decayEpochs: 20 };
    const hyperparameters = settings({ epochs: 25, ...rate, refit: true });
    const refitted = await fitModel(lightgcn, hyperparameters, context);
    const everything = mergeInteractions([split.train, split.validation!.targets]);
    const direct = await fitModel(
      lightgcn,
      settings({ epochs: refitted.bestEpoch, ...rate }),
      trainingContext(world, { ...split, train: everything, validation: null }),
    );
    assert.deepEqual(refitted.recommender.save(), direct.recommender.save());
    assert.equal(refitted.curve.length, 25);
  });

  for (const evaluateEvery of [1, 7]) {
    it(`goes on with more epochs as if it had had them from the start, validated every ${evaluateEvery}`, async () => {
      const split = splitOf(world, true);
      const directory = mkdtempSync(join(folder, "longer-"));
      const run = (epochs: number, resume: boolean) =>
        fitModel(
          lightgcn,
          settings({ epochs, evaluateEvery, learningRate: 0.2, patience: 100 }),
          trainingContext(world, split, { resume, checkpoint: resume ? { directory } : null }),
        );
      const validated = ({ curve }: Awaited<ReturnType<typeof run>>) =>
        curve.flatMap(({ epoch, validation }) =>
          validation ? [[epoch, validation] as const] : [],
        );
      const short = await run(20, true);
      assert.equal(
        validated(short).at(-1)![0],
        20,
        "the last epoch is validated, on schedule or not",
      );
      const again = await run(20, true);
      assert.deepEqual(again.recommender.save(), short.recommender.save());
      assert.deepEqual(validated(again), validated(short));
      const longer = await run(30, true);
      const direct = await run(30, false);
      assert.deepEqual(longer.recommender.save(), direct.recommender.save());
      assert.deepEqual(validated(longer), validated(direct));
    });
  }

  for (const more of [
    {},
    { layerWeights: "learned" },
    { layerWeights: "last", normalisation: "l1-left", negatives: "popularity" },
    { optimiser: "adagrad", positives: "user" },
  ]) {
    it(`stopped and resumed equals never stopped, bit for bit: ${JSON.stringify(more)}`, async () => {
      const split = splitOf(world, true);
      const whole = await fitModel(lightgcn, settings(more), trainingContext(world, split));
      const directory = mkdtempSync(join(folder, "resume-"));
      let sittings = 0;
      for (;;) {
        const controller = new AbortController();
        let reports = 0;
        const context = trainingContext(world, split, {
          // Another number of threads in each sitting.
          threads: 1 + (sittings % 3),
          checkpoint: { directory, everyEpochs: 1 },
          resume: true,
          signal: controller.signal,
          progress: () => {
            if (++reports === 2) controller.abort();
          },
        });
        try {
          const resumed = await fitModel(lightgcn, settings(more), context);
          assert.ok(sittings >= 2, `only ${sittings} interruptions`);
          assert.deepEqual(resumed.recommender.save(), whole.recommender.save());
          const figures = (curve: typeof whole.curve) =>
            curve.map(({ epoch, loss, validation }) => ({ epoch, loss, validation }));
          assert.deepEqual(figures(resumed.curve), figures(whole.curve));
          break;
        } catch (error) {
          assert.ok(error instanceof StoppedError, String(error));
          assert.match(error.message, /--resume/);
          sittings++;
        }
      }
    });
  }

  it("refuses a checkpoint of other settings, and says what to do", async () => {
    const directory = mkdtempSync(join(folder, "other-"));
    const split = splitOf(world, true);
    const checkpoint = { directory, everyEpochs: 1 };
    const context = trainingContext(world, split, { checkpoint, resume: true });
    await fitModel(lightgcn, settings(), context);
    await assert.rejects(fitModel(lightgcn, settings({ width: 4 }), context), /belongs to a run/);
    const dataset = { ...context.dataset, userFeatures: { age: context.dataset.users.ids } };
    const described = { ...context, dataset };
    await assert.rejects(fitModel(lightgcn, settings(), described), /belongs to a run/);
  });

  it("refuses data from which nothing can be learned", async () => {
    const full = Array.from({ length: 12 }, (_, at) => [Math.floor(at / 4), at % 4] as const);
    const dataset = datasetOf(full);
    await assert.rejects(
      fitModel(lightgcn, settings(), trainingContext(dataset, splitOf(dataset))),
      /unseen item/,
    );
  });

  it("refuses a run that would not fit, with advice", () => {
    assert.throws(() => checkMemory(5 * 2 ** 30, 64 * 2 ** 30), /5.00 GiB.*4.00 GiB.*width/);
    assert.throws(() => checkMemory(3 * 2 ** 30, 2 ** 30), /this machine has free/);
    checkMemory(2 ** 30, 2 ** 31);
  });

  it("needs at most the memory that it asked for", async () => {
    const graph = buildGraph(world.interactions, world.users.size, world.items.size);
    const data = { ...world, graph };
    const small = settings();
    const runs = [
      [lightgcn, small],
      [lightgcn, settings({ layerWeights: "learned" })],
      // Batches with three times as many pairs as there are users, of whom a step contrasts those it has.
      [simgcl, simgcl.hyperparameters.parse({ ...small, batchSize: 240 })],
      [xsimgcl, xsimgcl.hyperparameters.parse({ ...small, batchSize: 240 })],
    ] as const;
    for (const [model, hyperparameters] of runs) {
      const options = { threads: 2, seed: 1 };
      const estimate = estimateMemory(model, hyperparameters, data, options);
      const device = await createCpuDevice({ threads: 2, limitBytes: estimate + 65536 });
      const trainer = new Trainer(model, hyperparameters, data, device, 1);
      for (let batch = 0; batch < trainer.batchesPerEpoch; batch++) trainer.step(1, batch);
      await trainer.recommender();
      assert.ok(device.peakBytes <= estimate);
      await device.close();
    }
  });
});

describe("early stopping", () => {
  it("keeps the first of equal values and counts what did not improve", () => {
    let state = neverValidated;
    for (const [epoch, value] of [0.1, 0.3, 0.3, 0.2].entries()) {
      state = afterValidation(state, epoch + 1, value);
    }
    assert.deepEqual(state, { bestEpoch: 2, bestValue: 0.3, waited: 2 });
    assert.ok(shouldStop(state, 2));
    assert.ok(!shouldStop(state, 3));
    assert.ok(!shouldStop(state, 0));
  });
});
