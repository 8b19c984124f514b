/**
 * Attention over the neighbours of a row (GAT), forward and backward, without
 * anything per edge and column: weights are made anew from one score a node and head.
 *
 * The slope of the leaky ReLU has two values, so a row's neighbours are split into
 * those with a score above zero (upper) and the others (lower). Sums of the two
 * parts are all that the gradient of the scores needs, and one gather gives both.
 */

import { logarithm } from "./functions";
import { at, multiplyAdd, storeEight, storeFour } from "./lanes";
import { dot, scaleRow } from "./rows";
import { rowMaximum, sumOfExponentials } from "./softmax";

/** out += Σ weight·x[column], 32 columns wide. */
function addWeighted32(
  columns: usize, weights: usize, count: i32, x: usize, stride: usize, out: usize,
): void {
  let a0 = v128.load(out), a1 = v128.load(out, 16), a2 = v128.load(out, 32);
  let a3 = v128.load(out, 48), a4 = v128.load(out, 64), a5 = v128.load(out, 80);
  let a6 = v128.load(out, 96), a7 = v128.load(out, 112);
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4, weights += 4) {
    const row = x + <usize>load<i32>(columns) * stride;
    const s = v128.load32_splat(weights);
    a0 = multiplyAdd(s, v128.load(row), a0);
    a1 = multiplyAdd(s, v128.load(row, 16), a1);
    a2 = multiplyAdd(s, v128.load(row, 32), a2);
    a3 = multiplyAdd(s, v128.load(row, 48), a3);
    a4 = multiplyAdd(s, v128.load(row, 64), a4);
    a5 = multiplyAdd(s, v128.load(row, 80), a5);
    a6 = multiplyAdd(s, v128.load(row, 96), a6);
    a7 = multiplyAdd(s, v128.load(row, 112), a7);
  }
  storeEight(out, a0, a1, a2, a3, a4, a5, a6, a7);
}

/** 16 columns wide. */
function addWeighted16(
  columns: usize, weights: usize, count: i32, x: usize, stride: usize, out: usize,
): void {
  let a0 = v128.load(out), a1 = v128.load(out, 16), a2 = v128.load(out, 32);
  let a3 = v128.load(out, 48);
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4, weights += 4) {
    const row = x + <usize>load<i32>(columns) * stride;
    const s = v128.load32_splat(weights);
    a0 = multiplyAdd(s, v128.load(row), a0);
    a1 = multiplyAdd(s, v128.load(row, 16), a1);
    a2 = multiplyAdd(s, v128.load(row, 32), a2);
    a3 = multiplyAdd(s, v128.load(row, 48), a3);
  }
  storeFour(out, a0, a1, a2, a3);
}

/** 4 columns wide. */
function addWeighted4(
  columns: usize, weights: usize, count: i32, x: usize, stride: usize, out: usize,
): void {
  let sum = v128.load(out);
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4, weights += 4) {
    const row = x + <usize>load<i32>(columns) * stride;
    sum = multiplyAdd(v128.load32_splat(weights), v128.load(row), sum);
  }
  v128.store(out, sum);
}

function addWeighted1(
  columns: usize, weights: usize, count: i32, x: usize, stride: usize, out: usize,
): void {
  let sum = load<f32>(out);
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4, weights += 4) {
    sum += load<f32>(weights) * load<f32>(x + <usize>load<i32>(columns) * stride);
  }
  store<f32>(out, sum);
}

/** out += Σ weight·x[column] over `width` columns. */
function addWeighted(
  columns: usize, weights: usize, count: i32, x: usize, stride: usize, out: usize, width: i32,
): void {
  if (count == 0) return;
  for (; width >= 32; width -= 32, x += 128, out += 128) {
    addWeighted32(columns, weights, count, x, stride, out);
  }
  for (; width >= 16; width -= 16, x += 64, out += 64) {
    addWeighted16(columns, weights, count, x, stride, out);
  }
  for (; width >= 4; width -= 4, x += 16, out += 16) {
    addWeighted4(columns, weights, count, x, stride, out);
  }
  for (; width >= 1; width--, x += 4, out += 4) {
    addWeighted1(columns, weights, count, x, stride, out);
  }
}

