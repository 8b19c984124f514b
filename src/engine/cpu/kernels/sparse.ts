/**
 * The sparse product of graph propagation. One row of the output gathers the
 * rows of its neighbours, sixteen accumulators at a time; most of the training
 * time of LightGCN is spent here.
 */

/** acc + scale·x, fused where the binary has relaxed SIMD. */
// @ts-ignore: decorator
@inline
function multiplyAdd(scale: v128, x: v128, acc: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(scale, x, acc);
  return f32x4.add(acc, f32x4.mul(scale, x));
}

// @ts-ignore: decorator
@inline
function at(x: usize, index: i32): usize {
  return x + ((<usize>index) << 2);
}

/** scale · (bias·base + factor·acc) for four columns. */
// @ts-ignore: decorator
@inline
function finish(out: usize, base: usize, acc: v128, factor: v128, bias: v128, scale: v128): void {
  let value = f32x4.mul(factor, acc);
  if (base) value = f32x4.add(value, f32x4.mul(bias, v128.load(base)));
  v128.store(out, f32x4.mul(scale, value));
}

/** Columns [0, 64) of one row: Σ x[c] over the given neighbours, then `finish`. */
function gather64(
  columns: usize, count: i32, x: usize, stride: usize, columnScale: usize,
  out: usize, base: usize, factor: f32, bias: f32, scale: f32,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
  const end = columns + ((<usize>count) << 2);
  if (columnScale) {
    for (; columns < end; columns += 4) {
      const column = load<i32>(columns);
      const row = x + <usize>column * stride;
      const s = v128.load32_splat(at(columnScale, column));
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      a6 = multiplyAdd(s, v128.load(row, 96), a6);
      a7 = multiplyAdd(s, v128.load(row, 112), a7);
      b0 = multiplyAdd(s, v128.load(row, 128), b0);
      b1 = multiplyAdd(s, v128.load(row, 144), b1);
      b2 = multiplyAdd(s, v128.load(row, 160), b2);
      b3 = multiplyAdd(s, v128.load(row, 176), b3);
      b4 = multiplyAdd(s, v128.load(row, 192), b4);
      b5 = multiplyAdd(s, v128.load(row, 208), b5);
      b6 = multiplyAdd(s, v128.load(row, 224), b6);
      b7 = multiplyAdd(s, v128.load(row, 240), b7);
    }
  } else {
    for (; columns < end; columns += 4) {
      const row = x + <usize>load<i32>(columns) * stride;
      a0 = f32x4.add(a0, v128.load(row, 0));
      a1 = f32x4.add(a1, v128.load(row, 16));
      a2 = f32x4.add(a2, v128.load(row, 32));
      a3 = f32x4.add(a3, v128.load(row, 48));
      a4 = f32x4.add(a4, v128.load(row, 64));
      a5 = f32x4.add(a5, v128.load(row, 80));
      a6 = f32x4.add(a6, v128.load(row, 96));
      a7 = f32x4.add(a7, v128.load(row, 112));
      b0 = f32x4.add(b0, v128.load(row, 128));
      b1 = f32x4.add(b1, v128.load(row, 144));
      b2 = f32x4.add(b2, v128.load(row, 160));
      b3 = f32x4.add(b3, v128.load(row, 176));
      b4 = f32x4.add(b4, v128.load(row, 192));
      b5 = f32x4.add(b5, v128.load(row, 208));
      b6 = f32x4.add(b6, v128.load(row, 224));
      b7 = f32x4.add(b7, v128.load(row, 240));
    }
  }
  const f = f32x4.splat(factor), b = f32x4.splat(bias), s = f32x4.splat(scale);
  const step: usize = base ? 16 : 0;
  finish(out, base, a0, f, b, s);
  finish(out + 16, base + step, a1, f, b, s);
  finish(out + 32, base + 2 * step, a2, f, b, s);
  finish(out + 48, base + 3 * step, a3, f, b, s);
  finish(out + 64, base + 4 * step, a4, f, b, s);
  finish(out + 80, base + 5 * step, a5, f, b, s);
  finish(out + 96, base + 6 * step, a6, f, b, s);
  finish(out + 112, base + 7 * step, a7, f, b, s);
  finish(out + 128, base + 8 * step, b0, f, b, s);
  finish(out + 144, base + 9 * step, b1, f, b, s);
  finish(out + 160, base + 10 * step, b2, f, b, s);
  finish(out + 176, base + 11 * step, b3, f, b, s);
  finish(out + 192, base + 12 * step, b4, f, b, s);
  finish(out + 208, base + 13 * step, b5, f, b, s);
  finish(out + 224, base + 14 * step, b6, f, b, s);
  finish(out + 240, base + 15 * step, b7, f, b, s);
}

/** Columns [0, 4): the same for widths that 64 does not divide. */
function gather4(
  columns: usize, count: i32, x: usize, stride: usize, columnScale: usize,
  out: usize, base: usize, factor: f32, bias: f32, scale: f32,
): void {
  let acc = f32x4.splat(0);
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    const value = v128.load(x + <usize>column * stride);
    if (columnScale) acc = multiplyAdd(v128.load32_splat(at(columnScale, column)), value, acc);
    else acc = f32x4.add(acc, value);
  }
  finish(out, base, acc, f32x4.splat(factor), f32x4.splat(bias), f32x4.splat(scale));
}

