/**
 * An evaluation as plain JSON, for `report.json`, manifests and `--json`.
 *
 * @module
 */

import type { Evaluation } from "./evaluate.ts";
import type { PopularityGroup } from "./popularity-groups.ts";
import { type ProtocolName, protocols } from "./protocols.ts";

/** JSON-safe: what has no value (NaN) is null, per-user values are left out. */
export interface EvaluationSummary {
  readonly metrics: Readonly<Record<string, number | null>>;
  /** 95 % intervals as [low, high]; null where none was asked for. */
  readonly intervals: Readonly<Record<string, readonly [number, number] | null>> | null;
  readonly definitions: Readonly<Record<string, string>>;
  /** Recall of rare and of popular items apart; null where nobody has a test item of the kind. */
  readonly byPopularity: {
    readonly groups: readonly PopularityGroup[];
    readonly recall: Readonly<Record<string, readonly (number | null)[]>>;
  } | null;
  readonly usersEvaluated: number;
  readonly usersSkipped: number;
  readonly maskedTargets: number;
  readonly sampled: boolean;
  readonly protocol: { readonly name: ProtocolName; readonly description: string };
  readonly seconds: number;
}

/** What a report keeps of an evaluation. */
export function summarise(evaluation: Evaluation): EvaluationSummary {
  const { metrics, intervals, byPopularity, protocol } = evaluation;
  return {
    metrics: mapValues(metrics, finiteOrNull),
    intervals:
      intervals &&
      mapValues(intervals, ({ low, high }) => (Number.isNaN(low) ? null : ([low, high] as const))),
    definitions: evaluation.definitions,
    byPopularity: byPopularity && {
      groups: byPopularity.groups,
      recall: mapValues(byPopularity.recall, (figures) => figures.map(finiteOrNull)),
    },
    usersEvaluated: evaluation.usersEvaluated,
    usersSkipped: evaluation.usersSkipped,
    maskedTargets: evaluation.maskedTargets,
    sampled: evaluation.sampled,
    protocol: { name: protocol, description: protocols[protocol].description },
    seconds: evaluation.seconds,
  };
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
