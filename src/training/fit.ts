/**
 * Fitting any model: a closed-form model fits itself, a gradient model is trained
 * epoch by epoch with validation, early stopping and checkpoints.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { StoppedError } from "../base/errors.ts";
import type { ProgressReporter } from "../base/progress.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { type Dataset, mergeInteractions, type Split } from "../data/interactions.ts";
import { createCpuDevice } from "../engine/cpu/device.ts";
import type { Device } from "../engine/device.ts";
import { checkMemory } from "../engine/planning.ts";
import { Evaluator } from "../evaluation/evaluate.ts";
import { buildGraph } from "../graph/bipartite.ts";
import type { GradientDefinition, ModelDefinition, TrainingData } from "../models/gradient.ts";
import type { Hyperparameters, Recommender } from "../models/recommender.ts";
import { type TrainingHyperparameters, trainingSchema } from "../models/training-schema.ts";
import { type EpochRecord, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { estimateMemory } from "./memory.ts";
import { afterValidation, neverValidated, shouldStop } from "./stopping.ts";
import { Trainer } from "./trainer.ts";

export type { EpochRecord } from "./checkpoint.ts";

/** Where and how often a run is written down so that it can go on. */
export interface CheckpointOptions {
  readonly directory: string;
  /** Epochs between checkpoints. */
  readonly everyEpochs?: number | undefined;
  /** Minutes between checkpoints; default 5. */
  readonly everyMinutes?: number | undefined;
}

export interface TrainingContext {
  readonly dataset: Dataset;
  readonly split: Split;
  readonly seed: number;
  readonly threads: number;
  /** Null: nothing is kept of a run that is cut off. */
  readonly checkpoint: CheckpointOptions | null;
  /** Go on from the checkpoint, where there is one. */
  readonly resume: boolean;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

export interface FitResult {
  readonly recommender: Recommender;
  readonly curve: readonly EpochRecord[];
  readonly epochsRun: number;
  /** Epoch whose weights were kept; null for closed-form models. */
  readonly bestEpoch: number | null;
  readonly stoppedEarly: boolean;
  readonly seconds: number;
  /** What the engine ran on. */
  readonly device: string;
}

/**
 * Fits a model to the training part of a split; the validation part, where there
 * is one, picks the epoch. The test part is never looked at.
 * @throws StoppedError on abort, after a checkpoint was written
 * @throws MemoryError where the run would not fit
 */
export async function fitModel(
  definition: ModelDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
): Promise<FitResult> {
  if (definition.kind === "gradient") return fitByGradient(definition, hyperparameters, context);
  const started = performance.now();
  const device = await createCpuDevice({ threads: context.threads });
  try {
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
  } finally {
    await device.close();
  }
}

async function fitByGradient(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
): Promise<FitResult> {
  const first = await trainOnce(definition, hyperparameters, context);
  const { validation } = context.split;
  if (!validation || !trainingSchema.parse(hyperparameters).refit) return first;
  const everything = mergeInteractions(
    [context.split.train, validation.history, validation.targets].filter((part) => part !== null),
  );
  const second = await trainOnce(
    definition,
    { ...hyperparameters, epochs: first.bestEpoch, patience: 0 },
    {
      ...context,
      split: { ...context.split, train: everything, validation: null },
      checkpoint: context.checkpoint && {
        ...context.checkpoint,
        directory: join(context.checkpoint.directory, "refit"),
      },
      progress: (event) => context.progress({ ...event, stage: "refit" }),
    },
  );
  // The curve that picked the epoch is the one worth looking at.
  return { ...first, recommender: second.recommender, seconds: first.seconds + second.seconds };
}

async function trainOnce(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  context: TrainingContext,
): Promise<FitResult> {
  const { dataset, split } = context;
  const { users, items, itemFeatures, userFeatures } = dataset;
  const graph = buildGraph(split.train, users.size, items.size);
  const data: TrainingData = { graph, itemFeatures, userFeatures };
  const estimate = estimateMemory(definition, hyperparameters, data, context);
  checkMemory(estimate);
  const device = await createCpuDevice({ threads: context.threads, initialBytes: estimate });
  try {
    const trainer = new Trainer(definition, hyperparameters, data, device, context.seed);
    const run = new TrainingRun(definition, hyperparameters, context, trainer, device);
    return await run.complete();
  } finally {
    await device.close();
  }
}

/** One training run, from its first batch or its checkpoint to its best epoch. */
class TrainingRun {
  readonly #context: TrainingContext;
  readonly #training: TrainingHyperparameters;
  readonly #trainer: Trainer;
  readonly #device: Device;
  readonly #identity: string;
  readonly #evaluator: Evaluator | null;
  readonly #curve: EpochRecord[] = [];
  #stopping = neverValidated;
  #epoch = 1;
  #batch = 0;
  /** Seconds of earlier sittings, and of the epoch in progress. */
  #secondsBefore = 0;
  #started = performance.now();
  #epochStarted = performance.now();
  #lastCheckpoint = performance.now();
  #lastPause = performance.now();

