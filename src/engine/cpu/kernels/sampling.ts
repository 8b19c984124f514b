/**
 * Drawing training pairs and their negatives. Every draw is a pure function of the run's seed, the
 * epoch and the position in it, so the batch does not depend on the threads.
 */

import { at } from "./lanes";
import {
  permuteRun, philox, scaledFirstWords, scaleWord, word0, word1, word2, word3,
} from "./random";

/**
 * Place of the last of `count` ascending numbers that is not above `value`, or 0 where all are. Without
 * a branch that the processor could guess wrong: half of the guesses would be.
 */
@inline
function lastUpTo(numbers: usize, count: i32, value: i32): i32 {
  let place = 0;
  while (count > 1) {
    const half = count >>> 1;
    place += half & -<i32>(load<i32>(at(numbers, place + half)) <= value);
    count -= half;
  }
  return place;
}

/** Whether an ascending row holds the item. */
@inline
function holds(row: usize, count: i32, item: i32): bool {
  return count > 0 && load<i32>(at(row, lastUpTo(row, count, item))) == item;
}

/** One item from two words: uniform, or by the alias table (Vose 1991). */
@inline
function drawItem(a: u32, b: u32, itemCount: i32, probability: usize, other: usize): i32 {
  const item = <i32>scaleWord(a, itemCount);
  if (!probability) return item;
  return <f32>b * 2.3283064365386963e-10 < load<f32>(at(probability, item))
    ? item
    : load<i32>(at(other, item));
}

/** Blocks of two draws before the search falls back to the next free item. */
const patience: u32 = 256;

/** An item outside the row, which ascends. */
export function drawNegative(
  key0: u32, key1: u32, position: u32, epoch: u32, lane: u32,
  row: usize, count: i32, itemCount: i32, probability: usize, other: usize,
): i32 {
  let item = 0;
  for (let block: u32 = 0; block < patience; block++) {
    philox(key0, key1, position, epoch, lane, block);
    const spareA = word2;
    const spareB = word3;
    item = drawItem(word0, word1, itemCount, probability, other);
    if (!holds(row, count, item)) return item;
    item = drawItem(spareA, spareB, itemCount, probability, other);
    if (!holds(row, count, item)) return item;
  }
  for (let step = 0; step < itemCount; step++) {
    item = item + 1 == itemCount ? 0 : item + 1;
    if (!holds(row, count, item)) return item;
  }
  return -1;
}

/** Block of a negative's random numbers that no draw of an item reaches. */
const COIN_BLOCK: u32 = 0x80000000;

/** Whether a negative comes from the user's own list; the share is in 2⁻¹⁶. */
@inline
function drawsNear(
  key0: u32, key1: u32, position: u32, epoch: u32, lane: u32, share: u32,
): bool {
  if (share >= 65536) return true;
  philox(key0, key1, position, epoch, lane, COIN_BLOCK);
  return (word0 >> 16) < share;
}

/** Pairs of a run, few enough for all that a run reads to stay in the first cache. */
const runLength = 128;

/**
 * Draws runs of pairs, each step for a whole run before the next one: short steps without guessed
 * branches let the processor wait for many pairs' rows at once.
 * @param starts the first interaction of each active user; 0 = draw users instead
 * @param marks zeroed bytes for each thread, a bit an item; 0 = search the rows, better for few negatives
 * @param mayBeLiked whether each negative is its first guess, liked or not
 */
export function samplePairs(
  begin: i32, end: i32, thread: i32,
  users: usize, positives: usize, negatives: usize, negativeCount: i32,
  indptr: usize, indices: usize,
  starts: usize, activeUsers: usize, activeCount: i32, itemCount: i32,
  key0: u32, key1: u32, epoch: u32, first: u32, epochLength: u32,
  probability: usize, other: usize,
  candidateStarts: usize, candidates: usize, candidateShare: u32, valuesFrom: usize, values: usize,
  marks: usize, markBytes: i32, mayBeLiked: bool,
): void {
  const ownMarks = marks ? marks + <usize>(thread * markBytes) : 0;
  philox(key0, key1, epoch, 0, 0xffffffff, 0);
  const order0 = word0;
  const order1 = word1;
  for (let from = begin; from < end; from += runLength) {
    const to = min(from + runLength, end);
    if (starts) {
      permuteRun(positives, from, to, first, epochLength, order0, order1);
      if (values) takeValues(from, to, values, valuesFrom, positives);
      placeInteractions(from, to, users, positives, indptr, starts, activeUsers, activeCount);
    } else {
      placeUsers(from, to, users, positives, indptr, activeUsers, activeCount, key0, key1, epoch, first);
    }
    for (let n = from; n < to; n++) {
      const place = at(positives, n);
      store<i32>(place, load<i32>(at(indices, load<i32>(place))));
    }
    if (!negativeCount) continue;
    if (!ownMarks && !mayBeLiked) touchRows(from, to, users, indptr, indices);
    guessNegatives(
      from, to, negatives, negativeCount, itemCount, key0, key1, epoch, first, probability, other,
    );
    if (mayBeLiked) continue;
    settleNegatives(
      from, to, users, negatives, negativeCount, indptr, indices, itemCount, key0, key1, epoch, first,
      probability, other, candidateStarts, candidates, candidateShare, ownMarks,
    );
  }
}

/** values[n] = the value of interaction number interactions[n] */
function takeValues(begin: i32, end: i32, values: usize, from: usize, interactions: usize): void {
  for (let n = begin; n < end; n++) {
    store<f32>(at(values, n), load<f32>(at(from, load<i32>(at(interactions, n)))));
  }
}

