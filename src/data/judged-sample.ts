/**
 * Judging a part of a split on some of its users: validating on everybody, epoch after epoch and
 * trial after trial, can take longer than training.
 *
 * @module
 */

import { RandomStream } from "../base/random.ts";
import type { EvaluationPart } from "./interactions.ts";

/**
 * The part with at most so many of its users to judge, drawn with the seed. Its interactions stay:
 * they are held out of train, and masked in test, whoever is judged.
 * @param most users; undefined = all
 */
export function judgedSample(
  part: EvaluationPart,
  most: number | undefined,
  seed: number,
): EvaluationPart {
  const users = Int32Array.from(new Set(part.targets.users)).sort();
  if (most === undefined || users.length <= most) return part;
  new RandomStream(seed, "split/validation users").shuffle(users);
  return { ...part, judged: users.slice(0, most).sort() };
}
