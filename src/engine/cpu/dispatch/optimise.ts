/**
 * Dispatch of the update rules, over a whole parameter or over a set of its rows.
 *
 * @module
 */

import type { AdamOptions, Kernels, RowSet } from "../../kernels.ts";
import type { Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, rowWidth } from "./checks.ts";
import { rowChunks } from "./rows.ts";

/** Elements that are worth waking another thread for. */
const grain = 8192;

export function optimiserKernels(host: CpuHost): Pick<Kernels, "adam" | "sgd" | "adagrad"> {
  const { pool } = host;

  /** Runs `name` over all elements, or `nameOnRows` over the rows of the set. */
  const update = (
    name: string,
    tensors: readonly [Tensor, ...Tensor[]],
    rows: RowSet | null,
    ...numbers: readonly number[]
  ) => {
    const [parameter, ...others] = tensors;
    requireSameSize(name, parameter, ...others);
    const parameters = [...tensors.map(({ handle }) => handle), ...numbers];
    if (rows === null) {
      pool.run(name, { units: parameter.size, grain }, ...parameters);
    } else {
      const width = rowWidth(parameter);
      const units = host.integers(rows.count)[0]!;
      const chunks = rowChunks(units, width, grain);
      pool.run(`${name}OnRows`, chunks, ...parameters, rows.list.handle, width);
    }
  };

  return {
    adam(parameter, gradient, mean, variance, options, rows) {
      const tensors = [parameter, gradient, mean, variance] as const;
      const numbers = adamNumbers(options);
      if (rows === null) {
        update("adam", tensors, null, ...numbers);
        return;
      }
      requireSameSize("adam", ...tensors);
      const width = rowWidth(parameter);
      const chunks = rowChunks(parameter.size / width, width, grain);
      const places = tensors.map(({ handle }) => handle);
      pool.run("adamFromRows", chunks, ...places, ...numbers, rows.mask.handle, width);
    },
    sgd(parameter, gradient, learningRate, rows) {
      update("sgd", [parameter, gradient], rows, learningRate);
    },
    adagrad(parameter, gradient, squares, learningRate, epsilon, rows) {
      update("adagrad", [parameter, gradient, squares], rows, learningRate, epsilon);
    },
  };
}

/** What the kernels take: η·m̂ / (√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ). */
export function adamNumbers({ learningRate, beta1, beta2, epsilon, step }: AdamOptions): number[] {
  const rate = learningRate / (1 - beta1 ** step);
  return [beta1, 1 - beta1, beta2, 1 - beta2, rate, 1 / Math.sqrt(1 - beta2 ** step), epsilon];
}
