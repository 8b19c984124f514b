/**
 * Finished runs on the same data and cuts, turned into a leaderboard with
 * intervals and paired tests.
 *
 * @module
 */

import { BadInputError } from "../../base/errors.ts";
import { bootstrapIntervals } from "../../evaluation/bootstrap.ts";
import { meanOf } from "../../evaluation/measure.ts";
import { isHigherBetter, parseMetricKey } from "../../evaluation/metrics.ts";
import {
  bounds,
  type ComparedMetric,
  type ComparedModel,
  type Comparison,
  type FailedRun,
  finite,
} from "./comparison.ts";
import { checkRankingMetric, type RankingChoice } from "./description.ts";
import type { JudgedRun, LabelledRuns } from "./judged-run.ts";
import { pairedTests } from "./paired-comparisons.ts";
import { dependsOnSeed, userMeans } from "./user-means.ts";

/** Of the intervals and of the randomisation test: the runs' own seeds change nothing here. */
const RESAMPLING_SEED = 1;

/** What else a comparison says of itself. */
export interface ComparisonNotes {
  readonly command: string | null;
  readonly failures: readonly FailedRun[];
}

/**
 * Compares finished runs.
 * @param choice `metric` null = ndcg at the longest list that all runs measured
 * @throws BadInputError "not-comparable" where data, split or protocol differ
 */
export function compareRuns(
  runs: readonly JudgedRun[],
  choice: { readonly metric: string | null; readonly baseline: string | null },
  { command, failures }: ComparisonNotes,
): Comparison {
  const [first] = runs;
  if (first === undefined) {
    throw new BadInputError("not-comparable", "no run ended well, so there is nothing to compare");
  }
  checkComparable(runs, first);
  const keys = Object.keys(first.report.metrics).filter((key) =>
    runs.every(({ report }) => key in report.metrics),
  );
  const ranking = rankingOf(choice, keys);
  const models = byLabel(runs);
  const compared = models.map((model) => comparedModel(model, keys));
  const higherIsBetter = isHigherBetter(ranking.metric);
  const figure = ({ metrics }: ComparedModel) => metrics[ranking.metric]?.mean ?? -Infinity;
  compared.sort((a, b) => (higherIsBetter ? figure(b) - figure(a) : figure(a) - figure(b)));
  const reference = ranking.baseline ?? compared[0]!.label;
  const known = compared.map(({ label }) => label);
  if (!known.includes(reference)) {
    throw new BadInputError(
      "settings",
      `baseline "${reference}" is not compared (models: ${known.join(", ")})`,
    );
  }
  const inOrder = known.map((label) => models.find((model) => model.label === label)!);
  const { report } = first;
  const seeded = dependsOnSeed(report.split.specification);
  return {
    created: new Date().toISOString(),
    command,
    dataset: report.dataset,
    split: {
      specification: report.split.specification,
      // The seeds stand beside it, and each model has its own validation part.
      description: report.split.description.replace(/(; validation: .*)? \(seed \d+\)$/, ""),
    },
    evaluation: {
      protocol: report.evaluation.protocol,
      sampled: report.evaluation.sampled,
      usersEvaluated: report.evaluation.usersEvaluated,
    },
    definitions: Object.fromEntries(keys.map((key) => [key, report.definitions[key] ?? ""])),
    metric: ranking.metric,
    reference,
    models: compared,
    tests: pairedTests(inOrder, reference, testedMetrics(ranking.metric, keys), {
      seeded,
      seed: RESAMPLING_SEED,
    }),
    failures,
    device: report.device,
    versions: report.versions,
    warnings: warningsOf(compared, runs, failures, seeded),
    files: {},
  };
}

function checkComparable(runs: readonly JudgedRun[], first: JudgedRun): void {
  const facts = ({ report }: JudgedRun): readonly (readonly [string, string])[] => [
    ["dataset", `${report.dataset.name} (fingerprint ${report.dataset.fingerprint.slice(0, 12)})`],
    ["split", report.split.specification],
    ["protocol", report.evaluation.protocol.name],
    ["candidates", report.evaluation.sampled ? "sampled" : "all items"],
  ];
  const expected = facts(first);
  for (const run of runs) {
    facts(run).forEach(([name, found], at) => {
      const wanted = expected[at]![1];
      if (found === wanted) return;
      throw new BadInputError(
        "not-comparable",
        `${run.folder} was judged on another ${name} than ${first.folder}: found ${found}, expected ${wanted}; train it again under the same one`,
      );
    });
  }
}

function rankingOf(
  choice: { readonly metric: string | null; readonly baseline: string | null },
  keys: readonly string[],
): RankingChoice {
  const ks = keys.filter((key) => key.startsWith("ndcg@")).map((key) => parseMetricKey(key).k);
  if (keys.length === 0 || (choice.metric === null && ks.length === 0)) {
    const missing = keys.length === 0 ? "metric" : "NDCG";
    const shared =
      keys.length === 0 ? "" : `, or name what they share with --metric (${keys.join(", ")})`;
    throw new BadInputError(
      "not-comparable",
      `the runs have no ${missing} in common: they cut their lists at other lengths; train them with the same --k${shared}`,
    );
  }
  const metric = choice.metric ?? `ndcg@${Math.max(...ks)}`;
  checkRankingMetric(metric, keys);
  return { metric, baseline: choice.baseline };
}

