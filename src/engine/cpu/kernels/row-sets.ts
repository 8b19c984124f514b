/** Sets of rows: the nodes of a batch, each once. */

import { at } from "./lanes";

/** Adds index[begin … end) + offset to a row set, each row once, and counts them; runs on one thread. */
export function collectRows(
  begin: i32, end: i32, thread: i32,
  index: usize, offset: i32, mask: usize, list: usize, count: usize, times: usize,
): void {
  let n = load<i32>(count);
  for (let unit = begin; unit < end; unit++) {
    const row = load<i32>(at(index, unit)) + offset;
    store<i32>(at(list, n), row);
    const place = at(mask, row);
    n += 1 - load<i32>(place);
    store<i32>(place, 1);
    store<i32>(at(times, row), load<i32>(at(times, row)) + 1);
  }
  store<i32>(count, n);
}

/** Takes list[begin … end) out of the mask and the counts. */
export function clearRows(
  begin: i32, end: i32, thread: i32, mask: usize, list: usize, times: usize,
): void {
  for (let n = begin; n < end; n++) {
    const row = load<i32>(at(list, n));
    store<i32>(at(mask, row), 0);
    store<i32>(at(times, row), 0);
  }
}

/** shares[n] = 1/count of the rows that a list holds; beyond them the list repeats its first row, with a share of 0. */
export function shareRows(
  begin: i32, end: i32, thread: i32, shares: usize, list: usize, count: usize,
): void {
  const n = load<i32>(count);
  const share: f32 = 1 / <f32>n;
  for (let unit = begin; unit < end; unit++) {
    store<f32>(at(shares, unit), unit < n ? share : 0);
    if (unit >= n) store<i32>(at(list, unit), load<i32>(list));
  }
}

/** Sets a row to zero; `memory.fill` is a call, which costs more than a short row. */
export function zeroRow(target: usize, width: i32): void {
  const zero = i32x4.splat(0);
  let rest = width;
  for (; rest >= 8; rest -= 8, target += 32) {
    v128.store(target, zero);
    v128.store(target, zero, 16);
  }
  for (; rest > 0; rest--, target += 4) store<f32>(target, 0);
}

/** Sets the rows list[begin … end) of a table to zero. */
export function zeroRows(
  begin: i32, end: i32, thread: i32, table: usize, width: i32, list: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) zeroRow(table + <usize>load<i32>(at(list, n)) * stride, width);
}
