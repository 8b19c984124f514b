/**
 * How good a recommender is on a part of a split: rank, mask, compare.
 *
 * Three protocols share this path: known users over all items; people who were
 * not in training, folded in from a history (strong generalisation); and a few
 * given candidates a user, which is labelled as sampled wherever it prints.
 *
 * @module
 */

import { BadInputError, StoppedError } from "../base/errors.ts";
import { type ProgressReporter, silent } from "../base/progress.ts";
import type { EvaluationPart, Interactions, Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import { type RankedLists, rank, sliceRows } from "../models/rank.ts";
import type { Recommender } from "../models/recommender.ts";
import { type JudgedUsers, judgedUsers } from "./audience.ts";
import { bootstrapIntervals, type Interval } from "./bootstrap.ts";
import { Measure, parseKs } from "./measure.ts";
import { metricDefinition } from "./metrics.ts";
import { type GroupedRecall, RecallByPopularity } from "./popularity-groups.ts";
import { type ProtocolName, protocols } from "./protocols.ts";

/** How one evaluation runs; none of it changes a metric. */
export interface RunOptions {
  /** Bootstrap intervals of the per-user metrics; default false. */
  readonly intervals?: boolean;
  /** Of the bootstrap; default 1. */
  readonly seed?: number;
  readonly progress?: ProgressReporter;
  readonly signal?: AbortSignal;
  /** Users handed to ranking at a time, which bounds memory; default `usersAtOnce`, or all where ranking divides them. */
  readonly blockUsers?: number;
  /** Where lists are ranked; default: the process's shared device. */
  readonly device?: Device;
}

export interface EvaluationOptions extends RunOptions {
  /** Interactions to mask: training and, for the final evaluation, validation. */
  readonly seen: readonly Interactions[];
  /** Where lists are cut, for instance [10, 20]. */
  readonly ks: readonly number[];
  /**
   * Training interactions of each item (`countByKey`), in the final evaluation those of
   * validation too; without it novelty, popularity and the recall by popularity are left out.
   */
  readonly trainPopularity?: Int32Array | null;
  /** Default "lightgcn". */
  readonly protocol?: ProtocolName;
}

/** What came out. */
export interface Evaluation {
  /** "recall@20" → mean over the evaluated users. */
  readonly metrics: Readonly<Record<string, number>>;
  /** "recall@20" → 95 % interval; null where none was asked for. Coverage and Gini have none. */
  readonly intervals: Readonly<Record<string, Interval>> | null;
  /** One value a user and metric, for paired tests. */
  readonly perUser: {
    /** Dense user indices, ascending. */
    readonly users: Int32Array;
    readonly values: Readonly<Record<string, Float64Array>>;
  };
  /** Recall of rare and of popular items apart; null where the items' popularity was not given. */
  readonly byPopularity: GroupedRecall | null;
  readonly usersEvaluated: number;
  /** Users without a test item (or, sampled, without a candidate beside it): they do not count. */
  readonly usersSkipped: number;
  /** Test items that are masked and so cannot be found; above 0 where a split repeats interactions. */
  readonly maskedTargets: number;
  /** True where each user's test items were ranked among a few candidates and not among all items. */
  readonly sampled: boolean;
  readonly protocol: ProtocolName;
  /** Wall-clock time of ranking, measuring and resampling. */
  readonly seconds: number;
  /** "recall@20" → what it means, in one sentence. */
  readonly definitions: Readonly<Record<string, string>>;
}

/**
 * A part of a split made ready once, for instance to judge every epoch on the
 * same validation part.
 *
 * @example
 * const evaluator = new Evaluator(split.validation, { seen: [split.train], ks: [20] });
 * const { metrics } = await evaluator.evaluate(recommender);
 * metrics["ndcg@20"];
 */
export class Evaluator {
  readonly #judged: JudgedUsers;
  readonly #options: EvaluationOptions;
  readonly #ks: readonly number[];

  /** Throws BadInputError where nobody has a test item or a k is not a whole number ≥ 1. */
  constructor(part: EvaluationPart, options: EvaluationOptions) {
    this.#ks = parseKs(options.ks);
    this.#judged = judgedUsers(part, options.seen);
    this.#options = options;
  }

  /** True where each user's items are ranked among a few candidates and not among all items. */
  get sampled(): boolean {
    return this.#judged.candidates !== null;
  }

  /** What a metric ("recall@20") means here, in one sentence. */
  definition(key: string): string {
    const { candidates } = this.#judged;
    const label = candidates ? sampledLabel(candidates.indptr) : "";
    return metricDefinition(key, this.#options.protocol) + label;
  }

  /** Judges a recommender; `run` overrides what the evaluator was made with. */
  async evaluate(recommender: Recommender, run: RunOptions = {}): Promise<Evaluation> {
    const begin = performance.now();
    const {
      trainPopularity = null,
      protocol = "lightgcn",
      seed = 1,
      ...options
    } = {
      ...this.#options,
      ...run,
    };
    const { users, skipped, maskedTargets } = this.#judged;
    checkIndices(this.#judged, recommender);
    const measure = new Measure(users.length, {
      itemCount: recommender.itemCount,
      ks: this.#ks,
      protocol,
      popularity: trainPopularity,
    });
    const grouped =
      trainPopularity && new RecallByPopularity(trainPopularity, this.#ks, protocols[protocol]);
    await this.#rankInBlocks(recommender, [measure, ...(grouped ? [grouped] : [])], options);
    const { metrics, values } = measure.finish();
    const intervals = options.intervals ? bootstrapIntervals(values, { seed }) : null;
    return {
      metrics,
      intervals,
      perUser: { users, values },
      byPopularity: grouped?.finish() ?? null,
      usersEvaluated: users.length,
      usersSkipped: skipped,
      maskedTargets,
      sampled: this.sampled,
      protocol,
      seconds: (performance.now() - begin) / 1000,
      definitions: Object.fromEntries(
        Object.keys(metrics).map((key) => [key, this.definition(key)]),
      ),
    };
  }

  async #rankInBlocks(
    recommender: Recommender,
    measures: readonly { add(lists: RankedLists, targets: Rows): void }[],
    { progress = silent, signal, device, ...run }: RunOptions,
  ): Promise<void> {
    // A model that is laid out on the device answers in blocks of its own.
    const blockUsers =
      run.blockUsers ?? (recommender.blockScorer ? 1 << 20 : usersAtOnce(recommender.itemCount));
    const { users, targets, masked, histories, candidates } = this.#judged;
    const k = Math.min(this.#ks.at(-1)!, recommender.itemCount);
    for (let first = 0; first < users.length; first += blockUsers) {
      const check = (done: number) => {
        if (!signal?.aborted) return;
        throw new StoppedError(`evaluation stopped after ${done} of ${users.length} users`);
      };
      check(first);
      const end = Math.min(first + blockUsers, users.length);
      const lists = await rank(
        recommender,
        histories
          ? { histories: sliceRows(histories, first, end) }
          : { users: users.subarray(first, end) },
        k,
        sliceRows(masked, first, end),
        candidates && sliceRows(candidates, first, end),
        device,
        (done) => {
          progress({ stage: "evaluate", done: first + done, total: users.length, unit: "users" });
          check(first + done);
        },
      );
      const found = sliceRows(targets, first, end);
      for (const measure of measures) measure.add(lists, found);
    }
  }
}

/**
 * Users handed to ranking at a time: each time the items are laid out anew on one thread, and
 * nothing stops or reports until all are done, which a billion scores bound to seconds.
 */
export function usersAtOnce(itemCount: number): number {
  return Math.min(16_384, Math.max(4096, Math.floor(2 ** 30 / itemCount)));
}

/** Judges a recommender on a part of a split; see `Evaluator` for judging many on the same part. */
export async function evaluate(
  recommender: Recommender,
  part: EvaluationPart,
  options: EvaluationOptions,
): Promise<Evaluation> {
  return new Evaluator(part, options).evaluate(recommender);
}

function sampledLabel(indptr: Int32Array): string {
  let [fewest, most] = [Infinity, 0];
  for (let row = 0; row + 1 < indptr.length; row++) {
    const length = indptr[row + 1]! - indptr[row]!;
    fewest = Math.min(fewest, length);
    most = Math.max(most, length);
  }
  const range = fewest === most ? `${most}` : `${fewest} to ${most}`;
  return ` (sampled metric: ranked among ${range} candidates a user, not among all items)`;
}

function checkIndices(judged: JudgedUsers, { userCount, itemCount }: Recommender): void {
  const lastUser = judged.users.at(-1)!;
  if (judged.histories === null && lastUser >= userCount) {
    throw new BadInputError(
      "index",
      `user ${lastUser} is to be judged, but the model knows users 0 … ${userCount - 1}; ` +
        "evaluate it on a split of the dataset it was trained on",
    );
  }
  const lastItem = judged.targets.indices.reduce((last, item) => Math.max(last, item), 0);
  if (lastItem >= itemCount) {
    throw new BadInputError(
      "index",
      `item ${lastItem} is to be found, but the model knows items 0 … ${itemCount - 1}; ` +
        "evaluate it on a split of the dataset it was trained on",
    );
  }
}
