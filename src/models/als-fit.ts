/**
 * The iterations of alternating least squares on a device.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { StoppedError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import { type Device, readFloats } from "../engine/device.ts";
import { type LeastSquares, leastSquaresUnit } from "../engine/kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { alsLoss } from "./als-loss.ts";
import { type Pairs, pairsOf } from "./als-objective.ts";
import type { AlsHyperparameters } from "./als-schema.ts";
import { buildSides, type Side, withoutBiases } from "./als-sides.ts";
import { type Coordinates, sharedCoordinates } from "./least-squares-coordinates.ts";
import type { Embeddings, FitContext } from "./recommender.ts";

/** Milliseconds after which signals and timers are let in, because kernels run on this thread too. */
const pauseAfter = 40;

export interface FittedFactors {
  readonly embeddings: Embeddings;
  /** w and b of a pair that is only known to be liked. */
  readonly liked: Float32Array;
  /** μ; 0 where there are no biases. */
  readonly mean: number;
}

/** @throws StoppedError on abort */
export async function fitFactors(
  settings: AlsHyperparameters,
  context: FitContext,
): Promise<FittedFactors> {
  const { dataset, train, progress } = context;
  const pairs = pairsOf(settings, train, dataset.users.size, dataset.items.size);
  const alternation = await Alternation.start(settings, context, pairs);
  const { iterations: total, trackLoss } = settings;
  for (let done = 1; done <= total; done++) {
    await alternation.iterate();
    const figures = trackLoss && { figures: { loss: await alternation.loss() } };
    progress({ stage: "train", done, total, unit: "iterations", ...figures });
  }
  return { embeddings: await alternation.embeddings(), liked: pairs.liked, mean: pairs.mean };
}

/** Users and items on a device, each solved for in turn while the others stand still. */
export class Alternation {
  readonly #settings: AlsHyperparameters;
  readonly #device: Device;
  readonly #signal: AbortSignal;
  readonly #pairs: Pairs;
  readonly #users: Side;
  readonly #items: Side;
  readonly #hasBiases: boolean;
  #lastPause = performance.now();

