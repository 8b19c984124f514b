/**
 * Repeated (user, item) pairs. A pair that stays twice can land in train and in
 * test at once, so filters and splits both remove the repeats first.
 *
 * @module
 */

import { groupPositions, markedPositions } from "./grouping.ts";
import { type Interactions, interactionCount, selectInteractions } from "./interactions.ts";

/**
 * Which of several interactions of one user with one item stays: the latest, the
 * earliest, or the one with the highest value. Time decides where it is known,
 * file order elsewhere and between equal times; "max" keeps the latest of equal values.
 */
export type DuplicateRule = "last" | "first" | "max";

/**
 * Marks the interactions to keep so that every (user, item) pair is left once.
 * @returns one byte an interaction (1 = keep), or null where no pair is repeated
 */
export function markWithoutDuplicates(
  interactions: Interactions,
  userCount: number,
  itemCount: number,
  rule: DuplicateRule,
): Uint8Array | null {
  const { items, values, times } = interactions;
  const { indptr, positions } = groupPositions(interactions.users, userCount);
  const keep = new Uint8Array(interactionCount(interactions)).fill(1);
  // keptAt holds, for the current user, which position of each item stays; the stamp tells an
  // entry of this user from one that an earlier user left behind.
  const keptAt = new Int32Array(itemCount);
  const stamp = new Int32Array(itemCount).fill(-1);
  const supersedes = (later: number, earlier: number): boolean => {
    if (rule === "max" && values && values[later] !== values[earlier]) {
      return values[later]! > values[earlier]!;
    }
    const [time, other] = times ? [times[later]!, times[earlier]!] : [0, 0];
    // Equal or unknown times leave it to file order.
    return time < other ? rule === "first" : rule !== "first";
  };
  let repeated = false;
  for (let user = 0; user < userCount; user++) {
    for (let at = indptr[user]!; at < indptr[user + 1]!; at++) {
      const position = positions[at]!;
      const item = items[position]!;
      if (stamp[item] !== user) {
        stamp[item] = user;
        keptAt[item] = position;
        continue;
      }
      repeated = true;
      if (supersedes(position, keptAt[item]!)) {
        keep[keptAt[item]!] = 0;
        keptAt[item] = position;
      } else {
        keep[position] = 0;
      }
    }
  }
  return repeated ? keep : null;
}

/** The interactions with every (user, item) pair once, in file order, and how many were repeats. */
export function withoutDuplicates(
  interactions: Interactions,
  userCount: number,
  itemCount: number,
  rule: DuplicateRule = "last",
): { readonly interactions: Interactions; readonly removed: number } {
  const keep = markWithoutDuplicates(interactions, userCount, itemCount, rule);
  if (!keep) return { interactions, removed: 0 };
  const positions = markedPositions(keep, 1);
  return {
    interactions: selectInteractions(interactions, positions),
    removed: keep.length - positions.length,
  };
}
