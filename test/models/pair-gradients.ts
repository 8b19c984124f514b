/** The gradient of a pair model's loss beside finite differences, on a graph of five nodes. */

import assert from "node:assert/strict";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { add } from "../../src/engine/operators/index.ts";
import { Tape } from "../../src/engine/tape.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import type { PairDefinition } from "../../src/models/gradient.ts";
import { lossSchema, samplingSchema } from "../../src/models/training-schema.ts";
import { createCriterion } from "../../src/training/losses.ts";
import { built } from "./network-world.ts";

/** u0 likes i0 and i1, u1 likes i1; nobody likes i2. */
export const fiveNodes = {
  graph: buildGraph(
    { users: Int32Array.of(0, 0, 1), items: Int32Array.of(0, 1, 1), values: null, times: null },
    2,
    3,
  ),
  itemFeatures: {},
  userFeatures: {},
};

/** Three pairs, every node but i2 as user or positive, with two unseen items each. */
const pairs = { users: [0, 1, 0], positives: [0, 1, 1] };
const unseen = [
  [2, 2],
  [0, 2],
  [2, 2],
];

/**
 * @param start values of each parameter
 * @param by step of the differences
 * @param drawn negatives of a pair: with two, the batch draws more than there are items
 * @throws AssertionError where a component differs
 */
export async function checkGradients(
  device: Device,
  definition: PairDefinition,
  settings: Readonly<Record<string, unknown>>,
  start: (name: string, size: number) => readonly number[],
  by = 1 / 64,
  drawn: 1 | 2 = 1,
): Promise<void> {
  const hyperparameters = definition.hyperparameters.parse(settings);
  const context = { ...fiveNodes, device, batchSize: 3, seed: 1 };
  const model = await built(definition, hyperparameters, context);
  const specs = Object.entries(definition.parameters(hyperparameters, fiveNodes));
  const criterion = createCriterion(
    lossSchema.parse(hyperparameters),
    samplingSchema.parse(hyperparameters),
  );
  const lossAt = async (shift: { name: string; at: number; by: number } | null) => {
    const mark = device.mark();
    const parameters = Object.fromEntries(
      specs.map(([name, { shape }]) => {
        const size = shape.reduce((product, length) => product * length, 1);
        const values = Float32Array.from(start(name, size));
        if (shift?.name === name) values[shift.at]! += shift.by;
        return [name, { value: device.upload(shape, values), gradient: device.allocate(shape) }];
      }),
    );
    const index = (values: readonly number[]) =>
      device.upload([values.length], Int32Array.from(values));
    const tape = new Tape(device, parameters);
    const batch = {
      users: index(pairs.users),
      positives: index(pairs.positives),
      negatives: { ...index(unseen.flatMap((items) => items.slice(0, drawn))), shape: [3, drawn] },
      values: null,
      draw: 0,
    };
    const users = { index: batch.users, count: fiveNodes.graph.userCount };
    const loss = model
      .loss(tape, tape.parameters, batch, (scores) => criterion(scores, users))
      .reduce(add);
    tape.backward([loss]);
    model.endStep?.();
    const [value] = await readFloats(device, loss.value);
    const gradients: Record<string, Float32Array> = {};
    for (const [name] of specs) {
      gradients[name] = await readFloats(device, parameters[name]!.gradient);
    }
    device.release(mark);
    return { value: value!, gradients };
  };
  const { gradients } = await lossAt(null);
  for (const [name, values] of Object.entries(gradients)) {
    for (let at = 0; at < values.length; at++) {
      const above = (await lossAt({ name, at, by })).value;
      const below = (await lossAt({ name, at, by: -by })).value;
      const difference = (above - below) / (2 * by);
      assert.ok(
        Math.abs(values[at]! - difference) < 2e-3 * (1 + Math.abs(difference)),
        `${name}[${at}]: ${values[at]} against ${difference}`,
      );
    }
  }
}