  private constructor(
    settings: AlsHyperparameters,
    { device, signal }: Pick<FitContext, "device" | "signal">,
    pairs: Pairs,
  ) {
    this.#settings = settings;
    this.#device = device;
    this.#signal = signal;
    this.#pairs = pairs;
    this.#hasBiases = settings.feedback === "explicit" && settings.biases;
    const columns = settings.width + (this.#hasBiases ? 1 : 0);
    const padded = Math.ceil(columns / leastSquaresUnit) * leastSquaresUnit;
    const { users, items } = buildSides(settings, device, pairs, padded);
    this.#users = users;
    this.#items = items;
  }

  /**
   * Items start at zero, and so do users without training interactions: α₀ weighs all pairs, in
   * which random factors of theirs would pull at the first items.
   * @param firstUsers users × width; null = at random
   */
  static async start(
    settings: AlsHyperparameters,
    context: Pick<FitContext, "device" | "seed" | "signal">,
    pairs: Pairs,
    firstUsers: Float32Array | null = null,
  ): Promise<Alternation> {
    const { device, seed } = context;
    const alternation = new Alternation(settings, context, pairs);
    const users = alternation.#users.factors;
    device.kernels.fill(alternation.#items.factors, 0);
    const random = new RandomStream(seed, "als factors");
    const deviation = settings.deviation / Math.sqrt(settings.width);
    device.kernels.fillNormal(users, deviation, random.key0, random.key1);
    const { width } = settings;
    const padded = users.shape[1]!;
    const { indptr } = pairs.graph.userItems;
    const values = await readFloats(device, users);
    for (let row = 0; row * padded < values.length; row++) {
      const own = firstUsers?.subarray(row * width, (row + 1) * width);
      if (own) values.set(own, row * padded);
      const kept = indptr[row + 1]! > indptr[row]! ? width : 0;
      values.fill(0, row * padded + kept, (row + 1) * padded);
    }
    device.write(users, values);
    return alternation;
  }

  /** Items, then users. */
  async iterate(): Promise<void> {
    await this.#solve(this.#items, this.#users);
    await this.#solve(this.#users, this.#items);
  }

  /** The objective over the number of pairs. */
  async loss(): Promise<number> {
    const regularisation = { users: this.#users.ridge, items: this.#items.ridge };
    return alsLoss(this.#settings, this.#pairs, await this.embeddings(), regularisation);
  }

  async embeddings(): Promise<Embeddings> {
    const { width } = this.#settings;
    const { mean } = this.#pairs;
    const users = await readFloats(this.#device, this.#users.factors);
    const items = await readFloats(this.#device, this.#items.factors);
    if (!this.#hasBiases) {
      return { width, users: this.#cut(users, width), items: this.#cut(items, width) };
    }
    return {
      width: width + 2,
      users: this.#cut(users, width + 2, (row) => [this.#users.biases[row]! + mean, 1]),
      items: this.#cut(items, width + 2, (row) => [1, this.#items.biases[row]!]),
    };
  }

  /** Rows without the padding, the last columns from elsewhere where there are biases. */
  #cut(
    table: Float32Array,
    columns: number,
    ending: ((row: number) => readonly [number, number]) | null = null,
  ): Float32Array {
    const padded = this.#users.factors.shape[1]!;
    const { width } = this.#settings;
    if (padded === columns && !ending) return table;
    const rows = table.length / padded;
    const out = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      out.set(table.subarray(row * padded, row * padded + width), row * columns);
      if (ending) out.set(ending(row), row * columns + width);
    }
    return out;
  }

  /** One half of an iteration: the rows of `side` against the factors of the other. */
  async #solve(side: Side, other: Side): Promise<void> {
    if (this.#hasBiases) await this.#withBiases(side, other);
    const device = this.#device;
    const mark = device.mark();
    const shape = side.factors.shape;
    const coordinates = await this.#coordinates(side, other);
    const turned = (x: Tensor, matrix: Float32Array, out: Tensor) => {
      const square = device.upload([shape[1]!, shape[1]!], matrix);
      device.kernels.matmul(out, x, square, false, false, 1, 0);
      return out;
    };
    const isExact = this.#settings.solver === "cholesky";
    const system: LeastSquares = {
      rows: side.rows,
      table: coordinates
        ? turned(other.factors, coordinates.into, device.allocate(other.factors.shape))
        : other.factors,
      weights: side.weights,
      targets: side.targets,
      spectrum: coordinates?.spectrum ? device.upload([shape[1]!], coordinates.spectrum) : null,
      ridge: device.upload([shape[0]!], coordinates ? coordinates.ridge : side.ridge),
    };
    const out = coordinates ? device.allocate(shape) : side.factors;
    if (coordinates && !isExact) turned(side.factors, coordinates.start, out);
    await this.#overRows(side, (first, last) => {
      if (isExact) device.kernels.solveRows(out, system, first, last);
      else device.kernels.improveRows(out, system, this.#settings.cgSteps, first, last);
    });
    if (coordinates) turned(out, coordinates.back, side.factors);
    device.release(mark);
    if (this.#hasBiases) await this.#takeBiases(side);
  }

  /** Where rated pairs alone count, rows share nothing, and the coordinates are as good as any. */
  async #coordinates(
    side: Side,
    { factors }: Side,
  ): Promise<(Coordinates & { readonly ridge: Float32Array }) | null> {
    const { feedback, unobservedWeight, regularisation, regularisationExponent } = this.#settings;
    if (feedback === "explicit") return null;
    const device = this.#device;
    const width = factors.shape[1]!;
    const mark = device.mark();
    const gram = device.allocate([width, width]);
    device.kernels.matmul(gram, factors, factors, true, false, 1, 0);
    const values = await readFloats(device, gram);
    device.release(mark);
    const isSame = regularisationExponent === 0;
    const common = isSame ? regularisation : null;
    return {
      ...sharedCoordinates(values, width, unobservedWeight, common),
      ridge: isSame ? new Float32Array(side.ridge.length).fill(1) : side.ridge,
    };
  }

  /** Pieces of the rows, with signals let in between. */
  async #overRows({ rows }: Side, work: (first: number, last: number) => void): Promise<void> {
    const { chunks } = rows;
    let pieces = 8;
    for (let at = 0; at + 1 < chunks.length; ) {
      const next = Math.min(chunks.length - 1, at + pieces);
      const began = performance.now();
      work(chunks[at]!, chunks[next]!);
      at = next;
      const now = performance.now();
      pieces = now - began < pauseAfter / 2 ? 2 * pieces : Math.max(1, pieces >> 1);
      if (now - this.#lastPause < pauseAfter) continue;
      await new Promise((resolve) => setImmediate(resolve));
      this.#lastPause = performance.now();
      if (this.#signal.aborted)
        throw new StoppedError("stopped; ALS keeps nothing of an unfinished run");
    }
  }

  /** Makes room for a bias in the rows to solve, a one beside the others' factors, and new targets. */
  async #withBiases(side: Side, other: Side): Promise<void> {
    const { width } = this.#settings;
    const setColumn = async ({ factors }: Side, value: (row: number) => number) => {
      const table = await readFloats(this.#device, factors);
      const padded = factors.shape[1]!;
      for (let row = 0; row * padded < table.length; row++) {
        table[row * padded + width] = value(row);
      }
      this.#device.write(factors, table);
    };
    await setColumn(other, () => 1);
    await setColumn(side, (row) => side.biases[row]!);
    this.#device.write(side.targets, withoutBiases(this.#pairs, side, other));
  }

  async #takeBiases({ factors, biases }: Side): Promise<void> {
    const table = await readFloats(this.#device, factors);
    const padded = factors.shape[1]!;
    for (let row = 0; row < biases.length; row++) {
      biases[row] = table[row * padded + this.#settings.width]!;
    }
  }
}
