/** Mult-VAE, Mult-DAE and CDAE beside their equations in plain loops. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { purposeKey, RandomStream } from "../../src/base/random.ts";
import type { Rows } from "../../src/data/interactions.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { PlanningDevice } from "../../src/engine/planning.ts";
import { Tape } from "../../src/engine/tape.ts";
import { buildGraph, uploadRows } from "../../src/graph/bipartite.ts";
import { cdae } from "../../src/models/cdae.ts";
import type { UserDefinition } from "../../src/models/gradient.ts";
import { multDae } from "../../src/models/mult-dae.ts";
import { annealed, multVae } from "../../src/models/mult-vae.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { datasetOf, tasteWorld } from "./small-world.ts";

const world = tasteWorld(7, 9, 3);
const graph = buildGraph(world.interactions, 7, 9);
const data = { graph, itemFeatures: {}, userFeatures: {} };
const seed = 5;
const draw = 3;
const batchUsers = [4, 0, 6];

type Values = Record<string, { shape: readonly number[]; data: Float32Array }>;

function valuesOf(model: UserDefinition, hyperparameters: Hyperparameters): Values {
  const random = new RandomStream(4, "values");
  return Object.fromEntries(
    Object.entries(model.parameters(hyperparameters, data)).map(([name, { shape }]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const numbers = Float32Array.from({ length: size }, () => random.normal() / 2);
      return [name, { shape, data: numbers }];
    }),
  );
}

/** Loss and gradients of a batch of users; `shift` moves one number of one parameter. */
async function lossOf(
  device: Device,
  model: UserDefinition,
  hyperparameters: Hyperparameters,
  values: Values,
  shift: { name: string; at: number; by: number } | null = null,
) {
  const mark = device.mark();
  const built = model.build(hyperparameters, { ...data, device, batchSize: 3, seed });
  const parameters = Object.fromEntries(
    Object.entries(values).map(([name, { shape, data: start }]) => {
      const moved = start.slice();
      if (shift?.name === name) moved[shift.at]! += shift.by;
      return [name, { value: device.upload(shape, moved), gradient: device.allocate(shape) }];
    }),
  );
  const tape = new Tape(device, parameters);
  const users = device.upload([batchUsers.length], Int32Array.from(batchUsers));
  const rows = uploadRows(device, graph.userItems, graph.itemCount);
  const terms = built.loss(tape, tape.parameters, { users, rows, draw });
  tape.backward(terms);
  let loss = 0;
  for (const { value } of terms) loss += (await readFloats(device, value))[0]!;
  const gradients: Record<string, Float32Array> = {};
  for (const [name, { gradient }] of Object.entries(parameters)) {
    gradients[name] = await readFloats(device, gradient);
  }
  device.release(mark);
  return { loss, gradients };
}

const itemsOf = ({ indptr, indices }: Rows, row: number) => [
  ...indices.subarray(indptr[row]!, indptr[row + 1]!),
];

/** x·W + b, W inputs × outputs, or outputs × inputs where turned. */
function layer(values: Values, name: string, x: readonly number[], turned = false): number[] {
  const { shape, data: weights } = values[`${name}.weights`]!;
  return Array.from(values[`${name}.bias`]!.data, (bias, c) =>
    x.reduce(
      (sum, value, r) => sum + value * weights[turned ? c * shape[1]! + r : r * shape[1]! + c]!,
      bias,
    ),
  );
}

/** The ones of a history, over the root of their number where `normalise`. */
function vectorOf(history: readonly number[], normalise: boolean): number[] {
  const value = normalise ? 1 / Math.sqrt(history.length) : 1;
  return Array.from({ length: graph.itemCount }, (_, item) => (history.includes(item) ? value : 0));
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const logSum = (x: readonly number[]) =>
  Math.log(x.reduce((sum, value) => sum + Math.exp(value), 0));
const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v * v, 0);
const mean = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
const weightsOf = (values: Values) =>
  Object.entries(values).reduce(
    (sum, [name, { data: numbers }]) => sum + (name.endsWith("weights") ? squares(numbers) : 0),
    0,
  );

