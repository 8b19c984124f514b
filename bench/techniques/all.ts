/**
 * The techniques, in the order of the report.
 *
 * @module
 */

import { barriers } from "./barriers.ts";
import { forwardRows, gradientRows } from "./batch-rows.ts";
import { fusedUpdate } from "./fused-update.ts";
import { penalty, scores } from "./losses.ts";
import { messages, variants } from "./messages.ts";
import { nodeOrders } from "./node-orders.ts";
import { pieces } from "./pieces.ts";
import { prunedRanking } from "./pruned-ranking.ts";
import { ranking } from "./ranking.ts";
import type { Technique } from "./technique.ts";
import { wholeStep } from "./whole-step.ts";

export const techniques: readonly Technique[] = [
  wholeStep,
  forwardRows,
  gradientRows,
  nodeOrders,
  messages,
  variants,
  pieces,
  fusedUpdate,
  scores,
  penalty,
  barriers,
  ranking,
  prunedRanking,
];
