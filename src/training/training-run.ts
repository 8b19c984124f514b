/**
 * One training run of a gradient model: epochs, validation, early stopping, and
 * checkpoints from which it goes on bit for bit.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { DivergedError, StoppedError } from "../base/errors.ts";
import type { ProgressReporter } from "../base/progress.ts";
import type { Dataset, Split } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import type { Profile } from "../engine/profile.ts";
import { Evaluator } from "../evaluation/evaluate.ts";
import type { ProtocolName } from "../evaluation/protocols.ts";
import type { TrainedValues } from "../models/gradient.ts";
import type { Hyperparameters, Recommender } from "../models/recommender.ts";
import { type TrainingHyperparameters, trainingSchema } from "../models/training-schema.ts";
import { type Checkpoint, type EpochRecord, saveCheckpoint } from "./checkpoint.ts";
import { afterValidation, neverValidated, shouldStop } from "./stopping.ts";
import type { Trainer } from "./trainer.ts";

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
  /** What the validation part is judged by, as the test part will be; default "lightgcn". */
  readonly protocol?: ProtocolName | undefined;
  readonly seed: number;
  readonly threads: number;
  /** Null: nothing is kept of a run that is cut off. */
  readonly checkpoint: CheckpointOptions | null;
  /** Go on from the checkpoint, where there is one. */
  readonly resume: boolean;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
  /** Notes where the time goes; costs a little of it. */
  readonly profile?: Profile | undefined;
}

export interface FitResult {
  readonly recommender: Recommender;
  readonly curve: readonly EpochRecord[];
  readonly epochsRun: number;
  /** Epoch whose weights were kept; null for closed-form models. */
  readonly bestEpoch: number | null;
  readonly stoppedEarly: boolean;
  /** Loss of the last epoch on training and validation together; absent where there was no such training. */
  readonly refitLoss?: number;
  readonly seconds: number;
  /** What the engine ran on. */
  readonly device: string;
}

/** Where a run begins. */
export interface RunStart {
  /** What the run is, for its checkpoints. */
  readonly identity: string;
  /** The checkpoint to go on from; null = none */
  readonly kept: Checkpoint | null;
  /** Without a checkpoint: starting values of parameters; null = as the model declares them */
  readonly values: TrainedValues | null;
  /** Seconds that preparing and making these values took in this sitting. */
  readonly secondsBefore: number;
  /** The epoch that was kept of each model behind these values. */
  readonly warmEpochs: Readonly<Record<string, number>>;
}

/** One training run, from its first batch or its checkpoint to its best epoch. */
export class TrainingRun {
  readonly #context: TrainingContext;
  readonly #hyperparameters: Hyperparameters;
  readonly #training: TrainingHyperparameters;
  readonly #trainer: Trainer;
  readonly #device: Device;
  readonly #identity: string;
  readonly #start: RunStart;
  readonly #evaluator: Evaluator | null;
  readonly #curve: EpochRecord[] = [];
  #stopping = neverValidated;
  #epoch = 1;
  #batch = 0;
  /** Seconds of earlier sittings, and of the epoch in progress. */
  #secondsBefore: number;
  #started = performance.now();
  #epochStarted = performance.now();
  #lastCheckpoint = performance.now();
  #lastPause = performance.now();
  /** Whole epochs in the last checkpoint that this run wrote or went on from; null = none. */
  #keptEpochs: number | null = null;

