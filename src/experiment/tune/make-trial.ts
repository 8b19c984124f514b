/**
 * One trial: fit the model with some settings, judge it on the validation part.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { LumiereError, StoppedError } from "../../base/errors.ts";
import type { ProgressReporter } from "../../base/progress.ts";
import { Evaluator } from "../../evaluation/evaluate.ts";
import { parseMetricKey } from "../../evaluation/metrics.ts";
import { parseProtocol } from "../../evaluation/protocols.ts";
import { fitModel } from "../../training/fit.ts";
import type { BlindData } from "./blind-data.ts";
import type { PreparedTuning } from "./description.ts";
import type { Proposal } from "./search-method.ts";
import type { Trial } from "./trials-log.ts";

/** Who listens to a trial, and who may stop it. */
export interface TrialOptions {
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/** Makes the trials of a search. */
export class TrialMaker {
  readonly #prepared: PreparedTuning;
  readonly #data: BlindData;
  /** What trials are judged by, all on the same validation part. */
  readonly evaluator: Evaluator;
  /** Where runs keep checkpoints, to go on with more epochs or after a stop; null = nowhere */
  readonly #folder: string | null;

  constructor(prepared: PreparedTuning, data: BlindData, folder: string | null) {
    const { metric, protocol } = prepared.tuning;
    this.#prepared = prepared;
    this.#data = data;
    this.#folder = folder;
    this.evaluator = new Evaluator(data.split.validation, {
      seen: [data.split.train],
      ks: [parseMetricKey(metric).k],
      protocol: parseProtocol(protocol),
    });
  }

  /**
   * Makes a trial; one that fails is a trial too, with its error.
   * @throws StoppedError on abort
   */
  async make(trial: number, proposal: Proposal, options: TrialOptions): Promise<Trial> {
    const { configuration, rung, epochs, settings } = proposal;
    const described = { trial, configuration, rung, epochs, settings: { ...settings } };
    const started = performance.now();
    const seconds = () => Number(((performance.now() - started) / 1000).toFixed(3));
    try {
      const { value, bestEpoch } = await this.#judge(proposal, options);
      return { ...described, value, bestEpoch, seconds: seconds(), error: null };
    } catch (error) {
      if (error instanceof StoppedError || options.signal.aborted) {
        throw new StoppedError(`stopped in trial ${trial}`);
      }
      const code = error instanceof LumiereError ? error.code : "internal";
      const message = error instanceof Error ? error.message : String(error);
      return {
        ...{ ...described, value: null, bestEpoch: null, seconds: seconds() },
        error: { code, message },
      };
    }
  }

  async #judge(
    { configuration, settings, epochs }: Proposal,
    { progress, signal }: TrialOptions,
  ): Promise<{ readonly value: number; readonly bestEpoch: number | null }> {
    const { definition, hyperparameters, experiment, tuning } = this.#prepared;
    const checkpoint = this.#checkpoint(configuration);
    const { recommender, bestEpoch } = await fitModel(
      definition,
      // Through the schema once more: its refinements see the settings together.
      definition.hyperparameters.parse({
        ...hyperparameters,
        ...settings,
        ...(epochs !== null && { epochs }),
      }),
      {
        ...this.#data,
        protocol: parseProtocol(tuning.protocol),
        seed: experiment.seed,
        threads: experiment.threads,
        checkpoint: checkpoint === null ? null : { directory: checkpoint },
        resume: checkpoint !== null,
        progress,
        signal,
      },
    );
    const { metrics } = await this.evaluator.evaluate(recommender, { signal });
    const value = metrics[tuning.metric];
    if (value === undefined || !Number.isFinite(value)) {
      throw new LumiereError("tune", `${tuning.metric} is not a number: the model diverged`);
    }
    return { value, bestEpoch };
  }

  #checkpoint(configuration: number): string | null {
    if (this.#folder === null || this.#prepared.definition.kind !== "gradient") return null;
    return join(this.#folder, `configuration-${configuration}`);
  }

  /** Drops what was kept to go on with a configuration. */
  forget(configuration: number): void {
    const checkpoint = this.#checkpoint(configuration);
    if (checkpoint !== null) rmSync(checkpoint, { recursive: true, force: true });
  }

  /** Drops all that was kept. */
  forgetAll(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }
}