/** The ranking metric, and recall and NDCG at the same k. */
function testedMetrics(metric: string, keys: readonly string[]): string[] {
  const { k } = parseMetricKey(metric);
  return [...new Set([metric, `recall@${k}`, `ndcg@${k}`])].filter((key) => keys.includes(key));
}

function byLabel(runs: readonly JudgedRun[]): LabelledRuns[] {
  const labels = [...new Set(runs.map(({ label }) => label))];
  return labels.map((label) => ({
    label,
    runs: runs.filter((run) => run.label === label).sort((a, b) => a.report.seed - b.report.seed),
  }));
}

function comparedModel({ label, runs }: LabelledRuns, keys: readonly string[]): ComparedModel {
  const reports = runs.map(({ report }) => report);
  const [first] = reports;
  if (first === undefined) throw new RangeError(`${label} has no run`);
  const ofUsers = keys.filter((key) => runs.every(({ perUser }) => key in perUser.values));
  const { values } = userMeans(runs, ofUsers);
  const intervals = bootstrapIntervals(values, { seed: RESAMPLING_SEED });
  const mean = (figures: readonly number[]) =>
    figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  const metrics = keys.map((key): [string, ComparedMetric] => {
    const perSeed = reports.map((report) => report.metrics[key] ?? null);
    const column = values[key];
    const figures = perSeed.filter((figure) => figure !== null);
    return [
      key,
      {
        mean: finite(column ? meanOf(column) : mean(figures)),
        interval: bounds(intervals[key]),
        perSeed,
      },
    ];
  });
  return {
    label,
    model: first.model,
    hyperparameters: first.hyperparameters,
    validation: first.split.validation,
    seeds: reports.map(({ seed }) => seed),
    metrics: Object.fromEntries(metrics),
    byPopularity: first.evaluation.byPopularity,
    bestEpochs: reports.map(({ bestEpoch }) => bestEpoch),
    curve: first.curve,
    seconds: {
      fit: finite(mean(reports.map(({ seconds }) => seconds.fit ?? Number.NaN))),
      evaluate: finite(mean(reports.map(({ seconds }) => seconds.evaluate ?? Number.NaN))),
      total: mean(reports.map(({ seconds }) => seconds.total)),
    },
    peakMemoryBytes: Math.max(...reports.map(({ peakMemoryBytes }) => peakMemoryBytes)),
    folders: runs.map(({ folder }) => folder),
  };
}

function warningsOf(
  models: readonly ComparedModel[],
  runs: readonly JudgedRun[],
  failures: readonly FailedRun[],
  seeded: boolean,
): string[] {
  const [first] = runs;
  const shares = new Map<number, string[]>();
  for (const { label, validation } of models) {
    shares.set(validation, [...(shares.get(validation) ?? []), label]);
  }
  const fitted = [...shares].map(
    ([share, labels]) => `${labels.join(", ")} to ${Number((100 * (1 - share)).toFixed(2))} %`,
  );
  const seeds = models.map(({ seeds }) => seeds.join(" "));
  return [
    ...(first?.report.dataset.synthetic
      ? [`made-up data (${first.report.dataset.source}): the figures say nothing about real people`]
      : []),
    ...failures.map(({ label, seed, message }) => `${label} with seed ${seed} failed: ${message}`),
    ...new Set(runs.flatMap(({ report }) => report.split.warnings)),
    ...(shares.size > 1
      ? [
          `models were fitted to different shares of train, before any refit: ${fitted.join("; ")}; the rest of it picked the epoch`,
        ]
      : []),
    ...usersWarning(runs),
    ...(models.every((model) => model.seeds.length === 1)
      ? [
          "one seed a model: intervals and tests cover the choice of users, not the choice of seed; --seeds 5 shows both",
        ]
      : []),
    ...(seeded && new Set(seeds).size > 1 ? [seedsWarning(models)] : []),
  ];
}

/** Under a cut that the seed decides, for models that did not run with the same seeds. */
function seedsWarning(models: readonly ComparedModel[]): string {
  const [first, ...others] = models.map(({ seeds }) => new Set(seeds));
  const isShared = [...first!].some((seed) => others.every((seeds) => seeds.has(seed)));
  return isShared
    ? "models ran with different seeds: pairs are tested on the seeds they share"
    : "no seed is shared by all models, so they were tested on different parts of the data and stand beside each other for what that is worth; pairs without a common seed are not tested. Train them with the same seeds";
}

/**
 * Where models with the same seed were judged on different users: a temporal split leaves a user who comes with
 * the validation part nothing to be ranked by, unless the model has no such part.
 */
function usersWarning(runs: readonly JudgedRun[]): string[] {
  for (const [seed, together] of Map.groupBy(runs, ({ report }) => report.seed)) {
    const audiences = new Set(together.map(({ perUser }) => perUser.users.toSorted().join(" ")));
    if (audiences.size === 1) continue;
    const counts = together.map(({ label, perUser }) => `${label} on ${perUser.users.length}`);
    return [
      `models were judged on different users (seed ${seed}: ${counts.join(", ")}): figures are means over each model's own, paired tests over the users they share`,
    ];
  }
  return [];
}
