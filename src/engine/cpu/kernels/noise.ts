/**
 * The noise of SimGCL: in each row's own orthant, of a given length. Units are rows.
 */

import { at, loadPart, multiplyAdd, storePart } from "./lanes";
import { wordsOfEightBlocks } from "./random";
import { dot } from "./rows";

/** Third counter word, so that no other draw has the same counter. */
const NOISE_COUNTER: u32 = 0x5197;
const UNIT = memory.data<f32>([2.3283064365386963e-10]);

/** Fills `noise` with uniform numbers of [0, 1]; what lies behind the width is overwritten up to a multiple of 32. */
function drawRow(noise: usize, width: i32, key0: u32, key1: u32, row: u32, draw: u32): void {
  const unit = v128.load32_splat(UNIT);
  for (let column = 0; column < width; column += 32) {
    let place = at(noise, column);
    wordsOfEightBlocks(place, key0, key1, row, draw, NOISE_COUNTER, column);
    for (const end = place + 128; place < end; place += 16) {
      v128.store(place, f32x4.mul(f32x4.convert_i32x4_u(v128.load(place)), unit));
    }
  }
}

/** x, moved away from zero by a part of the noise. */
@inline
function moved(x: v128, noise: v128, factor: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const nonZero = f32x4.ne(x, f32x4.splat(0));
  const step = v128.and(nonZero, v128.or(sign, f32x4.splat(1)));
  return multiplyAdd(f32x4.mul(step, noise), factor, x);
}

/** out[r] = x[r] + ε·sign(x[r]) ⊙ n/‖n‖ with n uniform; with `rowList` the rows are rowList[begin … end). */
export function addNoise(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, width: i32, epsilon: f32, key0: u32, key1: u32, draw: u32,
  rowList: usize, scratch: usize, scratchStride: i32,
): void {
  const noise = at(scratch, thread * scratchStride);
  for (let unit = begin; unit < end; unit++) {
    const row = rowList ? load<i32>(at(rowList, unit)) : unit;
    drawRow(noise, width, key0, key1, row, draw);
    const factor = f32x4.splat(epsilon / sqrt<f32>(dot(noise, noise, width)));
    const offset = (<usize>row * <usize>width) << 2;
    let target = out + offset, place = x + offset, source = noise;
    let rest = width;
    for (; rest >= 4; rest -= 4, target += 16, place += 16, source += 16) {
      v128.store(target, moved(v128.load(place), v128.load(source), factor));
    }
    if (rest > 0) {
      storePart(target, moved(loadPart(place, rest), loadPart(source, rest), factor), rest);
    }
  }
}