/** How many neighbours `split` put into the lower part. */
let lowerCount: i32 = 0;

/**
 * Writes neighbours and their scores own + theirs: those above zero from the front on,
 * the others from the back on, those outside the mask nowhere. Without a branch,
 * because signs are as good as random.
 * @returns how many lie in front
 */
function split(
  neighbours: usize, count: i32, mask: usize, theirs: usize, pitch: usize, own: f32,
  columns: usize, scores: usize,
): i32 {
  let front = 0;
  let back = count;
  for (let n = 0; n < count; n++) {
    const column = load<i32>(at(neighbours, n));
    const score = own + load<f32>(theirs + <usize>column * pitch);
    const kept = mask ? load<i32>(at(mask, column)) : 1;
    const above = <i32>(score > 0);
    store<i32>(at(columns, front), column);
    store<f32>(at(scores, front), score);
    store<i32>(at(columns, back - 1), column);
    store<f32>(at(scores, back - 1), score);
    front += above & kept;
    back -= (above ^ 1) & kept;
  }
  lowerCount = count - back;
  return front;
}

/**
 * For rows v and each head h, over the neighbours u of v:
 *   α = softmax_u(leaky(scores[u, h] + scores[v, heads + h])),  out[v, h] = Σ α·z[u, h]
 * `upper` gets the part of out that comes from scores above zero; `state` the logarithm of the
 * softmax's denominator and, `heads` further, the share of α that the upper part has.
 * With `rowList` the rows are rowList[begin … end).
 */
export function attend(
  begin: i32, end: i32, thread: i32,
  out: usize, upper: usize, state: usize, z: usize, scores: usize,
  width: i32, heads: i32, slope: f32,
  indptr: usize, indices: usize, rowList: usize, scratch: usize, scratchStride: i32,
): void {
  const headWidth = width / heads;
  const stride = (<usize>width) << 2, pitch = (<usize>heads) << 3;
  const columns = at(scratch, 2 * thread * scratchStride), weights = at(columns, scratchStride);
  for (let unit = begin; unit < end; unit++) {
    const row = rowList ? load<i32>(at(rowList, unit)) : unit;
    const from = load<i32>(at(indptr, row));
    const count = load<i32>(at(indptr, row), 4) - from;
    const line = <usize>row * stride;
    const own = scores + <usize>row * pitch, kept = state + <usize>row * pitch;
    memory.fill(out + line, 0, stride);
    for (let head = 0; head < heads; head++) {
      const theirs = at(scores, head);
      const above = split(
        at(indices, from), count, 0, theirs, pitch, load<f32>(at(own, heads + head)),
        columns, weights,
      );
      const below = lowerCount;
      const lowerColumns = at(columns, above), lowerWeights = at(weights, above);
      scaleRow(lowerWeights, lowerWeights, f32x4.splat(slope), below, false);
      const largest: f32 = count > 0 ? rowMaximum(weights, count) : 0;
      const upperSum = sumOfExponentials(weights, above, 1, largest, weights);
      const sum = upperSum + sumOfExponentials(lowerWeights, below, 1, largest, lowerWeights);
      const logSum = largest + f32x4.extract_lane(logarithm(f32x4.splat(sum)), 0);
      const inverse: f32 = sum > 0 ? <f32>1 / sum : 0;
      store<f32>(at(kept, head), logSum);
      store<f32>(at(kept, heads + head), upperSum * inverse);
      const part = (<usize>(head * headWidth)) << 2;
      const target = out + line + part, upperTarget = upper + line + part;
      addWeighted(columns, weights, above, z + part, stride, target, headWidth);
      scaleRow(upperTarget, target, f32x4.splat(inverse), headWidth, false);
      addWeighted(lowerColumns, lowerWeights, below, z + part, stride, target, headWidth);
      scaleRow(target, target, f32x4.splat(inverse), headWidth, false);
    }
  }
}

/**
 * The gradient at the rows v that attended: with D = g[v]·out[v] for each head, moments gets D,
 * and gradScores[v, heads + h] = Σ_u slope·α·(g[v]·z[u] − D).
 */
