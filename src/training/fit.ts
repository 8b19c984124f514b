/**
 * Fitting any model: a closed-form model fits itself, a gradient model is trained
 * epoch by epoch with validation, early stopping and checkpoints.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DivergedError } from "../base/errors.ts";
import { firstNonFinite } from "../base/finite.ts";
import { featureFingerprint, fingerprint } from "../data/fingerprint.ts";
import { mergeInteractions, type Rows, trainAndValidation } from "../data/interactions.ts";
import { createCpuDevice } from "../engine/cpu/device.ts";
import type { Device } from "../engine/device.ts";
import { checkMemory } from "../engine/planning.ts";
import { profiledDevice } from "../engine/profile.ts";
import { buildGraph } from "../graph/bipartite.ts";
import type {
  GradientDefinition,
  ModelDefinition,
  TrainedValues,
  TrainingData,
} from "../models/gradient.ts";
import type { ClosedFormDefinition, Hyperparameters } from "../models/recommender.ts";
import { trainingSchema } from "../models/training-schema.ts";
import { loadCheckpoint } from "./checkpoint.ts";
import { estimateMemory } from "./memory.ts";
import { needsPreparation, type Preparation, prepare, unprepared } from "./preparation.ts";
import { Trainer } from "./trainer.ts";
import {
  type FitResult,
  type RunStart,
  type TrainingContext,
  TrainingRun,
} from "./training-run.ts";

export type { EpochRecord } from "./checkpoint.ts";
export type { CheckpointOptions, FitResult, TrainingContext } from "./training-run.ts";

/**
 * Fits a model to the training part of a split; the validation part, where there
 * is one, picks the epoch. The test part is never looked at.
 * @throws StoppedError on abort, after a checkpoint was written
 * @throws MemoryError where the run would not fit
 * @throws DivergedError where the model would hold NaN or infinity
 */
export async function fitModel(
  definition: ModelDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
): Promise<FitResult> {
  const fit =
    definition.kind === "gradient"
      ? await fitByGradient(definition, hyperparameters, context)
      : await fitInClosedForm(definition, hyperparameters, context);
  for (const [name, { data }] of Object.entries(fit.recommender.save())) {
    const at = firstNonFinite(data);
    if (at < 0) continue;
    throw new DivergedError(
      `${definition.name} diverged: number ${at + 1} of its "${name}" is ${data[at]}; ` +
        "train again with other settings, a stronger regularisation first",
    );
  }
  return fit;
}

async function fitInClosedForm(
  definition: ClosedFormDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
): Promise<FitResult> {
  const started = performance.now();
  return withDevice(context, 0, async (device) => {
    const recommender = await definition.fit(hyperparameters, {
      dataset: context.dataset,
      train: context.split.train,
      device,
      seed: context.seed,
      progress: context.progress,
      signal: context.signal,
    });
    const seconds = (performance.now() - started) / 1000;
    const common = { curve: [], epochsRun: 0, bestEpoch: null, stoppedEarly: false };
    return { ...common, recommender, seconds, device: device.name };
  });
}

/** Lends a device of the run's threads, which the run's profile hears of. */
async function withDevice<T>(
  { threads, profile }: TrainingContext,
  initialBytes: number,
  use: (device: Device) => Promise<T>,
): Promise<T> {
  const cpu = await createCpuDevice({ threads, initialBytes });
  const device = profile ? profiledDevice(cpu, profile) : cpu;
  try {
    return await use(device);
  } finally {
    await device.close();
  }
}

/** Epochs that each model of a warm start is trained for; null = as long as validation says. */
type WarmEpochs = Readonly<Record<string, number>> | null;

async function fitByGradient(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
): Promise<FitResult> {
  const complete = async (run: TrainingRun) => ({
    fit: await run.complete(),
    warmEpochs: run.warmEpochs,
  });
  const first = await train(definition, hyperparameters, context, null, complete);
  const { validation } = context.split;
  if (!validation || !trainingSchema.parse(hyperparameters).refit) return first.fit;
  const second = await train(
    definition,
    { ...hyperparameters, epochs: first.fit.bestEpoch, patience: 0 },
    {
      ...inStage(context, "refit"),
      split: {
        ...context.split,
        train: mergeInteractions(trainAndValidation(context.split)),
        validation: null,
      },
    },
    first.warmEpochs,
    complete,
  );
  // The curve that picked the epoch is the one worth looking at.
  const seconds = first.fit.seconds + second.fit.seconds;
  const refitLoss = second.fit.curve.at(-1)!.loss;
  return { ...first.fit, recommender: second.fit.recommender, refitLoss, seconds };
}

