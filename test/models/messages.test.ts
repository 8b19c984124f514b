/** Models whose layers gather bfloat16: nearly those of float32, the same on any number of threads. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PlanningDevice } from "../../src/engine/planning.ts";
import { models } from "../../src/models/registry.ts";
import { fitModel } from "../../src/training/fit.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { quickSettings } from "./quick-settings.ts";
import { splitOf, tasteWorld, trainingContext } from "./small-world.ts";

const world = tasteWorld(40, 32, 8);
const names = ["lightgcn", "sgcn", "appnp", "simgcl", "xsimgcl"];

for (const model of models.filter(({ name }) => names.includes(name))) {
  describe(`${model.name} with messages in bfloat16`, () => {
    const fit = async (more: Readonly<Record<string, unknown>>, threads: number) => {
      const settings = { ...quickSettings[model.name], epochs: 12, ...more };
      const context = trainingContext(world, splitOf(world), { threads, seed: 1 });
      const hyperparameters = model.hyperparameters.parse(settings);
      const { recommender } = await fitModel(model, hyperparameters, context);
      return recommender.embeddings!;
    };

    it("learns nearly the vectors of float32, and the same ones on 1 and 3 threads", async () => {
      const exact = await fit({}, 1);
      const rounded = await fit({ messages: "bfloat16" }, 1);
      assert.deepEqual(await fit({ messages: "bfloat16" }, 3), rounded);
      let [difference, size] = [0, 0];
      exact.users.forEach((value, at) => {
        difference += (value - rounded.users[at]!) ** 2;
        size += value ** 2;
      });
      const share = Math.sqrt(difference / size);
      assert.ok(share > 0 && share < 0.03, `the users' vectors differ by ${share} of their length`);
    });
  });
}

it("bfloat16 tables take less memory in a step, and the recommender no more than a step", async () => {
  const graph = randomGraph(300, 300, 0.02, 1);
  const lightgcn = models.find(({ name }) => name === "lightgcn")!;
  assert.ok(lightgcn.kind === "gradient");
  const peaks = async (messages: string) => {
    const device = new PlanningDevice(1);
    const settings = lightgcn.hyperparameters.parse({ messages, batchSize: 64 });
    const data = { graph, itemFeatures: {}, userFeatures: {} };
    const trainer = new Trainer(lightgcn, settings, data, device, 1);
    trainer.step(0, 0);
    const step = device.peakBytes;
    await trainer.recommender();
    assert.equal(device.peakBytes, step, `${messages}: the recommender takes more`);
    return step;
  };
  // Three tables of 600 × 64 floats become two of half the bytes; a thread's row of sums comes on top.
  const saved = (await peaks("float32")) - (await peaks("bfloat16"));
  const table = 600 * 64 * 4;
  assert.ok(saved > 1.9 * table && saved <= 2 * table, `${saved} bytes less`);
});
