/**
 * What a blend has to show for itself: a report as any run's, gathered from its
 * bundle, so that it can be compared with the models it is made of.
 *
 * @module
 */

import type { BundleContents } from "../artifact/bundle.ts";
import { interactionsOf } from "../artifact/bundle-columns.ts";
import { mergeInteractions } from "../data/interactions.ts";
import { datasetStatistics, type Likes } from "../data/statistics.ts";
import { sharedDevice } from "../engine/shared.ts";
import type { Evaluation } from "../evaluation/evaluate.ts";
import { datasetTitle, describeJudgement, warnings } from "./describe-run.ts";
import { peakMemoryBytes } from "./peak-memory.ts";
import type { Report } from "./report.ts";
import { sampleLists } from "./samples.ts";

export interface BlendMaking {
  readonly threads: number;
  readonly command: string | null;
  /** Wall-clock seconds: reading the parts, and everything. */
  readonly seconds: { readonly load: number; readonly total: number };
}

/** @returns the report, and all that its bundle knows to be liked: without values and times, which no bundle holds */
export async function describeBlend(
  contents: BundleContents,
  evaluation: Evaluation | null,
  { threads, command, seconds }: BlendMaking,
): Promise<{ readonly report: Report; readonly likes: Likes }> {
  const { manifest, users, items, train, seen, test } = contents;
  const { created, model, hyperparameters, seed, dataset, split, versions } = manifest;
  const interactions = mergeInteractions([interactionsOf(seen), test?.targets ?? null]);
  const likes = { users, items, interactions };
  const report: Report = {
    created,
    command,
    model: { ...model, paper: null },
    hyperparameters,
    seed,
    threads,
    device: (await sharedDevice()).name,
    dataset: { ...dataset, title: datasetTitle(dataset), statistics: datasetStatistics(likes) },
    split,
    ...describeJudgement(evaluation),
    ...{ epochsRun: 0, bestEpoch: null, stoppedEarly: false, curve: [] },
    seconds: { ...seconds, split: 0, fit: 0, evaluate: evaluation?.seconds ?? null },
    peakMemoryBytes: peakMemoryBytes(),
    versions,
    warnings: warnings(dataset, split, evaluation),
    samples: await sampleLists(contents, interactionsOf(train), seed),
    files: {},
  };
  return { report, likes };
}
