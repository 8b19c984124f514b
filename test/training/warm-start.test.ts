import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { StoppedError } from "../../src/base/errors.ts";
import { mergeInteractions } from "../../src/data/interactions.ts";
import { gmf } from "../../src/models/gmf.ts";
import type { PairDefinition, WarmStart } from "../../src/models/gradient.ts";
import { mlp } from "../../src/models/mlp.ts";
import { neumf } from "../../src/models/neumf.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { fitModel } from "../../src/training/fit.ts";
import { splitOf, tasteWorld, trainingContext } from "../models/small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-warm-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const world = tasteWorld(60, 48, 9);
const split = splitOf(world, true);
const common = { batchSize: 64, width: 4, learningRate: 0.01, evaluateEvery: 2, patience: 0 };
const network = { ...common, layers: 2, deviation: 0.1 };

function settings(more: Hyperparameters = {}): Hyperparameters {
  return neumf.hyperparameters.parse({
    ...network,
    ...{ epochs: 4, pretrain: true, pretrainEpochs: 6 },
    ...more,
  });
}

describe("NeuMF's warm start", () => {
  it("puts h and b together by the trade-off, and takes the rest as it is", () => {
    const { fuse } = neumf.warmStart!(settings({ tradeOff: 0.25 }))!;
    const fused = fuse({
      gmf: {
        "product.user": Float32Array.of(1, 2),
        "product.h": Float32Array.of(4, 8),
        bias: Float32Array.of(-4),
      },
      mlp: {
        "tower.bias1": Float32Array.of(5),
        "tower.h": Float32Array.of(4, -8),
        bias: Float32Array.of(8),
      },
    });
    assert.deepEqual(fused, {
      "product.user": Float32Array.of(1, 2),
      "product.h": Float32Array.of(1, 2),
      "tower.bias1": Float32Array.of(5),
      "tower.h": Float32Array.of(3, -6),
      bias: Float32Array.of(5),
    });
  });

  it("begins where GMF and MLP have ended: with a rate of next to nothing it scores as their mean", async () => {
    const still = settings({ epochs: 1, learningRate: 1e-12, pretrainLearningRate: 0.01 });
    const trained = (model: PairDefinition, more: Hyperparameters) =>
      fitModel(model, model.hyperparameters.parse(more), trainingContext(world, split));
    const users = Int32Array.of(0, 7);
    const { recommender } = await fitModel(neumf, still, trainingContext(world, split));
    const found = await recommender.scoreUsers(users);
    const ofGmf = await trained(gmf, { ...common, deviation: 0.1, epochs: 6 });
    const ofMlp = await trained(mlp, { ...network, epochs: 6 });
    const product = await ofGmf.recommender.scoreUsers(users);
    const tower = await ofMlp.recommender.scoreUsers(users);
    // GMF leaves its b off its scores: the rest is the same everywhere.
    const rest = Array.from(found, (score, at) => score - 0.5 * product[at]! - 0.5 * tower[at]!);
    for (const value of rest) assert.ok(Math.abs(value - rest[0]!) < 1e-5, `${value} ≠ ${rest[0]}`);
    assert.ok(Math.max(...found) - Math.min(...found) > 0.1);
  });

  it("stopped anywhere and resumed equals never stopped, bit for bit", async () => {
    const whole = await fitModel(neumf, settings(), trainingContext(world, split));
    const directory = mkdtempSync(join(folder, "resume-"));
    const stages = new Set<string>();
    for (let sittings = 0; ; sittings++) {
      assert.ok(sittings < 40);
      const controller = new AbortController();
      let reports = 0;
      const context = trainingContext(world, split, {
        ...{ checkpoint: { directory, everyEpochs: 1 }, resume: true, threads: 1 + (sittings % 2) },
        signal: controller.signal,
        progress({ stage }) {
          stages.add(stage);
          if (++reports === 2) controller.abort();
        },
      });
      try {
        const resumed = await fitModel(neumf, settings(), context);
        assert.ok(sittings >= 4, `only ${sittings} interruptions`);
        assert.deepEqual(resumed.recommender.save(), whole.recommender.save());
        break;
      } catch (error) {
        assert.ok(error instanceof StoppedError, String(error));
      }
    }
    assert.deepEqual([...stages].sort(), ["gmf", "mlp", "train"]);
  });

  it("refits the models before it too, each for as many epochs as validation picked", async () => {
    const hyperparameters = settings({
      refit: true,
      pretrainLearningRate: 0.05,
      pretrainEpochs: 12,
    });
    const epochs: Record<string, number[]> = {};
    const refitted = await fitModel(
      neumf,
      hyperparameters,
      trainingContext(world, split, {
        progress({ stage, total }) {
          epochs[stage] = [...new Set([...(epochs[stage] ?? []), total!])];
        },
      }),
    );
    const everything = mergeInteractions([split.train, split.validation!.targets]);
    const all = { ...split, train: everything, validation: null };
    const picked = async (model: PairDefinition, more: Hyperparameters) => {
      const own = model.hyperparameters.parse({ ...more, learningRate: 0.05, epochs: 12 });
      return (await fitModel(model, own, trainingContext(world, split))).bestEpoch!;
    };
    const [ofGmf, ofMlp] = [
      await picked(gmf, { ...common, deviation: 0.1 }),
      await picked(mlp, network),
    ];
    assert.ok(ofGmf < 12 || ofMlp < 12, "validation picked the last epoch of both: nothing tested");
    const definition: PairDefinition = {
      ...neumf,
      warmStart(): WarmStart {
        const { fuse, models } = neumf.warmStart!(hyperparameters)!;
        const shorter = (name: string, count: number) => ({
          definition: models[name]!.definition,
          hyperparameters: { ...models[name]!.hyperparameters, epochs: count },
        });
        return { fuse, models: { gmf: shorter("gmf", ofGmf), mlp: shorter("mlp", ofMlp) } };
      },
    };
    const direct = await fitModel(
      definition,
      { ...hyperparameters, epochs: refitted.bestEpoch },
      trainingContext(world, all),
    );
    assert.deepEqual(refitted.recommender.save(), direct.recommender.save());
  });
});
