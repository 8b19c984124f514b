/**
 * Kernels that move rows and columns: gather, scatter-add, and cutting a matrix
 * by columns. Units are rows, unless stated.
 */

import { scaleRow } from "./rows";
import { at, loadPart, storePart } from "./lanes";

/** Copies `width` elements. */
@inline
function copyRow(target: usize, source: usize, width: i32): void {
  let rest = width;
  for (; rest >= 4; rest -= 4, target += 16, source += 16) v128.store(target, v128.load(source));
  if (rest > 0) storePart(target, loadPart(source, rest), rest);
}

/** out[n] = table[index[n] + offset] */
export function gatherRows(
  begin: i32, end: i32, thread: i32,
  out: usize, table: usize, index: usize, offset: i32, width: i32,
): void {
  const stride = (<usize>width) << 2;
  let target = out + <usize>begin * stride;
  for (let n = begin; n < end; n++, target += stride) {
    const row = load<i32>(at(index, n)) + offset;
    copyRow(target, table + <usize>row * stride, width);
  }
}

/** table[index[n] + offset] += scale·source[n], one after the other; runs on one thread. */
export function scatterAddInOrder(
  begin: i32, end: i32, thread: i32,
  table: usize, index: usize, offset: i32, source: usize, scale: f32, width: i32,
): void {
  const stride = (<usize>width) << 2;
  const factor = f32x4.splat(scale);
  for (let n = begin; n < end; n++) {
    const row = load<i32>(at(index, n)) + offset;
    scaleRow(table + <usize>row * stride, source + <usize>n * stride, factor, width, true);
  }
}

/**
 * Links equal entries of an index, in their order: heads[u] is the first n of the
 * u-th different entry, next[n] the following n or −1. Runs on one thread.
 * @param slots hash table of u, −1 where empty; its length is a power of two, at least the
 *   number of different entries plus one
 * @param tails like heads, the last n; for this kernel's own use
 * @param count receives the number of different entries
 */
export function chainRows(
  begin: i32, end: i32, thread: i32,
  index: usize, slots: usize, slotMask: i32, heads: usize, tails: usize, next: usize, count: usize,
): void {
  memory.fill(slots, 0xff, (<usize>(slotMask + 1)) << 2);
  let found = 0;
  for (let n = begin; n < end; n++) {
    const row = load<i32>(at(index, n));
    store<i32>(at(next, n), -1);
    // Odd multiplier: a table that is larger than the row numbers has no collisions to speak of.
    let slot = (row * 0x61c88647) & slotMask;
    for (;;) {
      const chain = load<i32>(at(slots, slot));
      if (chain < 0) {
        store<i32>(at(slots, slot), found);
        store<i32>(at(heads, found), n);
        store<i32>(at(tails, found), n);
        found++;
        break;
      }
      if (load<i32>(at(index, load<i32>(at(heads, chain)))) == row) {
        store<i32>(at(next, load<i32>(at(tails, chain))), n);
        store<i32>(at(tails, chain), n);
        break;
      }
      slot = (slot + 1) & slotMask;
    }
  }
  store<i32>(count, found);
}

/** Chains [begin, end): table[row] += scale·source[n] for every n of a chain, in order. */
export function scatterAddChains(
  begin: i32, end: i32, thread: i32,
  table: usize, index: usize, offset: i32, source: usize, scale: f32, width: i32,
  heads: usize, next: usize,
): void {
  const stride = (<usize>width) << 2;
  const factor = f32x4.splat(scale);
  for (let chain = begin; chain < end; chain++) {
    let n = load<i32>(at(heads, chain));
    const target = table + <usize>(load<i32>(at(index, n)) + offset) * stride;
    do {
      scaleRow(target, source + <usize>n * stride, factor, width, true);
      n = load<i32>(at(next, n));
    } while (n >= 0);
  }
}

/** out[:, from … from+width) = x */
export function putColumns(
  begin: i32, end: i32, thread: i32, out: usize, outWidth: i32, x: usize, width: i32, from: i32,
): void {
  const outStride = (<usize>outWidth) << 2, stride = (<usize>width) << 2;
  let target = at(out + <usize>begin * outStride, from);
  let source = x + <usize>begin * stride;
  for (let row = begin; row < end; row++, target += outStride, source += stride) {
    copyRow(target, source, width);
  }
}

/** out (+)= x[:, from … from+width) */
export function takeColumns(
  begin: i32, end: i32, thread: i32,
  out: usize, width: i32, x: usize, xWidth: i32, from: i32, accumulate: i32,
): void {
  const xStride = (<usize>xWidth) << 2, stride = (<usize>width) << 2;
  const one = f32x4.splat(1);
  let target = out + <usize>begin * stride;
  let source = at(x + <usize>begin * xStride, from);
  for (let row = begin; row < end; row++, target += stride, source += xStride) {
    if (accumulate) scaleRow(target, source, one, width, true);
    else copyRow(target, source, width);
  }
}