const negativeLogLikelihood = {
  multinomial: (scores: number[], history: number[], _c: number) =>
    history.reduce((sum, item) => sum + logSum(scores) - scores[item]!, 0),
  gaussian: (scores: number[], history: number[], c: number) =>
    scores.reduce(
      (sum, f, item) => sum + (history.includes(item) ? (c / 2) * (1 - f) ** 2 : f ** 2 / 2),
      0,
    ),
  logistic: (scores: number[], history: number[], _c: number) =>
    scores.reduce((sum, f, item) => sum + softplus(history.includes(item) ? -f : f), 0),
};

const network = { latent: 4, dropout: 0, l2: 0.01, confidence: 3 };
const likelihoods = ["multinomial", "gaussian", "logistic"] as const;

function close(found: number, expected: number, label = ""): void {
  assert.ok(
    Math.abs(found - expected) < 1e-4 * (1 + Math.abs(expected)),
    `${label} ${found} ≠ ${expected}`,
  );
}

/** ε of each user of the batch. */
async function noiseOf(device: Device, latent: number): Promise<number[][]> {
  const epsilon = device.allocate([batchUsers.length, latent]);
  device.kernels.fillNormal(epsilon, 1, seed, purposeKey("latent noise"), draw);
  const all = await readFloats(device, epsilon);
  return batchUsers.map((_, row) => [...all.slice(row * latent, (row + 1) * latent)]);
}

/** Code of a history: what the encoder puts out. */
function codeOf(values: Values, history: readonly number[]): number[] {
  const x = vectorOf(history, true);
  return values["encoder.weights"]
    ? layer(values, "code", layer(values, "encoder", x).map(Math.tanh))
    : layer(values, "code", x);
}

function outputOf(values: Values, z: readonly number[]): number[] {
  const last = values["decoder.weights"] ? layer(values, "decoder", z).map(Math.tanh) : z;
  return layer(values, "output", last, true);
}

for (const hidden of [0, 5]) {
  for (const likelihood of likelihoods) {
    const settings = { ...network, hidden, likelihood, annealUpdates: 10, annealCap: 0.2 };
    it(`Mult-VAE has the loss of its paper: ${likelihood}, hidden ${hidden}`, () =>
      withDevice(deviceOptions[0]!, async (device) => {
        const hyperparameters = multVae.hyperparameters.parse(settings);
        const values = valuesOf(multVae, hyperparameters);
        const { loss } = await lossOf(device, multVae, hyperparameters, values);
        const epsilon = await noiseOf(device, 4);
        const perUser = batchUsers.map((user, row) => {
          const history = itemsOf(graph.userItems, user);
          const code = codeOf(values, history);
          const [mu, logVariance] = [code.slice(0, 4), code.slice(4)];
          const z = mu.map((m, k) => m + Math.exp(logVariance[k]! / 2) * epsilon[row]![k]!);
          const divergence = mu.reduce(
            (sum, m, k) => sum + (Math.exp(logVariance[k]!) + m * m - 1 - logVariance[k]!) / 2,
            0,
          );
          // After three updates of ten: β = min(0.2, 0.3).
          return (
            negativeLogLikelihood[likelihood](outputOf(values, z), history, 3) + 0.2 * divergence
          );
        });
        close(loss, mean(perUser) + 0.01 * weightsOf(values));
      }));

    it(`Mult-DAE has the loss of its paper: ${likelihood}, hidden ${hidden}`, () =>
      withDevice(deviceOptions[0]!, async (device) => {
        const hyperparameters = multDae.hyperparameters.parse({ ...network, hidden, likelihood });
        const values = valuesOf(multDae, hyperparameters);
        const { loss } = await lossOf(device, multDae, hyperparameters, values);
        const perUser = batchUsers.map((user) => {
          const history = itemsOf(graph.userItems, user);
          const scores = outputOf(values, codeOf(values, history).map(Math.tanh));
          return negativeLogLikelihood[likelihood](scores, history, 3);
        });
        close(loss, mean(perUser) + 0.01 * weightsOf(values));
      }));
  }
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** ŷ of CDAE for a history and a node. */
function cdaeScores(values: Values, history: readonly number[], node: readonly number[]) {
  const items = layer(values, "input", vectorOf(history, false));
  return layer(
    values,
    "output",
    items.map((x, k) => sigmoid(x + node[k]!)),
    true,
  );
}

const nodeOf = (values: Values, user: number) => [
  ...values["user.nodes"]!.data.subarray(user * 3, (user + 1) * 3),
];

for (const loss of ["logistic", "square"] as const) {
  it(`CDAE has the loss of its paper over all items: ${loss}`, () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const settings = { width: 3, dropout: 0, l2: 0.02, loss, negativeCount: 0 };
      const hyperparameters = cdae.hyperparameters.parse(settings);
      const values = valuesOf(cdae, hyperparameters);
      const found = await lossOf(device, cdae, hyperparameters, values);
      const likelihood = loss === "square" ? "gaussian" : "logistic";
      const perUser = batchUsers.map((user) => {
        const history = itemsOf(graph.userItems, user);
        const scores = cdaeScores(values, history, nodeOf(values, user));
        return negativeLogLikelihood[likelihood](scores, history, 1);
      });
      const norm = Object.values(values).reduce((sum, { data: x }) => sum + squares(x), 0);
      close(found.loss, mean(perUser) + 0.01 * norm);
    }));
}