/** The context of a run within a run: a folder of its own, and its name beside its progress. */
function inStage(context: TrainingContext, stage: string): TrainingContext {
  const { checkpoint, progress } = context;
  return {
    ...context,
    checkpoint: checkpoint && { ...checkpoint, directory: join(checkpoint.directory, stage) },
    progress: (event) => progress({ ...event, stage }),
  };
}

/**
 * Trains a model, and hands the run over before its device is closed.
 * @param candidates for negatives, where another model was given some of the same data
 */
async function train<T>(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
  warmEpochs: WarmEpochs,
  use: (run: TrainingRun) => Promise<T>,
  candidates: Rows | null = null,
): Promise<T> {
  const { dataset, split } = context;
  const { users, items, itemFeatures, userFeatures } = dataset;
  const graph = buildGraph(split.train, users.size, items.size);
  const data: TrainingData = { graph, itemFeatures, userFeatures };
  const started = performance.now();
  const prepared = needsPreparation(definition, hyperparameters)
    ? await withDevice(context, 0, (device) =>
        prepare(definition, hyperparameters, data, { ...context, device }, candidates),
      )
    : unprepared;
  const preparationSeconds = (performance.now() - started) / 1000;
  const estimate = estimateMemory(definition, hyperparameters, data, context, prepared);
  checkMemory(estimate);
  const start = await startOf(definition, hyperparameters, context, warmEpochs, prepared);
  return withDevice(context, estimate, (device) => {
    const { seed } = context;
    const trainer = new Trainer(definition, hyperparameters, data, device, seed, prepared);
    const begin = { ...start, secondsBefore: start.secondsBefore + preparationSeconds };
    return use(new TrainingRun(hyperparameters, context, trainer, device, begin));
  });
}

/** The checkpoint to go on from, or starting values from models that are trained first. */
async function startOf(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
  epochs: WarmEpochs,
  { candidates }: Preparation,
): Promise<RunStart> {
  const { resume, checkpoint } = context;
  const identity = runIdentity(definition, hyperparameters, context);
  const kept = resume && checkpoint ? loadCheckpoint(checkpoint.directory, identity) : null;
  const warmedBefore = kept?.warmEpochs ?? {};
  const cold = { identity, kept, values: null, secondsBefore: 0, warmEpochs: warmedBefore };
  const warmStart = kept ? null : definition.warmStart?.(hyperparameters);
  if (!warmStart) return cold;
  const trained: Record<string, TrainedValues> = {};
  const warmEpochs: Record<string, number> = {};
  let secondsBefore = 0;
  for (const [name, model] of Object.entries(warmStart.models)) {
    const wanted = epochs?.[name];
    const settings = wanted
      ? { ...model.hyperparameters, epochs: wanted, patience: 0 }
      : model.hyperparameters;
    const use = async (run: TrainingRun) => ({
      fit: await run.complete(),
      values: await run.values(),
    });
    const stage = inStage(context, name);
    const { fit, values } = await train(model.definition, settings, stage, null, use, candidates);
    trained[name] = values;
    warmEpochs[name] = fit.bestEpoch ?? fit.epochsRun;
    secondsBefore += fit.seconds;
  }
  return { ...cold, values: warmStart.fuse(trained), secondsBefore, warmEpochs };
}

/** What must agree for a checkpoint to be the run's own. More threads change nothing before, nor do more epochs. */
function runIdentity(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  { dataset, split, protocol = "lightgcn", seed }: TrainingContext,
): string {
  const { epochs, patience, ...rest } = hyperparameters;
  const hash = createHash("sha256");
  const described = [definition.name, Object.entries(rest).sort(), split.specification, seed];
  // The figures that pick the epoch follow the protocol; unnamed, it is the one of older checkpoints.
  if (protocol !== "lightgcn") described.push(protocol);
  hash.update(JSON.stringify(described));
  hash.update(fingerprint(dataset));
  hash.update(featureFingerprint(dataset) ?? "");
  for (const part of [split.train, split.validation?.targets]) {
    if (part) hash.update(part.users).update(part.items);
  }
  if (split.validation?.judged) hash.update(split.validation.judged);
  if (split.validation?.candidates) hash.update(split.validation.candidates.indices);
  return hash.digest("hex");
}