export function attendGradientOfRows(
  begin: i32, end: i32, thread: i32,
  moments: usize, gradScores: usize, gradOut: usize, out: usize, upper: usize, state: usize,
  width: i32, heads: i32, slope: f32, rowList: usize,
): void {
  const headWidth = width / heads;
  const stride = (<usize>width) << 2, pitch = (<usize>heads) << 3;
  for (let unit = begin; unit < end; unit++) {
    const row = rowList ? load<i32>(at(rowList, unit)) : unit;
    const line = <usize>row * stride;
    const target = gradScores + <usize>row * pitch, kept = state + <usize>row * pitch;
    for (let head = 0; head < heads; head++) {
      const place = line + ((<usize>(head * headWidth)) << 2);
      const whole = dot(gradOut + place, out + place, headWidth);
      const above = dot(gradOut + place, upper + place, headWidth);
      const share = load<f32>(at(kept, heads + head));
      const weighted = above + slope * (whole - above);
      store<f32>(at(moments, row * heads + head), whole);
      store<f32>(at(target, heads + head), weighted - whole * (share + slope * (1 - share)));
    }
  }
}

/** −logSum taken off, exponential: scores become weights. Returns Σ weight·moment. */
function weigh(
  columns: usize, weights: usize, count: i32, state: usize, pitch: usize,
  moments: usize, heads: i32, slope: f32,
): f32 {
  for (let n = 0; n < count; n++) {
    const logSum = load<f32>(state + <usize>load<i32>(at(columns, n)) * pitch);
    store<f32>(at(weights, n), slope * load<f32>(at(weights, n)) - logSum);
  }
  sumOfExponentials(weights, count, 1, 0, weights);
  let sum: f32 = 0;
  for (let n = 0; n < count; n++) {
    sum += load<f32>(at(weights, n)) * load<f32>(at(moments, load<i32>(at(columns, n)) * heads));
  }
  return sum;
}

/**
 * The gradient at the rows u that were attended to, of a symmetric graph: over the rows v
 * (in the mask) that u is a neighbour of,
 *   gradZ[u] = Σ α·g[v],   gradScores[u, h] = Σ slope·α·(g[v]·z[u] − D[v])
 */
export function attendGradientOfNeighbours(
  begin: i32, end: i32, thread: i32,
  gradZ: usize, gradScores: usize, gradOut: usize, z: usize, scores: usize,
  state: usize, moments: usize, width: i32, heads: i32, slope: f32,
  indptr: usize, indices: usize, mask: usize, scratch: usize, scratchStride: i32,
): void {
  const headWidth = width / heads;
  const stride = (<usize>width) << 2, pitch = (<usize>heads) << 3;
  const columns = at(scratch, 2 * thread * scratchStride), weights = at(columns, scratchStride);
  for (let row = begin; row < end; row++) {
    const from = load<i32>(at(indptr, row));
    const count = load<i32>(at(indptr, row), 4) - from;
    const line = <usize>row * stride;
    memory.fill(gradZ + line, 0, stride);
    for (let head = 0; head < heads; head++) {
      const theirs = at(scores, heads + head);
      const own = load<f32>(at(scores, 2 * row * heads + head));
      const above = split(at(indices, from), count, mask, theirs, pitch, own, columns, weights);
      const below = lowerCount;
      const lowerColumns = at(columns, count - below), lowerWeights = at(weights, count - below);
      const logSums = at(state, head), ownMoments = at(moments, head);
      const mean = weigh(columns, weights, above, logSums, pitch, ownMoments, heads, 1);
      const lowerMean = weigh(
        lowerColumns, lowerWeights, below, logSums, pitch, ownMoments, heads, slope,
      );
      const part = (<usize>(head * headWidth)) << 2;
      const target = gradZ + line + part, source = z + line + part;
      addWeighted(columns, weights, above, gradOut + part, stride, target, headWidth);
      const upper = dot(source, target, headWidth);
      addWeighted(lowerColumns, lowerWeights, below, gradOut + part, stride, target, headWidth);
      const whole = dot(source, target, headWidth);
      const change = upper - mean + slope * (whole - upper - lowerMean);
      store<f32>(at(gradScores, 2 * row * heads + head), change);
    }
  }
}