/** Columns [0, 16). */
function gather16(
  columns: usize, count: i32, x: usize, stride: usize, columnScale: usize,
  out: usize, base: usize, factor: f32, bias: f32, scale: f32,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    const row = x + <usize>column * stride;
    const s = columnScale ? v128.load32_splat(at(columnScale, column)) : f32x4.splat(1);
    a0 = multiplyAdd(s, v128.load(row, 0), a0);
    a1 = multiplyAdd(s, v128.load(row, 16), a1);
    a2 = multiplyAdd(s, v128.load(row, 32), a2);
    a3 = multiplyAdd(s, v128.load(row, 48), a3);
  }
  const f = f32x4.splat(factor), b = f32x4.splat(bias), s = f32x4.splat(scale);
  const step: usize = base ? 16 : 0;
  finish(out, base, a0, f, b, s);
  finish(out + 16, base + step, a1, f, b, s);
  finish(out + 32, base + 2 * step, a2, f, b, s);
  finish(out + 48, base + 3 * step, a3, f, b, s);
}

/** One column: the tail of a width that 4 does not divide. */
function gather1(
  columns: usize, count: i32, x: usize, stride: usize, columnScale: usize,
  out: usize, base: usize, factor: f32, bias: f32, scale: f32,
): void {
  let acc: f32 = 0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    const value = load<f32>(x + <usize>column * stride);
    acc += columnScale ? load<f32>(at(columnScale, column)) * value : value;
  }
  let value = factor * acc;
  if (base) value += bias * load<f32>(base);
  store<f32>(out, scale * value);
}

/** Keeps the columns whose mask is set; without a branch, because the mask is as good as random. */
function compact(columns: usize, count: i32, mask: usize, kept: usize): i32 {
  let n = 0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    store<i32>(at(kept, n), column);
    n += load<i32>(at(mask, column));
  }
  return n;
}

/**
 * Rows [begin, end) of out = outScale·(bias·base + factor·rowScale·A·(columnScale·x)).
 * A zero pointer switches its part off. With `rowList` the rows are rowList[begin … end).
 */
export function propagate(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, width: i32, indptr: usize, indices: usize,
  columnScale: usize, rowScale: usize, factor: f32,
  base: usize, bias: f32, baseMask: usize, outScale: usize,
  rowList: usize, inputMask: usize, scratch: usize, scratchStride: i32,
): void {
  const stride = (<usize>width) << 2;
  const kept = at(scratch, thread * scratchStride);
  for (let unit = begin; unit < end; unit++) {
    const row = rowList ? load<i32>(at(rowList, unit)) : unit;
    const from = load<i32>(at(indptr, row));
    let count = load<i32>(at(indptr, row), 4) - from;
    let columns = at(indices, from);
    if (inputMask) {
      count = compact(columns, count, inputMask, kept);
      columns = kept;
    }
    const f = rowScale ? factor * load<f32>(at(rowScale, row)) : factor;
    const s: f32 = outScale ? load<f32>(at(outScale, row)) : 1;
    let target = out + <usize>row * stride;
    let own = base + <usize>row * stride;
    if (!base || (baseMask && !load<i32>(at(baseMask, row)))) own = 0;
    let source = x;
    let rest = width;
    for (; rest >= 64; rest -= 64) {
      gather64(columns, count, source, stride, columnScale, target, own, f, bias, s);
      source += 256;
      target += 256;
      if (own) own += 256;
    }
    for (; rest >= 16; rest -= 16) {
      gather16(columns, count, source, stride, columnScale, target, own, f, bias, s);
      source += 64;
      target += 64;
      if (own) own += 64;
    }
    for (; rest >= 4; rest -= 4) {
      gather4(columns, count, source, stride, columnScale, target, own, f, bias, s);
      source += 16;
      target += 16;
      if (own) own += 16;
    }
    for (; rest >= 1; rest--) {
      gather1(columns, count, source, stride, columnScale, target, own, f, bias, s);
      source += 4;
      target += 4;
      if (own) own += 4;
    }
  }
}

/** Adds index[begin … end) + offset to a row set, each row once; runs on one thread. */
export function collectRows(
  begin: i32, end: i32, thread: i32,
  index: usize, offset: i32, mask: usize, list: usize, count: usize,
): void {
  let n = load<i32>(count);
  for (let at_ = begin; at_ < end; at_++) {
    const row = load<i32>(at(index, at_)) + offset;
    store<i32>(at(list, n), row);
    const place = at(mask, row);
    n += 1 - load<i32>(place);
    store<i32>(place, 1);
  }
  store<i32>(count, n);
}

/** Takes list[begin … end) out of the mask. */
export function clearRows(
  begin: i32, end: i32, thread: i32, mask: usize, list: usize,
): void {
  for (let n = begin; n < end; n++) store<i32>(at(mask, load<i32>(at(list, n))), 0);
}

/** Sets the rows list[begin … end) of a table to zero. */
export function zeroRows(
  begin: i32, end: i32, thread: i32, table: usize, width: i32, list: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) {
    memory.fill(table + <usize>load<i32>(at(list, n)) * stride, 0, stride);
  }
}
