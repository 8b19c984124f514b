import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { decodeSafetensors } from "../../src/artifact/safetensors.ts";
import { DivergedError } from "../../src/base/errors.ts";
import { firstNonFinite } from "../../src/base/finite.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { popularity } from "../../src/models/popularity.ts";
import type { ClosedFormDefinition } from "../../src/models/recommender.ts";
import { fitModel } from "../../src/training/fit.ts";
import { splitOf, tasteWorld, trainingContext } from "../models/small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-diverged-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const world = tasteWorld(40, 30, 8);
/** Each epoch multiplies the loss by about 10⁵ and more. */
const hopeless = lightgcn.hyperparameters.parse({
  ...{ epochs: 30, batchSize: 4096, width: 8, layers: 2, evaluateEvery: 1 },
  ...{ learningRate: 10, deviation: 10, optimiser: "sgd", loss: "squared", l2: 10 },
});

describe("training that diverges", () => {
  it("ends with the epoch, the last loss and what to do; no checkpoint holds NaN", async () => {
    const directory = join(folder, "checkpoint");
    const context = {
      ...trainingContext(world, splitOf(world, true)),
      checkpoint: { directory, everyEpochs: 1 },
    };
    const error = await fitModel(lightgcn, hopeless, context).catch((reason: unknown) => reason);
    assert.ok(error instanceof DivergedError);
    assert.equal(error.exitCode, 1);
    const [, epoch] = /^training diverged in epoch (\d+): /.exec(error.message) ?? [];
    assert.ok(Number(epoch) >= 2 && Number(epoch) < 30, error.message);
    const before = `\\(epoch ${Number(epoch) - 1}: \\d\\.\\d+e\\+\\d+\\)`;
    assert.match(error.message, new RegExp(before));
    assert.match(
      error.message,
      /smaller learningRate \(found 10\) or deviation \(found 10\).* is kept in/,
    );
    const path = join(directory, "checkpoint.safetensors");
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
    assert.equal(JSON.parse(metadata.checkpoint!).curve.length, Number(epoch) - 1);
    for (const [name, { data }] of Object.entries(tensors)) {
      assert.equal(firstNonFinite(data), -1, name);
    }
  });

  it("names no checkpoint where none was written", async () => {
    const context = trainingContext(world, splitOf(world));
    await assert.rejects(fitModel(lightgcn, hopeless, context), (error: Error) => {
      return error instanceof DivergedError && !error.message.includes("kept");
    });
  });
});

it("a closed-form model that holds NaN is no model", async () => {
  const broken: ClosedFormDefinition = {
    ...popularity,
    async fit(settings, context) {
      const fitted = await popularity.fit(settings, context);
      const counts = Float32Array.from({ length: fitted.itemCount }, (_, at) => at / (at - 2));
      counts[2] = Number.NaN;
      const shape = [fitted.itemCount];
      return { ...fitted, save: () => ({ counts: { shape, data: counts } }) };
    },
  };
  await assert.rejects(
    fitModel(broken, {}, trainingContext(world, splitOf(world))),
    /popularity diverged: number 3 of its "counts" is NaN; train again/,
  );
});

it("the first number that is none", () => {
  assert.equal(firstNonFinite(Float32Array.of(0, -3.4e38, 1e-45)), -1);
  assert.equal(firstNonFinite(Float32Array.of(1, -Infinity, Number.NaN)), 1);
  assert.equal(firstNonFinite(Float32Array.of(1, 2, Number.NaN)), 2);
  assert.equal(firstNonFinite(Int32Array.of(2 ** 31 - 1, -(2 ** 31))), -1);
});
