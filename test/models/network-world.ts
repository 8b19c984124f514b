/** A graph of five nodes, and networks on it with given weights, for tests against the equations. */

import { silent } from "../../src/base/progress.ts";
import { RandomStream } from "../../src/base/random.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import * as operators from "../../src/engine/operators/index.ts";
import { Tape } from "../../src/engine/tape.ts";
import type { BipartiteGraph } from "../../src/graph/bipartite.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import type {
  GradientContext,
  PairDefinition,
  PairModel,
  TrainingData,
} from "../../src/models/gradient.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";

/** Users 0 and 1, items 0, 1 and 2; user 0 likes 0 and 1, user 1 likes 1 and 2. */
export const fiveNodes = buildGraph(
  {
    users: Int32Array.of(0, 0, 1, 1),
    items: Int32Array.of(0, 1, 1, 2),
    values: null,
    times: null,
  },
  2,
  3,
);

export const dataOf = (graph: BipartiteGraph): TrainingData => ({
  graph,
  itemFeatures: {},
  userFeatures: {},
});

/** Numbers for every parameter of a model, by name. */
export function weightsOf(
  definition: PairDefinition,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  seed = 1,
): Record<string, Float32Array> {
  const random = new RandomStream(seed, "weights");
  return Object.fromEntries(
    Object.entries(definition.parameters(hyperparameters, data)).map(([name, { shape }]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, Float32Array.from({ length: size }, () => random.normal())];
    }),
  );
}

/** A model built of what its definition works out before, if anything. */
export async function built(
  definition: PairDefinition,
  hyperparameters: Hyperparameters,
  context: GradientContext,
): Promise<PairModel> {
  const work = { ...context, progress: silent, signal: new AbortController().signal };
  const prepared = await definition.prepare?.(hyperparameters, context, work);
  return definition.build(hyperparameters, { ...context, ...(prepared && { prepared }) });
}

/** The recommender that these weights make. */
export async function finished(
  definition: PairDefinition,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  weights: Readonly<Record<string, Float32Array>>,
) {
  const device = await createCpuDevice({ threads: 1 });
  try {
    const context = { ...data, device, batchSize: 4, seed: 1 };
    const model = await built(definition, hyperparameters, context);
    const shapes = definition.parameters(hyperparameters, data);
    const tensors = Object.fromEntries(
      Object.entries(weights).map(([name, values]) => [
        name,
        device.upload(shapes[name]!.shape, values),
      ]),
    );
    return await model.finish(tensors);
  } finally {
    await device.close();
  }
}

/** Σ softplus(s⁻ − s⁺) and the sum of the terms beside it, with all gradients, of one batch. */
export async function lossOf(
  device: Device,
  definition: PairDefinition,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  weights: Readonly<Record<string, Float32Array>>,
  batchSize: number,
  draw = 0,
) {
  const mark = device.mark();
  const model = await built(definition, hyperparameters, { ...data, device, batchSize, seed: 1 });
  const shapes = definition.parameters(hyperparameters, data);
  const parameters = Object.fromEntries(
    Object.entries(weights).map(([name, values]) => {
      const { shape } = shapes[name]!;
      return [name, { value: device.upload(shape, values), gradient: device.allocate(shape) }];
    }),
  );
  const tape = new Tape(device, parameters);
  const column = (...values: number[]) => device.upload([values.length], Int32Array.from(values));
  const { userCount, itemCount } = data.graph;
  const batch = {
    users: column(0, 1, userCount - 1),
    positives: column(1, 2, 1),
    negatives: { ...column(2, 0, itemCount - 1), shape: [3, 1] },
    values: null,
    draw,
  };
  const terms = model.loss(tape, tape.parameters, batch, ({ positives, others }) =>
    operators.sum(
      operators.softplus(
        operators.subtract(operators.reshape(others!, [positives.value.size]), positives),
      ),
    ),
  );
  tape.backward(terms);
  let loss = 0;
  for (const { value } of terms) loss += (await readFloats(device, value))[0]!;
  const gradients: Record<string, Float32Array> = {};
  for (const [name, { gradient }] of Object.entries(parameters)) {
    gradients[name] = await readFloats(device, gradient);
  }
  model.endStep?.();
  device.release(mark);
  return { loss, gradients };
}

export type Matrix = readonly (readonly number[])[];

export function matrixOf(values: Float32Array, columns: number): Matrix {
  return Array.from({ length: values.length / columns }, (_, row) => [
    ...values.subarray(row * columns, (row + 1) * columns),
  ]);
}

export function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    b[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k]![column]!, 0)),
  );
}

export function each(f: (...values: number[]) => number, ...all: readonly Matrix[]): Matrix {
  return all[0]!.map((row, r) => row.map((_, c) => f(...all.map((matrix) => matrix[r]![c]!))));
}
