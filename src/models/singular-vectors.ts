/**
 * Singular vectors of the interaction matrix R̃ = D_U^−a·R·D_I^−b, as several
 * models need them, with the settings that go with their computation.
 *
 * @module
 */

import { z } from "zod";
import { StoppedError } from "../base/errors.ts";
import { randomisedSvd, type SingularVectors } from "../engine/randomised-svd.ts";
import type { InteractionMatrix } from "../graph/interaction-matrix.ts";
import type { FitContext } from "./recommender.ts";
import { searchChoices } from "./search-range.ts";

/** Fields of a schema whose model is made of singular vectors. */
export const svdFields = {
  powerIterations: z
    .int()
    .min(0)
    .max(100)
    .default(8)
    .describe("q of the randomised SVD: more give sharper singular vectors"),
  oversampling: z
    .int()
    .min(0)
    .max(1024)
    .default(32)
    .describe("Directions that the randomised SVD tries beyond those that it keeps"),
};

/** The setting for the number of singular vectors. */
export const svdWidth = (published: number, what: string) =>
  z
    .int()
    .min(1)
    .max(4096)
    .meta(searchChoices([32, 64, 128, 256, 512]))
    .default(published)
    .describe(what);

export interface SvdSettings {
  readonly width: number;
  readonly powerIterations: number;
  readonly oversampling: number;
}

/**
 * The leading singular values and right singular vectors (items × width) of R̃.
 * @throws StoppedError on abort, between two passes over the data
 */
export function singularVectors(
  matrix: InteractionMatrix,
  { width, powerIterations, oversampling }: SvdSettings,
  { seed, progress, signal }: FitContext,
): Promise<SingularVectors> {
  return randomisedSvd(matrix, {
    width,
    powerIterations,
    oversampling,
    seed,
    async afterPass(done, total) {
      progress({ stage: "fit", done, total, unit: "passes" });
      // Lets the signal in, because kernels run on this thread too.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw new StoppedError(`stopped after ${done} of ${total} passes`);
    },
  });
}

/** Rows of a table times one number each. */
export function scaledRows(table: Float32Array, scale: Float32Array): Float32Array {
  const width = table.length / scale.length;
  return table.map((value, at) => value * scale[Math.floor(at / width)]!);
}