/** The user of interaction number positives[n], which becomes its place in the rows. */
function placeInteractions(
  begin: i32, end: i32, users: usize, positives: usize,
  indptr: usize, starts: usize, activeUsers: usize, activeCount: i32,
): void {
  for (let n = begin; n < end; n++) {
    const interaction = load<i32>(at(positives, n));
    const active = lastUpTo(starts, activeCount, interaction);
    const user = load<i32>(at(activeUsers, active));
    const rank = interaction - load<i32>(at(starts, active));
    store<i32>(at(users, n), user);
    store<i32>(at(positives, n), load<i32>(at(indptr, user)) + rank);
  }
}

/** A user at random, and the place in the rows of one of theirs. */
function placeUsers(
  begin: i32, end: i32, users: usize, positives: usize,
  indptr: usize, activeUsers: usize, activeCount: i32, key0: u32, key1: u32, epoch: u32, first: u32,
): void {
  for (let n = begin; n < end; n++) {
    philox(key0, key1, first + <u32>n, epoch, 0, 0);
    const user = load<i32>(at(activeUsers, <i32>scaleWord(word0, activeCount)));
    const from = load<i32>(at(indptr, user));
    const count = load<i32>(at(indptr, user), 4) - from;
    store<i32>(at(users, n), user);
    store<i32>(at(positives, n), from + <i32>scaleWord(word1, count));
  }
}

/** Keeps the loads of `touchRows` alive. */
let touched: i32 = 0;

/** Brings into the cache what searches in the users' rows read first: their quarters. */
function touchRows(begin: i32, end: i32, users: usize, indptr: usize, indices: usize): void {
  let seen = 0;
  for (let n = begin; n < end; n++) {
    const user = load<i32>(at(users, n));
    const from = load<i32>(at(indptr, user));
    const half = (load<i32>(at(indptr, user), 4) - from) >>> 1;
    const middle = at(indices, from + half);
    const quarter = <usize>(half >>> 1) << 2;
    seen |= <i32>load<u8>(middle) | <i32>load<u8>(middle - quarter) | <i32>load<u8>(middle + quarter);
  }
  touched = seen;
}

/** The first item that each negative may be. */
function guessNegatives(
  begin: i32, end: i32, negatives: usize, negativeCount: i32, itemCount: i32,
  key0: u32, key1: u32, epoch: u32, first: u32, probability: usize, other: usize,
): void {
  for (let n = begin; n < end; n++) {
    let lane = 0;
    if (!probability) {
      for (; lane + 8 <= negativeCount; lane += 8) {
        scaledFirstWords(
          at(negatives, n * negativeCount + lane),
          key0, key1, first + <u32>n, epoch, lane + 1, 0, itemCount,
        );
      }
    }
    for (; lane < negativeCount; lane++) {
      philox(key0, key1, first + <u32>n, epoch, lane + 1, 0);
      const guess = drawItem(word0, word1, itemCount, probability, other);
      store<i32>(at(negatives, n * negativeCount + lane), guess);
    }
  }
}

/** Sets, or clears, the bits of a row's items. */
function markRow(marks: usize, row: usize, count: i32, marked: bool): void {
  for (let n = 0; n < count; n++) {
    const item = load<i32>(at(row, n));
    const byte = marks + (item >>> 3);
    const bit: u8 = <u8>1 << <u8>(item & 7);
    store<u8>(byte, marked ? load<u8>(byte) | bit : load<u8>(byte) & ~bit);
  }
}

@inline
function isMarked(marks: usize, item: i32): bool {
  return ((load<u8>(marks + (item >>> 3)) >>> <u8>(item & 7)) & 1) != 0;
}

/** Negatives from the users' candidates where they are to be, and others where the guess is one that the user likes. */
function settleNegatives(
  begin: i32, end: i32, users: usize, negatives: usize, negativeCount: i32,
  indptr: usize, indices: usize, itemCount: i32,
  key0: u32, key1: u32, epoch: u32, first: u32, probability: usize, other: usize,
  candidateStarts: usize, candidates: usize, candidateShare: u32, marks: usize,
): void {
  for (let n = begin; n < end; n++) {
    const user = load<i32>(at(users, n));
    const from = load<i32>(at(indptr, user));
    const count = load<i32>(at(indptr, user), 4) - from;
    const row = at(indices, from);
    let near: usize = 0;
    let nearCount: u32 = 0;
    if (candidates) {
      const start = load<i32>(at(candidateStarts, user));
      near = at(candidates, start);
      nearCount = load<i32>(at(candidateStarts, user), 4) - start;
    }
    const position = first + <u32>n;
    if (marks) markRow(marks, row, count, true);
    for (let lane = 0; lane < negativeCount; lane++) {
      const place = at(negatives, n * negativeCount + lane);
      if (nearCount && drawsNear(key0, key1, position, epoch, lane + 1, candidateShare)) {
        philox(key0, key1, position, epoch, lane + 1, 0);
        store<i32>(place, load<i32>(at(near, <i32>scaleWord(word0, nearCount))));
      } else if (marks ? isMarked(marks, load<i32>(place)) : holds(row, count, load<i32>(place))) {
        store<i32>(place, drawNegative(
          key0, key1, position, epoch, lane + 1, row, count, itemCount, probability, other,
        ));
      }
    }
    if (marks) markRow(marks, row, count, false);
  }
}
