/**
 * The suites that meet peers, in the order in which all of them run.
 *
 * @module
 */

import type { Suite } from "../suite.ts";
import { fit, knn } from "./fitting.ts";
import { ingest } from "./ingest.ts";
import { quality } from "./quality.ts";
import { ranking } from "./ranking.ts";
import { starts } from "./start.ts";
import { als, bpr, gat, multVae, ngcf, step } from "./training.ts";

export const suites: readonly Suite[] = [
  step,
  ranking,
  als,
  bpr,
  knn,
  fit,
  ngcf,
  gat,
  multVae,
  ingest,
  quality,
  starts,
];
