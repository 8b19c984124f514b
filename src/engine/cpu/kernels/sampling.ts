/**
 * Drawing training pairs and their negatives. Every draw is a pure function of the run's seed, the
 * epoch and the position in it, so the batch does not depend on the threads.
 */

import { at } from "./lanes";
import { permuteRun, philox, scaleWord, word0, word1, word2, word3 } from "./random";

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

/**
 * `starts` (0 = draw users instead): the first interaction of each active user. Each step is taken for
 * all pairs before the next one, so that neighbouring pairs overlap in the processor.
 */
export function samplePairs(
  begin: i32, end: i32, thread: i32,
  users: usize, positives: usize, negatives: usize, negativeCount: i32,
  indptr: usize, indices: usize,
  starts: usize, activeUsers: usize, activeCount: i32, itemCount: i32,
  key0: u32, key1: u32, epoch: u32, first: u32, epochLength: u32,
  probability: usize, other: usize,
  candidateStarts: usize, candidates: usize, candidateShare: u32, valuesFrom: usize, values: usize,
): void {
  if (starts) {
    philox(key0, key1, epoch, 0, 0xffffffff, 0);
    permuteRun(positives, begin, end, first, epochLength, word0, word1);
  }
  for (let n = begin; n < end; n++) {
    let active: i32;
    let rank = 0;
    let place: u32 = 0;
    if (starts) {
      const interaction = load<i32>(at(positives, n));
      active = lastUpTo(starts, activeCount, interaction);
      rank = interaction - load<i32>(at(starts, active));
      if (values) store<f32>(at(values, n), load<f32>(at(valuesFrom, interaction)));
    } else {
      philox(key0, key1, first + <u32>n, epoch, 0, 0);
      active = scaleWord(word0, activeCount);
      place = word1;
    }
    const user = load<i32>(at(activeUsers, active));
    const from = load<i32>(at(indptr, user));
    const count = load<i32>(at(indptr, user), 4) - from;
    if (!starts) rank = <i32>scaleWord(place, count);
    store<i32>(at(users, n), user);
    store<i32>(at(positives, n), load<i32>(at(indices, from + rank)));
  }
  if (!negativeCount) return;
  for (let n = begin; n < end; n++) {
    for (let lane = 0; lane < negativeCount; lane++) {
      philox(key0, key1, first + <u32>n, epoch, lane + 1, 0);
      const guess = drawItem(word0, word1, itemCount, probability, other);
      store<i32>(at(negatives, n * negativeCount + lane), guess);
    }
  }
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
    for (let lane = 0; lane < negativeCount; lane++) {
      const place = at(negatives, n * negativeCount + lane);
      if (nearCount && drawsNear(key0, key1, position, epoch, lane + 1, candidateShare)) {
        philox(key0, key1, position, epoch, lane + 1, 0);
        store<i32>(place, load<i32>(at(near, <i32>scaleWord(word0, nearCount))));
      } else if (holds(row, count, load<i32>(place))) {
        store<i32>(place, drawNegative(
          key0, key1, position, epoch, lane + 1, row, count, itemCount, probability, other,
        ));
      }
    }
  }
}
