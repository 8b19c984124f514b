/**
 * Update rules over named parameters. Their state is a set of tensors and a
 * count, so that it can be written down and restored bit for bit.
 *
 * @module
 */

import type { Device } from "./device.ts";
import type { RowSet } from "./kernels.ts";
import type { TapeParameter } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

export type OptimiserName = "adam" | "sgd" | "adagrad";

export interface OptimiserOptions {
  readonly learningRate: number;
}

export interface Optimiser {
  /** Updates so far; set it to restore a state. */
  updates: number;
  /** Applies the gradients. With `rows`, only these rows of every parameter change. */
  update(rows?: RowSet | null): void;
  /** Everything that an update changes beside the parameters, by name. */
  state(): Readonly<Record<string, Tensor>>;
}

/** Takes the optimiser's state from the device's arena, zeroed. */
export function createOptimiser(
  name: OptimiserName,
  device: Device,
  parameters: Readonly<Record<string, TapeParameter>>,
  { learningRate }: OptimiserOptions,
): Optimiser {
  const { kernels } = device;
  const zeros = (like: Tensor) => {
    const tensor = device.allocate(like.shape);
    kernels.fill(tensor, 0);
    return tensor;
  };
  const slots = Object.entries(parameters).map(([parameter, { value, gradient }]) => ({
    parameter,
    value,
    gradient,
    // Adam: mean and uncentred variance; Adagrad: sum of squares; SGD: nothing.
    moments: Array.from({ length: { adam: 2, adagrad: 1, sgd: 0 }[name] }, () => zeros(value)),
  }));
  return {
    updates: 0,
    update(rows = null) {
      this.updates++;
      for (const { value, gradient, moments } of slots) {
        const [first, second] = moments;
        if (first && second) {
          const options = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
          const step = this.updates;
          kernels.adam(value, gradient, first, second, { ...options, step }, rows);
        } else if (first) {
          kernels.adagrad(value, gradient, first, learningRate, 1e-10, rows);
        } else {
          kernels.sgd(value, gradient, learningRate, rows);
        }
      }
    },
    state: () =>
      Object.fromEntries(
        slots.flatMap(({ parameter, moments }) =>
          moments.map((tensor, order) => [`${parameter}.moment${order + 1}`, tensor]),
        ),
      ),
  };
}
