/**
 * A model like that of a bundle, fitted to other interactions: the same model,
 * hyperparameters and seed. A validation part picks the epoch; then the model is
 * trained again for as many epochs on everything. Of a blend each model is.
 *
 * @module
 */

import { seenRows } from "../../artifact/bundle-columns.ts";
import type { Manifest } from "../../artifact/manifest.ts";
import type { RecommendationSource } from "../../artifact/recommendation-source.ts";
import type { ProgressReporter } from "../../base/progress.ts";
import { type Dataset, rowsByUser } from "../../data/interactions.ts";
import { cutForTraining } from "../../data/training-cut.ts";
import { parseProtocol } from "../../evaluation/protocols.ts";
import { Blend } from "../../models/blend.ts";
import { findModel } from "../../models/registry.ts";
import { fitModel } from "../../training/fit.ts";
import { blendParts } from "../blend.ts";
import { fittedInteractions } from "../fitted-interactions.ts";

export interface TrainOptions {
  readonly threads: number;
  /** Epochs that a validation part picked before; null = one is cut off to pick them. */
  readonly epochs: number | null;
  /** What the progress is called. */
  readonly stage: string;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

export interface TrainedAnew {
  readonly source: RecommendationSource;
  readonly dataset: Dataset;
  /** Epochs that were right; null where the model has none or trains others before it. */
  readonly epochs: number | null;
}

/** @throws StoppedError on abort, MemoryError where the run would not fit */
export async function trainAnew(
  manifest: Manifest,
  dataset: Dataset,
  options: TrainOptions,
): Promise<TrainedAnew> {
  const parts = blendParts(manifest);
  if (!parts) return trainOne(manifest, dataset, options);
  const trained: TrainedAnew[] = [];
  for (const { model: name, title, hyperparameters, seed, validation, validationUsers } of parts) {
    const split = { ...manifest.split, validation, validationUsers };
    const part = { ...manifest, model: { name, title }, hyperparameters, seed, split };
    const stage = `${options.stage}: ${title}`;
    trained.push(await trainOne(part, dataset, { ...options, epochs: null, stage }));
  }
  const recommender = new Blend(
    trained.map(({ source }, at) => ({
      recommender: source.recommender,
      weight: parts[at]!.weight,
    })),
  );
  return { source: { ...trained[0]!.source, recommender }, dataset, epochs: null };
}

async function trainOne(
  { model, hyperparameters, split, seed, evaluation }: Manifest,
  dataset: Dataset,
  { threads, epochs, stage, progress, signal }: TrainOptions,
): Promise<TrainedAnew> {
  const definition = findModel(model.name);
  const own = definition.hyperparameters.parse(hyperparameters);
  const isGradient = definition.kind === "gradient";
  const fixed = epochs === null ? null : { epochs, patience: 0 };
  const settings = isGradient ? { ...own, ...(fixed ?? { refit: true }) } : own;
  const validation = isGradient && fixed === null ? split.validation : 0;
  const { validationUsers } = split;
  const cut = cutForTraining(dataset, { seed, validation, validationUsers });
  const fit = await fitModel(definition, settings, {
    dataset,
    split: cut,
    protocol: parseProtocol(evaluation?.protocol ?? "lightgcn"),
    seed,
    threads,
    checkpoint: null,
    resume: false,
    progress: (event) => progress({ ...event, stage: `${stage}: ${event.stage}` }),
    signal,
  });
  const { users, items, itemFeatures } = dataset;
  const warmed = definition.kind === "gradient" && definition.warmStart?.(settings);
  return {
    source: {
      recommender: fit.recommender,
      users,
      items,
      itemFeatures,
      train: rowsByUser(fittedInteractions(definition, settings, cut), users.size),
      seen: seenRows(cut, users.size),
    },
    dataset,
    // Models behind a warm start have epochs of their own, which only a validation part finds.
    epochs: warmed ? null : fit.bestEpoch,
  };
}
