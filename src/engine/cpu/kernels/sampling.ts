/**
 * Drawing training pairs and their negatives. Every draw is a pure function of the run's seed, the
 * epoch and the position in it, so the batch does not depend on the threads.
 */

import { at } from "./lanes";
import { permute, philox, scaleWord, word0, word1, word2, word3 } from "./random";

/** Whether a sorted row holds the item. */
function holds(row: usize, count: i32, item: i32): bool {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(at(row, middle)) < item) low = middle + 1;
    else high = middle;
  }
  return low < count && load<i32>(at(row, low)) == item;
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

/** The last row that starts at or before `interaction`. */
function rowOf(starts: usize, rowCount: i32, interaction: i32): i32 {
  let low = 0;
  let high = rowCount;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(at(starts, middle)) <= interaction) low = middle;
    else high = middle;
  }
  return low;
}

/** `starts` (0 = draw users instead): the first interaction of each active user. */
export function samplePairs(
  begin: i32, end: i32, thread: i32,
  users: usize, positives: usize, negatives: usize, negativeCount: i32,
  indptr: usize, indices: usize,
  starts: usize, activeUsers: usize, activeCount: i32, itemCount: i32,
  key0: u32, key1: u32, epoch: u32, first: u32, epochLength: u32,
  probability: usize, other: usize,
  candidateStarts: usize, candidates: usize, candidateShare: u32, valuesFrom: usize, values: usize,
): void {
  philox(key0, key1, epoch, 0, 0xffffffff, 0);
  const order0 = word0;
  const order1 = word1;
  for (let n = begin; n < end; n++) {
    const position = first + <u32>n;
    let active: i32;
    let interaction = 0;
    let place: u32 = 0;
    if (starts) {
      interaction = <i32>permute(position, epochLength, order0, order1);
      active = rowOf(starts, activeCount, interaction);
    } else {
      philox(key0, key1, position, epoch, 0, 0);
      active = scaleWord(word0, activeCount);
      place = word1;
    }
    const user = load<i32>(at(activeUsers, active));
    const from = load<i32>(at(indptr, user));
    const count = load<i32>(at(indptr, user), 4) - from;
    const row = at(indices, from);
    const rank = starts
      ? interaction - load<i32>(at(starts, active))
      : <i32>scaleWord(place, count);
    store<i32>(at(users, n), user);
    store<i32>(at(positives, n), load<i32>(at(row, rank)));
    if (values) store<f32>(at(values, n), load<f32>(at(valuesFrom, interaction)));
    if (!negativeCount) continue;
    let near: usize = 0;
    let nearCount: u32 = 0;
    if (candidates) {
      const first = load<i32>(at(candidateStarts, user));
      near = at(candidates, first);
      nearCount = load<i32>(at(candidateStarts, user), 4) - first;
    }
    for (let lane = 0; lane < negativeCount; lane++) {
      if (nearCount && drawsNear(key0, key1, position, epoch, lane + 1, candidateShare)) {
        philox(key0, key1, position, epoch, lane + 1, 0);
        const chosen = load<i32>(at(near, <i32>scaleWord(word0, nearCount)));
        store<i32>(at(negatives, n * negativeCount + lane), chosen);
        continue;
      }
      const negative = drawNegative(
        key0, key1, position, epoch, lane + 1,
        row, count, itemCount, probability, other,
      );
      store<i32>(at(negatives, n * negativeCount + lane), negative);
    }
  }
}