it("CDAE with sampled items counts each of a user's once and as many others as asked", () =>
  withDevice(deviceOptions[0]!, async (device) => {
    const settings = { width: 3, dropout: 0, l2: 0, negativeCount: 2 };
    const hyperparameters = cdae.hyperparameters.parse(settings);
    const values = valuesOf(cdae, hyperparameters);
    // All scores are 1: the loss is a count of items.
    values["output.weights"]!.data.fill(0);
    values["output.bias"]!.data.fill(1);
    const { loss } = await lossOf(device, cdae, hyperparameters, values);
    const lengths = batchUsers.map((user) => itemsOf(graph.userItems, user).length);
    close(loss, mean(lengths) * (softplus(-1) + 2 * softplus(1)));
  }));

const gradientCases = [
  { model: multVae, settings: { ...network, hidden: 5, dropout: 0.4, annealUpdates: 0 } },
  { model: multVae, settings: { ...network, hidden: 0, likelihood: "logistic" } },
  { model: multDae, settings: { ...network, hidden: 5, likelihood: "gaussian" } },
  { model: multDae, settings: { ...network, hidden: 0, dropout: 0.4 } },
  { model: cdae, settings: { width: 3, dropout: 0.4, l2: 0.02, negativeCount: 2 } },
  { model: cdae, settings: { width: 3, negativeCount: 0, loss: "square" } },
];

for (const { model, settings } of gradientCases) {
  it(`${model.title}'s gradients equal finite differences: ${JSON.stringify(settings)}`, () =>
    withDevice(deviceOptions[1]!, async (device) => {
      const hyperparameters = model.hyperparameters.parse(settings);
      const values = valuesOf(model, hyperparameters);
      const { gradients } = await lossOf(device, model, hyperparameters, values);
      const random = new RandomStream(1, "probes");
      for (const [name, gradient] of Object.entries(gradients)) {
        for (let probe = 0; probe < 8; probe++) {
          const at = random.below(gradient.length);
          const shifted = (by: number) =>
            lossOf(device, model, hyperparameters, values, { name, at, by });
          const by = 1 / 64;
          const slope = ((await shifted(by)).loss - (await shifted(-by)).loss) / (2 * by);
          assert.ok(
            Math.abs(gradient[at]! - slope) < 3e-3 * (1 + Math.abs(slope)),
            `${name}[${at}]: ${gradient[at]} against ${slope}`,
          );
        }
      }
    }));
}

