/**
 * The first steps of a pair model from given weights on given triples: what every contender
 * takes and prints before it is timed, so that all are known to do the same work.
 *
 * @module
 */

import { type Device, readFloats } from "../../src/engine/device.ts";
import { createOptimiser } from "../../src/engine/optimisers.ts";
import { Tape } from "../../src/engine/tape.ts";
import { rowsInOrder } from "../../src/graph/node-order.ts";
import type { PairDefinition, TrainingData } from "../../src/models/gradient.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { lossSchema, samplingSchema, trainingSchema } from "../../src/models/training-schema.ts";
import { createCriterion } from "../../src/training/losses.ts";
import { batchSize, checkBatches } from "../data.ts";
import { sineWeights } from "../network-weights.ts";
import type { Neutral } from "./neutral.ts";

/** Numbers of the parameters by which the sine weights differ, and their deviation. */
const weightKeys: Readonly<Record<string, readonly [key: number, deviation: number]>> = {
  input: [0, 0.1],
  ...Object.fromEntries(
    [0, 1, 2].flatMap((k): [string, [number, number]][] => [
      [`w1.${k}`, [2 * k + 1, 0.1]],
      [`w2.${k}`, [2 * k + 2, 0.1]],
      [`w.${k}`, [2 * k + 1, 0.1]],
      [`a.${k}`, [2 * k + 2, 0.3]],
    ]),
  ),
};

/** Loss of each batch of the check, by Adam from the neutral weights. */
export async function checkLosses(
  device: Device,
  definition: PairDefinition,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  neutral: Neutral,
): Promise<number[]> {
  const mark = device.mark();
  const { learningRate } = trainingSchema.parse(hyperparameters);
  const parameters = Object.fromEntries(
    Object.entries(definition.parameters(hyperparameters, data)).map(([name, { shape, order }]) => {
      const [key, deviation] = weightKeys[name] ?? [0, 0];
      const [rows = 1, columns = 1] = shape;
      const values =
        name === "embedding" ? neutral.initial : sineWeights(key, rows, columns, deviation);
      const stored = order ? rowsInOrder(values, order) : values;
      return [name, { value: device.upload(shape, stored) }];
    }),
  );
  const optimiser = createOptimiser("adam", device, parameters, { learningRate });
  const model = definition.build(hyperparameters, { ...data, device, batchSize, seed: 1 });
  const criterion = createCriterion(
    lossSchema.parse(hyperparameters),
    samplingSchema.parse(hyperparameters),
  );
  const losses: number[] = [];
  for (let batch = 0; batch < checkBatches; batch++) {
    const part = (column: Int32Array) =>
      device.upload([batchSize], column.subarray(batch * batchSize, (batch + 1) * batchSize));
    const stepMark = device.mark();
    const tape = new Tape(device, parameters);
    const drawn = {
      users: part(neutral.check.users),
      positives: part(neutral.check.positives),
      negatives: { ...part(neutral.check.negatives), shape: [batchSize, 1] },
    };
    const pairs = { ...drawn, values: null, draw: batch };
    const users = { index: drawn.users, count: data.graph.userCount };
    const terms = model.loss(tape, tape.parameters, pairs, (scores) => criterion(scores, users));
    optimiser.update(tape.backward(terms, optimiser.rowUpdates()));
    let loss = 0;
    for (const { value } of terms) loss += (await readFloats(device, value))[0]!;
    losses.push(loss);
    model.endStep?.();
    device.release(stepMark);
  }
  device.release(mark);
  return losses;
}
