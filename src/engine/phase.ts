/**
 * What a run does at a moment, for profiles.
 *
 * @module
 */

export const phases = [
  "preparation",
  "sampling",
  "forward",
  "loss",
  "backward",
  "update",
  "evaluation",
] as const;

export type Phase = (typeof phases)[number];