it("β grows in a straight line up to the cap", () => {
  const settings = { annealUpdates: 200_000, annealCap: 0.2 };
  assert.equal(annealed(0, settings), 0);
  assert.equal(annealed(20_000, settings), 0.1);
  assert.equal(annealed(39_999, settings), 39_999 / 200_000);
  assert.equal(annealed(40_000, settings), 0.2);
  assert.equal(annealed(10 ** 9, settings), 0.2);
  assert.equal(annealed(0, { annealUpdates: 0, annealCap: 0.7 }), 0.7);
});

describe("scores of autoencoders", () => {
  const stranger = [1, 4, 8];
  const cases = [
    {
      model: multVae,
      settings: { ...network, hidden: 5 },
      scores: (values: Values, history: number[]) =>
        outputOf(values, codeOf(values, history).slice(0, 4)),
    },
    {
      model: multDae,
      settings: { ...network, hidden: 0 },
      scores: (values: Values, history: number[]) =>
        outputOf(values, codeOf(values, history).map(Math.tanh)),
    },
    {
      model: cdae,
      settings: { width: 3 },
      scores(values: Values, history: number[], user: number | null) {
        const average = [0, 1, 2].map((k) =>
          mean(Array.from({ length: graph.userCount }, (_, u) => nodeOf(values, u)[k]!)),
        );
        return cdaeScores(values, history, user === null ? average : nodeOf(values, user));
      },
    },
  ];
  for (const { model, settings, scores } of cases) {
    it(`of ${model.title}: the network without dropout or noise, alone and in blocks`, () =>
      withDevice(deviceOptions[1]!, async (device) => {
        const hyperparameters = model.hyperparameters.parse(settings);
        const values = valuesOf(model, hyperparameters);
        const tensors = Object.fromEntries(
          Object.entries(values).map(([name, { shape, data: x }]) => [
            name,
            device.upload(shape, x),
          ]),
        );
        const built = model.build(hyperparameters, { ...data, device, batchSize: 3, seed });
        const fitted = await built.finish(tensors);
        const users = Int32Array.from(batchUsers);
        const histories = {
          indptr: Int32Array.of(0, stranger.length, stranger.length),
          indices: Int32Array.from(stranger),
        };
        const known = batchUsers.map((u) => scores(values, itemsOf(graph.userItems, u), u));
        const unknown = [scores(values, stranger, null)];
        const compare = (found: Float32Array, expected: number[][]) =>
          expected.flat().forEach((score, at) => {
            close(found[at]!, score, `score ${at}`);
          });
        compare(await fitted.scoreUsers(users), known);
        compare(await fitted.scoreHistories(histories), unknown);
        const scorer = await fitted.blockScorer!(device);
        const out = device.allocate([3, graph.itemCount]);
        scorer.score(out, { users });
        compare(await readFloats(device, out), known);
        const two = device.allocate([2, graph.itemCount]);
        scorer.score(two, { histories });
        const found = await readFloats(device, two);
        compare(found, unknown);
        assert.ok(found.every(Number.isFinite), "somebody without a history has scores too");
      }));
  }
});

it("a step holds two matrices of the size batch × items, no more", () => {
  const [people, items, batchSize] = [400, 5000, 400];
  const pairs = Array.from({ length: people * 4 }, (_, at): [number, number] => [
    at % people,
    (at * 37) % items,
  ]);
  pairs.push([0, items - 1]);
  const { interactions } = datasetOf(pairs);
  const large = { ...data, graph: buildGraph(interactions, people, items) };
  for (const likelihood of likelihoods) {
    const hyperparameters = multVae.hyperparameters.parse({
      ...{ hidden: 8, latent: 4, batchSize, likelihood },
    });
    const device = new PlanningDevice(2, true);
    const trainer = new Trainer(multVae, hyperparameters, large, device, 1);
    const before = device.mark();
    trainer.step(1, 0);
    const matrices = (device.peakBytes - before) / (4 * batchSize * items);
    assert.ok(matrices > 2 && matrices < 2.1, `${matrices} matrices`);
  }
});
