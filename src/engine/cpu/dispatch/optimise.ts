/**
 * Dispatch of the update rules.
 *
 * @module
 */

import type { Kernels, RowSet } from "../../kernels.ts";
import type { Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";

const elementGrain = 16384;
const rowGrain = 256;

export function optimiserKernels(host: CpuHost): Pick<Kernels, "adam" | "sgd" | "adagrad"> {
  const { pool } = host;
  const chunks = (parameter: Tensor, rows: RowSet | null) =>
    rows
      ? { units: host.integers(rows.count)[0]!, grain: rowGrain }
      : { units: parameter.size, grain: elementGrain };
  const tail = (parameter: Tensor, rows: RowSet | null) => [
    rows?.list.handle ?? 0,
    parameter.size / parameter.shape[0]!,
  ];
  return {
    adam(parameter, gradient, mean, variance, options, rows) {
      const { learningRate, beta1, beta2, epsilon, step } = options;
      // rate·m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ), corrections taken out of the loop.
      const root = Math.sqrt(1 - beta2 ** step);
      const rate = (learningRate * root) / (1 - beta1 ** step);
      pool.run(
        "adam",
        chunks(parameter, rows),
        ...[parameter.handle, gradient.handle, mean.handle, variance.handle],
        ...[rate, beta1, beta2, epsilon * root, ...tail(parameter, rows)],
      );
    },
    sgd(parameter, gradient, learningRate, rows) {
      const places = [parameter.handle, gradient.handle];
      const work = chunks(parameter, rows);
      pool.run("sgd", work, ...places, learningRate, ...tail(parameter, rows));
    },
    adagrad(parameter, gradient, squares, learningRate, epsilon, rows) {
      const places = [parameter.handle, gradient.handle, squares.handle];
      const work = chunks(parameter, rows);
      pool.run("adagrad", work, ...places, learningRate, epsilon, ...tail(parameter, rows));
    },
  };
}
