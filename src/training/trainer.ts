/**
 * A gradient model with its parameters and optimiser on a device:
 * takes steps, and can be written down and restored bit for bit.
 *
 * @module
 */

import { ShapeError } from "../base/errors.ts";
import { purposeKey } from "../base/random.ts";
import { type Device, readFloats } from "../engine/device.ts";
import { createOptimiser, type Optimiser } from "../engine/optimisers.ts";
import { Tape, type TapeParameter } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { emptyRowSet } from "../graph/bipartite.ts";
import { inverseOrder, rowsInOrder } from "../graph/node-order.ts";
import type {
  GradientDefinition,
  InitialValues,
  Parameter,
  TrainedValues,
  TrainingData,
} from "../models/gradient.ts";
import type { Hyperparameters, Recommender, SavedTensor } from "../models/recommender.ts";
import { type TrainingHyperparameters, trainingSchema } from "../models/training-schema.ts";
import { learningRateAt } from "./learning-rate.ts";
import { type BatchRows, createObjective, type Objective } from "./objective.ts";
import { type Preparation, unprepared } from "./preparation.ts";

export class Trainer {
  readonly batchesPerEpoch: number;
  readonly #device: Device;
  readonly #training: TrainingHyperparameters;
  readonly #objective: Objective;
  readonly #parameters: Record<string, TapeParameter> = {};
  /** Of the parameters that are kept in another order than their own: the row at each place. */
  readonly #orders: Record<string, Int32Array> = {};
  readonly #optimiser: Optimiser;
  /** Sum over the epoch's batches of batch loss × batch size. */
  readonly #lossSum: Tensor;
  #best: Record<string, Float32Array> = {};

