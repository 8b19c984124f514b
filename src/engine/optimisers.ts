/**
 * Update rules over named parameters. Their state is a set of tensors and a
 * count, so that it can be written down and restored bit for bit. Where a
 * parameter names the rows that a step can reach, the gradient of the others is
 * zero: rules without moments leave them alone.
 *
 * @module
 */

import type { Device } from "./device.ts";
import type { RowUpdate } from "./kernels.ts";
import type { TapeParameter } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

export type OptimiserName = "adam" | "sgd" | "adagrad";

export interface OptimiserOptions {
  readonly learningRate: number;
}

export interface AdamSettings extends OptimiserOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

export interface AdagradSettings extends OptimiserOptions {
  readonly epsilon?: number;
}

type Parameters = Readonly<Record<string, TapeParameter>>;
type Gradients = Readonly<Record<string, Tensor>>;

export interface Optimiser {
  /** Updates so far; set it to restore a state. */
  updates: number;
  /** Step size of the next update. */
  learningRate: number;
  /** The next update of each parameter that may be done row by row as its gradient is made. */
  rowUpdates(): Readonly<Record<string, RowUpdate>>;
  /** Applies the gradients; parameters without one have been updated. */
  update(gradients: Gradients): void;
  /** Everything that an update changes beside the parameters, by name. */
  state(): Readonly<Record<string, Tensor>>;
}

/** Takes the optimiser's state from the device's arena, zeroed. */
export function createOptimiser(
  name: OptimiserName,
  device: Device,
  parameters: Parameters,
  options: OptimiserOptions,
): Optimiser {
  if (name === "adam") return new Adam(device, parameters, options);
  if (name === "adagrad") return new Adagrad(device, parameters, options);
  return new Sgd(device, parameters, options);
}

/** Gradient descent: p ← p − η·g. */
export class Sgd implements Optimiser {
  updates = 0;
  readonly #device: Device;
  readonly #parameters: Parameters;
  learningRate: number;

  constructor(device: Device, parameters: Parameters, { learningRate }: OptimiserOptions) {
    this.#device = device;
    this.#parameters = parameters;
    this.learningRate = learningRate;
  }

  rowUpdates(): Readonly<Record<string, RowUpdate>> {
    return {};
  }

  update(gradients: Gradients): void {
    this.updates++;
    for (const [name, gradient] of Object.entries(gradients)) {
      const { value, rows } = this.#parameters[name]!;
      this.#device.kernels.sgd(value, gradient, this.learningRate, rows ?? null);
    }
  }

  state(): Readonly<Record<string, Tensor>> {
    return {};
  }
}

/** Adam — Kingma & Ba, ICLR 2015, algorithm 1: its moments go on moving rows that a step does not reach. */
export class Adam implements Optimiser {
  updates = 0;
  readonly #device: Device;
  readonly #parameters: Parameters;
  learningRate: number;
  readonly #settings: Required<Omit<AdamSettings, "learningRate">>;
  readonly #means: Readonly<Record<string, Tensor>>;
  readonly #variances: Readonly<Record<string, Tensor>>;

  constructor(device: Device, parameters: Parameters, { learningRate, ...settings }: AdamSettings) {
    this.#device = device;
    this.#parameters = parameters;
    this.learningRate = learningRate;
    this.#settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...settings };
    this.#means = zerosLike(device, parameters);
    this.#variances = zerosLike(device, parameters);
  }

  rowUpdates(): Readonly<Record<string, RowUpdate>> {
    const { learningRate } = this;
    const options = { ...this.#settings, learningRate, step: this.updates + 1 };
    return Object.fromEntries(
      Object.keys(this.#parameters).map((name) => [
        name,
        { mean: this.#means[name]!, variance: this.#variances[name]!, options },
      ]),
    );
  }

  update(gradients: Gradients): void {
    const { kernels } = this.#device;
    const updates = this.rowUpdates();
    this.updates++;
    for (const [name, gradient] of Object.entries(gradients)) {
      const { value, rows } = this.#parameters[name]!;
      const { mean, variance, options } = updates[name]!;
      kernels.adam(value, gradient, mean, variance, options, rows ?? null);
    }
  }

  state(): Readonly<Record<string, Tensor>> {
    return { ...named("mean", this.#means), ...named("variance", this.#variances) };
  }
}

/** Adagrad — Duchi, Hazan & Singer, JMLR 2011: p ← p − η·g / (√Σg² + ε). */
export class Adagrad implements Optimiser {
  updates = 0;
  readonly #device: Device;
  readonly #parameters: Parameters;
  learningRate: number;
  readonly #epsilon: number;
  readonly #squares: Readonly<Record<string, Tensor>>;

  constructor(
    device: Device,
    parameters: Parameters,
    { learningRate, epsilon = 1e-10 }: AdagradSettings,
  ) {
    this.#device = device;
    this.#parameters = parameters;
    this.learningRate = learningRate;
    this.#epsilon = epsilon;
    this.#squares = zerosLike(device, parameters);
  }

  rowUpdates(): Readonly<Record<string, RowUpdate>> {
    return {};
  }

  update(gradients: Gradients): void {
    this.updates++;
    const { kernels } = this.#device;
    for (const [name, gradient] of Object.entries(gradients)) {
      const { value, rows } = this.#parameters[name]!;
      const [squares, rate] = [this.#squares[name]!, this.learningRate];
      kernels.adagrad(value, gradient, squares, rate, this.#epsilon, rows ?? null);
    }
  }

  state(): Readonly<Record<string, Tensor>> {
    return named("squares", this.#squares);
  }
}

function zerosLike(device: Device, parameters: Parameters): Record<string, Tensor> {
  const zeros: Record<string, Tensor> = {};
  for (const [name, { value }] of Object.entries(parameters)) {
    const tensor = device.allocate(value.shape);
    device.kernels.fill(tensor, 0);
    zeros[name] = tensor;
  }
  return zeros;
}

/** "embedding.mean" and so on. */
function named(
  moment: string,
  tensors: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [`${name}.${moment}`, tensor]),
  );
}
