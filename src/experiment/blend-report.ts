/**
 * What a blend has to show for itself: a report as any run's, gathered from its
 * bundle, so that it can be compared with the models it is made of.
 *
 * @module
 */

import type { BundleContents } from "../artifact/bundle.ts";
import { interactionsOf } from "../artifact/bundle-columns.ts";
import { mergeInteractions } from "../data/interactions.ts";
import { type CountedData, datasetStatistics } from "../data/statistics.ts";
import { sharedDevice } from "../engine/shared.ts";
import type { Evaluation } from "../evaluation/evaluate.ts";
import { blendName, blendSchema } from "../models/blend.ts";
import { findCard, findModel } from "../models/registry.ts";
import { datasetTitle, judgementFields, runWarnings } from "./describe-run.ts";
import { peakMemoryBytes } from "./peak-memory.ts";
import type { Report } from "./report.ts";
import { sampleLists } from "./samples.ts";

export interface BlendMaking {
  readonly threads: number;
  readonly command: string | null;
  /** Wall-clock seconds: reading the parts, and everything. */
  readonly seconds: { readonly load: number; readonly total: number };
}

/**
 * @returns the report, and the interactions that its bundle holds, which are counted in it: without
 *   values and times, and without those that the cut left out of all parts
 */
export async function describeBlend(
  contents: BundleContents,
  evaluation: Evaluation | null,
  { threads, command, seconds }: BlendMaking,
): Promise<{ readonly report: Report; readonly likes: CountedData }> {
  const { manifest, users, items, train, seen, test } = contents;
  const { created, model, hyperparameters, seed, dataset, split, versions } = manifest;
  const { parts } = blendSchema.parse(hyperparameters);
  const interactions = mergeInteractions([interactionsOf(seen), test?.targets ?? null]);
  const likes = { users, items, interactions };
  const device = (await sharedDevice()).name;
  const report: Report = {
    created,
    command,
    model: { ...model, paper: findCard(blendName).paper },
    hyperparameters,
    seed,
    threads,
    device,
    dataset: { ...dataset, title: datasetTitle(dataset), statistics: datasetStatistics(likes) },
    split,
    ...judgementFields(evaluation),
    epochsRun: 0,
    bestEpoch: null,
    stoppedEarly: false,
    curve: [],
    seconds: { ...seconds, split: 0, fit: null, evaluate: evaluation?.seconds ?? null },
    peakMemoryBytes: peakMemoryBytes(),
    versions: { ...versions, engine: device },
    warnings: runWarnings(dataset, split, evaluation, {
      unvalidated: parts.some(isUnvalidated),
    }),
    samples: await sampleLists(contents, interactionsOf(train), seed),
    files: {},
  };
  return { report, likes };
}

function isUnvalidated({ model, validation }: { model: string; validation: number }): boolean {
  return findModel(model).kind === "gradient" && validation === 0;
}