  /** @param prepared what `prepare` made of the same data, where `needsPreparation` */
  constructor(
    definition: GradientDefinition,
    hyperparameters: Hyperparameters,
    data: TrainingData,
    device: Device,
    seed: number,
    { candidates, model }: Preparation = unprepared,
  ) {
    const training = trainingSchema.parse(hyperparameters);
    this.#training = training;
    this.#device = device;
    const declared = definition.parameters(hyperparameters, data);
    const batchRows = createBatchRows(device, Object.values(declared));
    for (const [name, { shape, initial, rows, order }] of Object.entries(declared)) {
      const value = device.allocate(shape);
      initialise(device, value, initial, seed, `initial ${name}`);
      if (order) {
        this.#orders[name] = order;
        putInOrder(device, value, order);
      }
      const set = rows && (rows === "batch-users" ? batchRows.users : batchRows.items);
      this.#parameters[name] = { value, ...(set && { rows: set }) };
    }
    this.#optimiser = createOptimiser(training.optimiser, device, this.#parameters, {
      learningRate: training.learningRate,
    });
    this.#lossSum = device.upload([1], new Float32Array(1));
    const { batchSize } = training;
    const context = { ...data, device, batchSize, seed, ...(model && { prepared: model }) };
    this.#objective = createObjective(definition, hyperparameters, context, candidates, batchRows);
    this.batchesPerEpoch = Math.ceil(this.#objective.epochLength / batchSize);
  }

  /** Updates so far. */
  get updates(): number {
    return this.#optimiser.updates;
  }

  /** Trains on one batch of an epoch; batches count from 0. */
  step(epoch: number, batch: number): void {
    const device = this.#device;
    const { batchSize } = this.#training;
    const first = batch * batchSize;
    const size = Math.min(batchSize, this.#objective.epochLength - first);
    const mark = device.mark();
    const tape = new Tape(device, this.#parameters);
    const terms = this.#objective.terms(tape, epoch, first, size, this.updates);
    device.enter?.("backward");
    const { batchesPerEpoch } = this;
    this.#optimiser.learningRate = learningRateAt(this.#training, epoch, batch, batchesPerEpoch);
    const gradients = tape.backward(terms, this.#optimiser.rowUpdates());
    device.enter?.("update");
    this.#optimiser.update(gradients);
    for (const { value } of terms) device.kernels.scaleAdd(this.#lossSum, value, size, 1);
    this.#objective.endStep();
    device.release(mark);
    device.enter?.("preparation");
  }

  /** Mean loss of the epoch's examples; starts the next sum. */
  async takeEpochLoss(): Promise<number> {
    const [sum] = await readFloats(this.#device, this.#lossSum);
    this.#device.kernels.fill(this.#lossSum, 0);
    return sum! / this.#objective.epochLength;
  }

  /** Whether the epoch's loss so far and all parameters are finite numbers. */
  async isFinite(): Promise<boolean> {
    const device = this.#device;
    const mark = device.mark();
    const total = device.allocate([1]);
    const sumOf = async (tensor: Tensor) => {
      device.kernels.sum(total, tensor, 1);
      return (await readFloats(device, total))[0];
    };
    let allFinite = true;
    for (const tensor of [this.#lossSum, ...Object.values(this.#parameters).map((p) => p.value)]) {
      // One number that is not finite makes the sum so.
      allFinite &&= Number.isFinite(await sumOf(tensor));
    }
    device.release(mark);
    return allFinite;
  }

  /** The recommender that the current parameters make. */
  recommender(): Promise<Recommender> {
    return this.#objective.finish(mapValues(this.#parameters, ({ value }) => value));
  }

  /** The current parameters. */
  async values(): Promise<Record<string, Float32Array>> {
    const values: Record<string, Float32Array> = {};
    for (const [name, { value }] of Object.entries(this.#parameters)) {
      values[name] = await this.#read(value, this.#orders[name]);
    }
    return values;
  }

  /** Values of a table that is kept in that order, in the order of its parameter. */
  async #read(table: Tensor, order: Int32Array | undefined): Promise<Float32Array> {
    const stored = await readFloats(this.#device, table);
    return order ? rowsInOrder(stored, inverseOrder(order)) : stored;
  }

  #write(table: Tensor, values: Float32Array | Int32Array, order: Int32Array | undefined): void {
    const isMoved = order && values instanceof Float32Array;
    this.#device.write(table, isMoved ? rowsInOrder(values, order) : values);
  }

  /**
   * Starts from these values, the other parameters as they are.
   * @throws ShapeError where a name or a size is not the model's
   */
  startFrom(values: TrainedValues): void {
    for (const [name, data] of Object.entries(values)) {
      const { value } = this.#parameters[name] ?? {};
      if (value?.size !== data.length) {
        throw new ShapeError(
          `starting values of ${name}: ${data.length} numbers, expected ${value?.size ?? "no such parameter"}`,
        );
      }
      this.#write(value, data, this.#orders[name]);
    }
  }

  /** Remembers the current parameters as the best. */
  async keepBest(): Promise<void> {
    this.#best = await this.values();
  }

  /** Goes back to the best parameters. */
  restoreBest(): void {
    for (const [name, values] of Object.entries(this.#best)) {
      this.#write(this.#parameters[name]!.value, values, this.#orders[name]);
    }
  }

  /** Everything that changes while training, by name. */
  async state(): Promise<Record<string, SavedTensor>> {
    const saved: Record<string, SavedTensor> = {};
    for (const [name, tensor] of Object.entries(this.#tensors())) {
      const data = await this.#read(tensor, this.#orderOf(name));
      saved[name] = { shape: tensor.shape, data };
    }
    for (const [name, data] of Object.entries(this.#best)) {
      saved[`best/${name}`] = { shape: this.#parameters[name]!.value.shape, data };
    }
    return saved;
  }

  /** Brings `state` back. */
  restore(saved: Readonly<Record<string, SavedTensor>>, updates: number): void {
    for (const [name, tensor] of Object.entries(this.#tensors())) {
      this.#write(tensor, saved[name]!.data, this.#orderOf(name));
    }
    for (const name of Object.keys(this.#parameters)) {
      const best = saved[`best/${name}`]?.data;
      if (best instanceof Float32Array) this.#best[name] = best;
    }
    this.#optimiser.updates = updates;
  }

  #tensors(): Record<string, Tensor> {
    return {
      loss: this.#lossSum,
      ...prefixed(
        "parameter/",
        mapValues(this.#parameters, ({ value }) => value),
      ),
      ...prefixed("optimiser/", this.#optimiser.state()),
    };
  }

  /** The order in which a table of `#tensors` is kept, where it is not its own. */
  #orderOf(name: string): Int32Array | undefined {
    const own = Object.keys(this.#orders).find(
      (parameter) =>
        name === `parameter/${parameter}` || name.startsWith(`optimiser/${parameter}.`),
    );
    return own === undefined ? undefined : this.#orders[own];
  }
}

function initialise(
  device: Device,
  value: Tensor,
  initial: InitialValues,
  seed: number,
  purpose: string,
): void {
  const { kernels } = device;
  const keys = [seed >>> 0, purposeKey(purpose)] as const;
  if (initial.kind === "normal") kernels.fillNormal(value, initial.deviation, ...keys);
  else if (initial.kind === "uniform") kernels.fillUniform(value, initial.bound, ...keys);
  else kernels.fill(value, initial.value);
}

/** Moves a table's rows to where an order has them. */
function putInOrder(device: Device, table: Tensor, order: Int32Array): void {
  const mark = device.mark();
  const fresh = device.allocate(table.shape);
  const from = device.upload([order.length], order);
  device.kernels.moveRows(fresh, table, { from, scale: null, rows: null });
  device.kernels.scaleAdd(table, fresh, 1, 0);
  device.release(mark);
}

/** Row sets for the tables that ask for them. */
function createBatchRows(device: Device, parameters: readonly Parameter[]): BatchRows {
  const setOf = (kind: Parameter["rows"]) => {
    const table = parameters.find(({ rows }) => rows === kind);
    if (!table) return null;
    return emptyRowSet(device, table.shape[0]!, table.shape[0]!);
  };
  return { users: setOf("batch-users"), items: setOf("batch-items") };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}

function prefixed<A>(prefix: string, record: Readonly<Record<string, A>>): Record<string, A> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}
