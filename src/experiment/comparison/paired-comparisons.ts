/**
 * Every model against one reference, user by user, with Holm's correction over
 * everything that is asked in one table.
 *
 * @module
 */

import { bootstrapIntervals } from "../../evaluation/bootstrap.ts";
import { meanOf } from "../../evaluation/measure.ts";
import { isHigherBetter } from "../../evaluation/metrics.ts";
import {
  holmCorrection,
  pairedDifferences,
  pairedTTest,
  randomisationTest,
  type TestResult,
  wilcoxonSignedRank,
} from "../../evaluation/paired-tests.ts";
import { bounds, finite, type PairedComparison, type PairTest } from "./comparison.ts";
import type { LabelledRuns } from "./judged-run.ts";
import { pairedValues } from "./user-means.ts";

const testNames = ["randomisation", "t", "wilcoxon"] as const;

type TestName = (typeof testNames)[number];

/** A comparison before its p values know of the others. */
type Uncorrected = Omit<PairedComparison, TestName> & Readonly<Record<TestName, TestResult>>;

/** One comparison for each metric and each model but the reference. */
export function pairedTests(
  models: readonly LabelledRuns[],
  reference: string,
  metrics: readonly string[],
  { seeded, seed }: { readonly seeded: boolean; readonly seed: number },
): PairedComparison[] {
  const own = models.find(({ label }) => label === reference);
  if (own === undefined) throw new RangeError(`no model is called ${reference}`);
  const others = models.filter((model) => model !== own);
  const uncorrected = metrics.flatMap((metric) =>
    others.map(({ label, runs }): Uncorrected => {
      const values = pairedValues(runs, own.runs, metric, seeded);
      const differences = pairedDifferences(values.own, values.others);
      // Average popularity is the better the lower it is.
      const sign = isHigherBetter(metric) ? 1 : -1;
      const interval = bootstrapIntervals({ [metric]: differences }, { seed })[metric];
      return {
        metric,
        label,
        reference,
        users: differences.length,
        difference: finite(meanOf(differences)),
        interval: bounds(interval),
        wins: differences.filter((difference) => sign * difference > 0).length,
        ties: differences.filter((difference) => difference === 0).length,
        losses: differences.filter((difference) => sign * difference < 0).length,
        randomisation: randomisationTest(differences, { seed }),
        t: pairedTTest(differences),
        wilcoxon: wilcoxonSignedRank(differences),
      };
    }),
  );
  const adjusted = Object.fromEntries(
    testNames.map((name) => [name, holmCorrection(uncorrected.map((pair) => pair[name].p))]),
  ) as Record<TestName, number[]>;
  return uncorrected.map((pair, at) => {
    const corrected = (name: TestName): PairTest => ({
      statistic: finite(pair[name].statistic),
      p: finite(pair[name].p),
      adjusted: finite(adjusted[name][at]!),
    });
    return {
      ...pair,
      randomisation: corrected("randomisation"),
      t: corrected("t"),
      wilcoxon: corrected("wilcoxon"),
    };
  });
}
