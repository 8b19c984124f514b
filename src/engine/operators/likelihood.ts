/**
 * Log-likelihoods of users' rows given scores. A row of scores is as wide as the
 * catalogue, so these never make another matrix of that size but the gradient.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { EntryLikelihood, ObservedRows } from "../likelihood-kernels.ts";
import type { Variable } from "../tape.ts";
import { shapeText } from "../tensor.ts";
import { matrix } from "./shapes.ts";
import { emptySparse, type SparseBatch } from "./sparse-rows.ts";

/**
 * out[b] = ln p(observed row b | scores x[b]), see `LikelihoodKernels.logLikelihoodRows`
 * @param x batch × items
 */
export function logLikelihoodRows(x: Variable, observed: ObservedRows): Variable {
  const { device } = x.tape;
  const [rows] = matrix("logLikelihoodRows", x);
  const out = device.allocate([rows]);
  const shifts = device.allocate([rows]);
  device.kernels.logLikelihoodRows(out, shifts, x.value, observed);
  return x.tape.record(out, [x], (gradient, sink) => {
    sink.write(x, (into, adds) => {
      device.kernels.logLikelihoodRowsGradient(into, gradient, x.value, shifts, observed, adds);
    });
  });
}

/**
 * out[b] = ln p(targets of row b | inner products a[b]·items[i] + bias[i]), over the entries of
 * the targets alone
 * @param targets values 1 and 0
 * @param a batch × width
 * @param items as many as targets has columns × width
 * @param bias one number an item
 */
export function entryLikelihoods(
  likelihood: EntryLikelihood,
  { matrix: targets, capacity }: SparseBatch,
  a: Variable,
  items: Variable,
  bias: Variable,
): Variable {
  const { device } = a.tape;
  const [rows, width] = matrix("entryLikelihoods", a);
  const [itemCount, itemWidth] = matrix("entryLikelihoods", items);
  if (itemWidth !== width || rows !== targets.rowCount || itemCount !== targets.columnCount) {
    throw new ShapeError(
      `entryLikelihoods: ${shapeText(a.value.shape)} and ${shapeText(items.value.shape)}, ` +
        `expected ${targets.rowCount}×d and ${targets.columnCount}×d`,
    );
  }
  const { kernels } = device;
  const out = device.allocate([rows]);
  const slopes = device.allocate(targets.values.shape);
  const values = [a.value, items.value, bias.value] as const;
  kernels.entryLikelihoods(out, slopes, likelihood, targets, ...values);
  return a.tape.record(out, [a, items, bias], (gradient, sink) => {
    const flow = { ...targets, values: device.allocate(slopes.shape) };
    kernels.scaleEntries(flow.values, { ...targets, values: slopes }, gradient);
    sink.overwrite(a, (into) => kernels.multiplyWeighted(into, flow, items.value));
    const turned = emptySparse(device, itemCount, rows, capacity);
    kernels.transposeSparse(turned, flow);
    sink.overwrite(items, (into) => kernels.multiplyWeighted(into, turned, a.value));
    sink.overwrite(bias, (into) => {
      const ones = device.allocate([rows, 1]);
      kernels.fill(ones, 1);
      kernels.multiplyWeighted({ ...into, shape: [itemCount, 1] }, turned, ones);
    });
  });
}
