/**
 * The one act under every split by interactions: from a group of positions (all
 * of them, or one user's) mark a given number, by chance or the latest.
 *
 * @module
 */

import type { RandomStream } from "../base/random.ts";
import { groupPositions, markedPositions } from "./grouping.ts";

/** What one byte an interaction says: the part that it belongs to. */
export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;
/** What held-out users are folded in from. */
export const VALIDATION_HISTORY = 3;
export const TEST_HISTORY = 4;
/** Must stay in train; becomes TRAIN when the cut is done. */
const RESERVED = 5;

/** Marks `count` of a group's positions (ascending) with a part. */
export type Choose = (
  positions: Int32Array,
  count: number,
  marks: Uint8Array,
  part: number,
) => void;

/** A cut by interactions: in which groups, how many of each, and which. */
export interface Cut {
  /** One group of everything, or one group a user. */
  readonly groups: "everything" | "users";
  /** How many of a group's n interactions in train are taken out of it; all parts together it has `total`. */
  readonly count: (n: number, total: number) => number;
  readonly choose: Choose;
}

/**
 * Chooses by chance, every subset of `count` positions equally likely: selection sampling
 * (Fan, Muller and Rezucha, 1962; Knuth, TAOCP 2, algorithm 3.4.2 S), one word a position.
 */
export function chooseRandom(random: RandomStream): Choose {
  return (positions, count, marks, part) => {
    let wanted = count;
    for (let at = 0; at < positions.length && wanted > 0; at++) {
      if (random.below(positions.length - at) >= wanted) continue;
      marks[positions[at]!] = part;
      wanted--;
    }
  };
}

/**
 * Chooses the latest. Of interactions at the very same time the later in the file counts as later
 * (positions are ascending), so the choice is the end of a stable sort by time.
 * @param times Unix seconds by position; all finite
 */
export function chooseLatest(times: Float64Array): Choose {
  return (positions, count, marks, part) => {
    if (count === 0) return;
    const sorted = new Float64Array(positions.length);
    for (let at = 0; at < sorted.length; at++) sorted[at] = times[positions[at]!]!;
    sorted.sort();
    const cut = sorted[sorted.length - count]!;
    let wanted = count;
    for (let at = sorted.length - 1; at >= 0 && sorted[at]! > cut; at--) wanted--;
    for (let at = positions.length - 1; at >= 0; at--) {
      const time = times[positions[at]!]!;
      if (time > cut) marks[positions[at]!] = part;
      else if (time === cut && wanted-- > 0) marks[positions[at]!] = part;
    }
  };
}

/** Whole number nearest to share × total, at least `least` and at most `most`. */
export function shareOf(total: number, share: number, least: number, most: number): number {
  return Math.min(Math.max(Math.round(total * share), least), most);
}

/**
 * Share × total rounded down, but one where that is none and one stays: RecBole's rule (Zhao et al.,
 * CIKM 2021; `_calcu_split_ids` of its data sets). The decimal share may be a little less in binary.
 */
export function shareBelow(total: number, share: number): number {
  return Math.min(Math.max(Math.floor(total * share + 1e-9), 1), Math.max(total - 1, 0));
}

/** Takes a part out of what is marked TRAIN. */
export function applyCut(
  cut: Cut,
  users: Int32Array,
  userCount: number,
  marks: Uint8Array,
  part: number,
): void {
  if (cut.groups === "everything") {
    const positions = markedPositions(marks, TRAIN);
    cut.choose(positions, cut.count(positions.length, marks.length), marks, part);
    return;
  }
  for (const { own, total } of trainPositionsByUser(users, userCount, marks)) {
    cut.choose(own, cut.count(own.length, total), marks, part);
  }
}

/**
 * Takes a random part out of everything marked TRAIN, but leaves every user who is there at
 * least one interaction: a validation part must not make strangers of training users.
 * @param count how many to take; fewer are taken where fewer can be spared
 */
export function cutSparingUsers(
  random: RandomStream,
  count: number,
  users: Int32Array,
  userCount: number,
  marks: Uint8Array,
  part: number,
): void {
  const choose = chooseRandom(random);
  for (const { own } of trainPositionsByUser(users, userCount, marks)) {
    choose(own, Math.min(1, own.length), marks, RESERVED);
  }
  const positions = markedPositions(marks, TRAIN);
  choose(positions, Math.min(count, positions.length), marks, part);
  for (let at = 0; at < marks.length; at++) if (marks[at] === RESERVED) marks[at] = TRAIN;
}

/** Each user's positions that are marked TRAIN, ascending, and how many the user has in all, user by user. */
function* trainPositionsByUser(
  users: Int32Array,
  userCount: number,
  marks: Uint8Array,
): Generator<{ readonly own: Int32Array; readonly total: number }> {
  const { indptr, positions } = groupPositions(users, userCount);
  for (let user = 0; user < userCount; user++) {
    const begin = indptr[user]!;
    let end = begin;
    for (let at = begin; at < indptr[user + 1]!; at++) {
      if (marks[positions[at]!] === TRAIN) positions[end++] = positions[at]!;
    }
    yield { own: positions.subarray(begin, end), total: indptr[user + 1]! - begin };
  }
}