  constructor(
    definition: GradientDefinition,
    hyperparameters: Hyperparameters,
    context: TrainingContext,
    trainer: Trainer,
    device: Device,
  ) {
    this.#context = context;
    this.#training = trainingSchema.parse(hyperparameters);
    this.#trainer = trainer;
    this.#device = device;
    this.#identity = runIdentity(definition, hyperparameters, context);
    const { train, validation } = context.split;
    const k = Number(this.#training.stopMetric.split("@")[1]);
    this.#evaluator = validation && new Evaluator(validation, { seen: [train], ks: [k], device });
  }

  async complete(): Promise<FitResult> {
    if (this.#context.resume) this.#restore();
    const { epochs, patience } = this.#training;
    while (this.#epoch <= epochs && !shouldStop(this.#stopping, patience)) {
      await this.#runEpoch();
      await this.#endEpoch();
    }
    const stoppedEarly = this.#epoch <= epochs;
    // The last weights are kept, not the best ones: with more epochs the run goes on from here.
    await this.#keep();
    const hasBest = this.#stopping.bestEpoch > 0;
    if (hasBest) this.#trainer.restoreBest();
    return {
      recommender: await this.#trainer.recommender(),
      curve: this.#curve,
      epochsRun: this.#curve.length,
      bestEpoch: hasBest ? this.#stopping.bestEpoch : this.#curve.length,
      stoppedEarly,
      seconds: this.#seconds(),
      device: this.#device.name,
    };
  }

  async #runEpoch(): Promise<void> {
    const batches = this.#trainer.batchesPerEpoch;
    while (this.#batch < batches) {
      this.#trainer.step(this.#epoch, this.#batch);
      this.#batch++;
      if (await this.#letOthersIn()) await this.#betweenBatches();
    }
  }

  /** Now and then lets signals and timers in, because kernels run on this thread too. */
  async #letOthersIn(): Promise<boolean> {
    if (performance.now() - this.#lastPause < 40) return false;
    await new Promise((resolve) => setImmediate(resolve));
    this.#lastPause = performance.now();
    return true;
  }

  async #betweenBatches(): Promise<void> {
    if (this.#context.signal.aborted) {
      await this.#keep();
      const where = this.#context.checkpoint
        ? `; "--resume" goes on from the checkpoint in ${this.#context.checkpoint.directory}`
        : "";
      throw new StoppedError(`stopped in epoch ${this.#epoch}${where}`);
    }
    const { checkpoint } = this.#context;
    const minutes = (performance.now() - this.#lastCheckpoint) / 60_000;
    if (checkpoint && minutes >= (checkpoint.everyMinutes ?? 5)) await this.#keep();
    this.#report();
  }

  async #endEpoch(): Promise<void> {
    const { evaluateEvery, epochs, stopMetric } = this.#training;
    const epoch = this.#epoch;
    const loss = await this.#trainer.takeEpochLoss();
    const seconds = (performance.now() - this.#epochStarted) / 1000;
    const due = epoch % evaluateEvery === 0 || epoch === epochs;
    const validation = due ? await this.#validate() : undefined;
    this.#curve.push({ epoch, loss, seconds, ...(validation && { validation }) });
    if (validation) {
      this.#stopping = afterValidation(this.#stopping, epoch, validation[stopMetric]!);
      if (this.#stopping.bestEpoch === epoch) await this.#trainer.keepBest();
    }
    this.#epoch++;
    this.#batch = 0;
    this.#epochStarted = performance.now();
    const everyEpochs = this.#context.checkpoint?.everyEpochs;
    if (everyEpochs && epoch % everyEpochs === 0) await this.#keep();
    await this.#betweenBatches();
  }

  async #validate(): Promise<Record<string, number> | undefined> {
    if (!this.#evaluator) return undefined;
    const { metrics } = await this.#evaluator.evaluate(await this.#trainer.recommender());
    return { ...metrics };
  }

  #report(): void {
    const { epochs, stopMetric } = this.#training;
    const last = this.#curve.at(-1);
    const validated = this.#curve.findLast((record) => record.validation);
    this.#context.progress({
      stage: "train",
      done: this.#epoch - 1 + this.#batch / this.#trainer.batchesPerEpoch,
      total: epochs,
      unit: "epochs",
      figures: {
        ...(last && { loss: last.loss }),
        ...(validated && { [stopMetric]: validated.validation![stopMetric]! }),
      },
    });
  }

  #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Writes the checkpoint. */
  async #keep(): Promise<void> {
    const { checkpoint } = this.#context;
    this.#lastCheckpoint = performance.now();
    if (!checkpoint) return;
    const { bestValue } = this.#stopping;
    saveCheckpoint(checkpoint.directory, {
      identity: this.#identity,
      epoch: this.#epoch,
      batch: this.#batch,
      step: this.#trainer.updates,
      curve: this.#curve,
      stopping: { ...this.#stopping, bestValue: Number.isFinite(bestValue) ? bestValue : null },
      seconds: this.#seconds(),
      tensors: await this.#trainer.state(),
    });
  }

  #restore(): void {
    const { checkpoint } = this.#context;
    const kept = checkpoint && loadCheckpoint(checkpoint.directory, this.#identity);
    if (!kept) return;
    this.#epoch = kept.epoch;
    this.#batch = kept.batch;
    this.#curve.push(...kept.curve);
    this.#stopping = { ...kept.stopping, bestValue: kept.stopping.bestValue ?? -Infinity };
    this.#secondsBefore = kept.seconds;
    this.#trainer.restore(kept.tensors, kept.step);
  }
}

/** What must agree for a checkpoint to be the run's own; more epochs or threads change nothing before. */
function runIdentity(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  { dataset, split, seed }: TrainingContext,
): string {
  const { epochs, patience, ...rest } = hyperparameters;
  const hash = createHash("sha256");
  hash.update(
    JSON.stringify([definition.name, Object.entries(rest).sort(), split.specification, seed]),
  );
  hash.update(fingerprint(dataset));
  for (const part of [split.train, split.validation?.targets]) {
    if (part) hash.update(part.users).update(part.items);
  }
  return hash.digest("hex");
}
