/**
 * What makes two searches the same search.
 *
 * @module
 */

import { z } from "zod";
import { packageVersion } from "../../artifact/versions.ts";
import { featureFingerprint, fingerprint } from "../../data/fingerprint.ts";
import type { BlindData } from "./blind-data.ts";
import type { PreparedTuning } from "./description.ts";
import type { SearchIdentity } from "./trials-log.ts";

/** Everything that decides which trials are made, and what comes out of them. */
export function searchIdentity(
  { definition, space, hyperparameters, tuning }: PreparedTuning,
  { dataset, split }: BlindData,
): SearchIdentity {
  const { method, trials, reduction, metric, protocol, validation, validationUsers, seed } = tuning;
  const fixed = Object.entries(hyperparameters).filter(
    ([name]) => !space.some((dimension) => dimension.name === name),
  );
  const { targets, history, candidates } = split.validation;
  const features = featureFingerprint(dataset);
  const part = (interactions: typeof targets) => fingerprint({ ...dataset, interactions });
  return {
    lumiere: packageVersion(),
    model: definition.name,
    method,
    ...(method === "halving" && { trials, reduction }),
    metric,
    // The trials below hold the metric's bare values.
    ...(candidates && { sampled: true }),
    protocol,
    seed,
    split: split.specification,
    validation,
    ...(validationUsers !== undefined && { validationUsers }),
    space: z.json().parse(space),
    fixed: z.json().parse(Object.fromEntries(fixed)),
    data: [
      part(dataset.interactions),
      part(targets),
      ...(history ? [part(history)] : []),
      ...(features ? [features] : []),
    ],
  };
}
