/**
 * Dispatch of the likelihood kernels.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Likelihood, LikelihoodKernels, ObservedRows } from "../../likelihood-kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSameSize, requireSize } from "./checks.ts";
import { rowChunks } from "./rows.ts";

/** Order of the numbers in `kernels/likelihood.ts`. */
const likelihoods: readonly Likelihood[] = ["multinomial", "gaussian", "logistic"];

/** Elements that are worth waking another thread for, exponentials included. */
const exponentialGrain = 2048;
/** Rows of entries handed out at once: few, because their lengths differ widely. */
const entryGrain = 4;

export function likelihoodKernels({ pool }: CpuHost): LikelihoodKernels {
  /** Kind, and what follows the scores in both kernels of whole rows. */
  const parametersOf = (x: Tensor, { likelihood, rows, index, confidence }: ObservedRows) => {
    const [count, width] = requireMatrix("logLikelihoodRows", x);
    requireSize("logLikelihoodRows", "index", index, count);
    if (width !== rows.columnCount) {
      throw new ShapeError(
        `logLikelihoodRows: scores are ${shapeText(x.shape)}, the rows have ${rows.columnCount} columns`,
      );
    }
    return {
      chunks: rowChunks(count, width, exponentialGrain),
      kind: likelihoods.indexOf(likelihood),
      rest: [width, rows.indptr.handle, rows.indices.handle, index.handle, confidence],
    };
  };
  return {
    logLikelihoodRows(out, shifts, x, observed) {
      const { chunks, kind, rest } = parametersOf(x, observed);
      requireSize("logLikelihoodRows", "output", out, x.shape[0]!);
      requireSize("logLikelihoodRows", "shifts", shifts, x.shape[0]!);
      pool.run(
        "logLikelihoodRows",
        chunks,
        ...[kind, out.handle, shifts.handle, x.handle],
        ...rest,
      );
    },
    logLikelihoodRowsGradient(gradX, gradY, x, shifts, observed, accumulate) {
      const { chunks, kind, rest } = parametersOf(x, observed);
      requireSameSize("logLikelihoodRowsGradient", gradX, x);
      requireSize("logLikelihoodRowsGradient", "gradient", gradY, x.shape[0]!);
      const places = [kind, gradX.handle, gradY.handle, x.handle, shifts.handle];
      const adds = accumulate ? 1 : 0;
      pool.run("logLikelihoodRowsGradient", chunks, ...places, ...rest, adds);
    },
    drawTargets(out, rows, index, each, { key0, key1, draw }) {
      requireSize("drawTargets", "index", index, out.rowCount);
      const units = out.rowCount;
      const source = [rows.indptr.handle, index.handle, rows.columnCount];
      pool.run("startTargets", { units, grain: units }, out.indptr.handle, ...source, each);
      pool.run(
        "drawTargets",
        { units, grain: entryGrain },
        ...[out.indptr.handle, out.indices.handle, out.values.handle, rows.indptr.handle],
        ...[rows.indices.handle, index.handle, rows.columnCount, key0, key1, draw],
      );
    },
    entryLikelihoods(out, slopes, likelihood, targets, a, items, bias) {
      const [rows, width] = requireMatrix("entryLikelihoods", a);
      requireSize("entryLikelihoods", "output", out, rows);
      requireSize("entryLikelihoods", "indptr", targets.indptr, rows + 1);
      requireSize("entryLikelihoods", "items", items, targets.columnCount * width);
      requireSize("entryLikelihoods", "bias", bias, targets.columnCount);
      requireSameSize("entryLikelihoods", slopes, targets.values);
      pool.run(
        "entryLikelihoods",
        { units: rows, grain: entryGrain },
        ...[likelihoods.indexOf(likelihood), out.handle, slopes.handle, targets.indptr.handle],
        ...[targets.indices.handle, targets.values.handle],
        ...[a.handle, items.handle, bias.handle, width],
      );
    },
    scaleEntries(out, matrix, s) {
      requireSize("scaleEntries", "scales", s, matrix.rowCount);
      requireSameSize("scaleEntries", out, matrix.values);
      const places = [out.handle, matrix.values.handle, matrix.indptr.handle, s.handle];
      pool.run("scaleEntries", { units: matrix.rowCount, grain: 64 }, ...places);
    },
  };
}