  constructor(
    hyperparameters: Hyperparameters,
    context: TrainingContext,
    trainer: Trainer,
    device: Device,
    start: RunStart,
  ) {
    this.#context = context;
    this.#start = start;
    this.#hyperparameters = hyperparameters;
    this.#identity = start.identity;
    this.#secondsBefore = start.secondsBefore;
    this.#training = trainingSchema.parse(hyperparameters);
    this.#trainer = trainer;
    this.#device = device;
    const { train, validation } = context.split;
    const { protocol = "lightgcn" } = context;
    const k = Number(this.#training.stopMetric.split("@")[1]);
    this.#evaluator =
      validation && new Evaluator(validation, { seen: [train], ks: [k], protocol, device });
    if (start.kept) this.#restore(start.kept);
    else if (start.values) trainer.startFrom(start.values);
  }

  /** Epoch that was kept of each model that this run started from, by name. */
  get warmEpochs(): Readonly<Record<string, number>> {
    return this.#start.warmEpochs;
  }

  /** The parameters as they are; once the run is complete, those of the best epoch. */
  values(): Promise<TrainedValues> {
    return this.#trainer.values();
  }

  /** @throws DivergedError where the loss or a parameter is no finite number any more */
  async complete(): Promise<FitResult> {
    const { epochs, patience } = this.#training;
    while (this.#epoch <= epochs && !shouldStop(this.#stopping, patience)) {
      await this.#runEpoch();
      await this.#endEpoch();
    }
    const stoppedEarly = this.#epoch <= epochs;
    // The last weights are kept, not the best ones, and without a validation that a longer run
    // does not make: with more epochs the run goes on from here.
    await this.#keep();
    if (!this.#curve.at(-1)?.validation) await this.#validate();
    this.#report();
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
    const { evaluateEvery } = this.#training;
    const epoch = this.#epoch;
    await this.#checkFinite();
    const loss = await this.#trainer.takeEpochLoss();
    const seconds = (performance.now() - this.#epochStarted) / 1000;
    this.#curve.push({ epoch, loss, seconds });
    if (epoch % evaluateEvery === 0) await this.#validate();
    this.#epoch++;
    this.#batch = 0;
    this.#epochStarted = performance.now();
    const everyEpochs = this.#context.checkpoint?.everyEpochs;
    if (everyEpochs && epoch % everyEpochs === 0) await this.#keep();
    await this.#betweenBatches();
  }

  /** Judges the weights as they are, where there is a validation part, and keeps them if they are the best. */
  async #validate(): Promise<void> {
    if (!this.#evaluator) return;
    this.#device.enter?.("evaluation");
    const { metrics } = await this.#evaluator.evaluate(await this.#trainer.recommender());
    this.#device.enter?.("preparation");
    const record = { ...this.#curve.pop()!, validation: { ...metrics } };
    this.#curve.push(record);
    const value = record.validation[this.#training.stopMetric]!;
    this.#stopping = afterValidation(this.#stopping, record.epoch, value);
    if (this.#stopping.bestEpoch === record.epoch) await this.#trainer.keepBest();
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
      sampled: this.#evaluator?.sampled ?? false,
    });
  }

  #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Ends a run that can only get worse, before a checkpoint or a model is made of its numbers. */
  async #checkFinite(): Promise<void> {
    if (await this.#trainer.isFinite()) return;
    const { checkpoint } = this.#context;
    const last = this.#curve.at(-1);
    const before = last ? ` (epoch ${last.epoch}: ${last.loss.toPrecision(4)})` : "";
    const kept =
      checkpoint && this.#keptEpochs !== null
        ? `; the last good checkpoint (${this.#keptEpochs} epochs) is kept in ${checkpoint.directory}`
        : "";
    throw new DivergedError(
      `training diverged in epoch ${this.#epoch}: its loss or its parameters are no finite numbers${before}; ` +
        `train again with ${smallerSettings(this.#hyperparameters)}${kept}`,
    );
  }

  /** Writes the checkpoint. */
  async #keep(): Promise<void> {
    const { checkpoint } = this.#context;
    this.#lastCheckpoint = performance.now();
    if (!checkpoint) return;
    await this.#checkFinite();
    const { bestValue } = this.#stopping;
    saveCheckpoint(checkpoint.directory, {
      identity: this.#identity,
      epoch: this.#epoch,
      batch: this.#batch,
      step: this.#trainer.updates,
      curve: this.#curve,
      stopping: { ...this.#stopping, bestValue: Number.isFinite(bestValue) ? bestValue : null },
      seconds: this.#seconds(),
      warmEpochs: { ...this.#start.warmEpochs },
      tensors: await this.#trainer.state(),
    });
    this.#keptEpochs = this.#curve.length;
  }

  #restore(kept: Checkpoint): void {
    this.#epoch = kept.epoch;
    this.#keptEpochs = kept.curve.length;
    this.#batch = kept.batch;
    this.#curve.push(...kept.curve);
    this.#stopping = { ...kept.stopping, bestValue: kept.stopping.bestValue ?? -Infinity };
    this.#secondsBefore += kept.seconds;
    this.#trainer.restore(kept.tensors, kept.step);
  }
}

/** What to change where training diverged: "a smaller learningRate (found 10) or deviation (found 10)". */
function smallerSettings(hyperparameters: Hyperparameters): string {
  const named = ["learningRate", "deviation"].flatMap((name) =>
    name in hyperparameters ? [`${name} (found ${String(hyperparameters[name])})`] : [],
  );
  return `a smaller ${named.join(" or ")}`;
}
