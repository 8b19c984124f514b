/**
 * Strong generalisation: whole users are kept out of training, and judged by
 * what is found of one share of their items after folding in the other (Liang
 * et al., "Variational autoencoders for collaborative filtering", WWW 2018).
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import {
  chooseRandom,
  shareOf,
  TEST,
  TEST_HISTORY,
  VALIDATION,
  VALIDATION_HISTORY,
} from "./cuts.ts";
import { type Groups, groupPositions } from "./grouping.ts";
import type { Dataset } from "./interactions.ts";

/**
 * Marks the interactions of held-out users. A user is held out only with two interactions or
 * more: one to fold in, one to find.
 * @param options.users users held out for the test
 * @param options.ratio share of a held-out user's items that is folded in
 * @param options.validation share of the users then left that is held out for validation; 0 = none
 */
export function markHeldOut(
  dataset: Dataset,
  marks: Uint8Array,
  options: { users: number; ratio: number; validation: number; seed: number },
): void {
  const { ratio, seed } = options;
  const groups = groupPositions(dataset.interactions.users, dataset.users.size);
  const present: number[] = [];
  const eligible: number[] = [];
  for (let user = 0; user < dataset.users.size; user++) {
    const own = groups.indptr[user + 1]! - groups.indptr[user]!;
    if (own > 0) present.push(user);
    if (own > 1) eligible.push(user);
  }
  // Somebody must be left to train on.
  const most = Math.min(eligible.length, present.length - 1);
  if (options.users > most) {
    throw new BadInputError(
      "split",
      `split "held-out:${options.users}": dataset "${dataset.name}" has ${present.length} users, ` +
        `${eligible.length} of them with two interactions or more; hold out at most ${most}`,
    );
  }
  const order = new RandomStream(seed, "split/held-out users").shuffle(Int32Array.from(eligible));
  const test = order.subarray(0, options.users);
  hold(test, groups, ratio, new RandomStream(seed, "split/fold-in"), marks, TEST, TEST_HISTORY);
  if (options.validation === 0) return;

  const left = order.subarray(options.users);
  const spare = Math.min(left.length, present.length - options.users - 1);
  if (spare < 1) {
    throw new BadInputError(
      "split",
      `split "held-out:${options.users}" leaves no user of dataset "${dataset.name}" for a ` +
        "validation part; hold out fewer users, or pass a validation part of 0",
    );
  }
  const validation = left.subarray(0, shareOf(left.length, options.validation, 1, spare));
  const random = new RandomStream(seed, "split/validation fold-in");
  hold(validation, groups, ratio, random, marks, VALIDATION, VALIDATION_HISTORY);
}

/** Marks everything of the users as a part, and a random share of each one's as history. */
function hold(
  users: Int32Array,
  groups: Groups,
  ratio: number,
  random: RandomStream,
  marks: Uint8Array,
  part: number,
  history: number,
): void {
  const choose = chooseRandom(random);
  // Ascending, so that the draws do not depend on the order in which users were chosen.
  for (const user of users.slice().sort()) {
    const own = groups.positions.subarray(groups.indptr[user], groups.indptr[user + 1]);
    for (const position of own) marks[position] = part;
    choose(own, shareOf(own.length, ratio, 1, own.length - 1), marks, history);
  }
}
