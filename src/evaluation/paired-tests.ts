/**
 * Is one model better than another, or only on these users? Paired two-sided
 * tests of the differences of a metric, user by user (Smucker, Allan and
 * Carterette, "A comparison of statistical significance tests for information
 * retrieval evaluation", CIKM 2007), and Holm's correction for asking often.
 *
 * @module
 */

import { RandomStream } from "../base/random.ts";
import { normalTail, studentTail } from "./distributions.ts";

/** What one test says. */
export interface TestResult {
  /** Mean difference (randomisation), t, or Wilcoxon's W⁺: the rank sum of the positive differences. */
  readonly statistic: number;
  /** Two-sided; NaN where there are too few users to say anything. */
  readonly p: number;
  /** True where p counts every arrangement and is no approximation. */
  readonly exact: boolean;
}

export interface RandomisationOptions {
  readonly seed: number;
  /** Random sign patterns where not all can be tried; default 10,000. */
  readonly patterns?: number;
}

/** Up to here Wilcoxon's distribution is counted out. */
const EXACT_WILCOXON = 50;

/** What sums in another order may differ by. */
const ROUNDING = 1e-12;

/** a − b user by user; what rounding may have made is no difference. */
export function pairedDifferences(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, at) => {
    const difference = value - b[at]!;
    return Math.abs(difference) < ROUNDING ? 0 : difference;
  });
}

/**
 * Fisher's randomisation test of a mean of 0: under the null hypothesis a user's
 * two values may be swapped, which changes the sign of the difference. All 2ⁿ
 * patterns are tried where they are no more than `patterns`; else random ones,
 * the observed one among them, so that p is never 0 (Phipson and Smyth, 2010).
 * @param differences one a user; users without a difference change nothing and may be left in
 */
export function randomisationTest(
  differences: Float64Array,
  { seed, patterns = 10_000 }: RandomisationOptions,
): TestResult {
  const moved = differences.filter((difference) => difference !== 0);
  const observed = Math.abs(sumOf(moved));
  const statistic = sumOf(differences) / differences.length;
  if (differences.length === 0) return { statistic, p: Number.NaN, exact: true };
  // A sum in another order may differ in its last bits and must still count as equal.
  const least = observed - ROUNDING * moved.reduce((sum, value) => sum + Math.abs(value), 0);
  const count = moved.length;
  if (2 ** count <= patterns) {
    let extreme = 0;
    for (let pattern = 0; pattern < 2 ** count; pattern++) {
      let sum = 0;
      for (let at = 0; at < count; at++) sum += (pattern >>> at) & 1 ? moved[at]! : -moved[at]!;
      if (Math.abs(sum) >= least) extreme++;
    }
    return { statistic, p: extreme / 2 ** count, exact: true };
  }
  const random = new RandomStream(seed, "randomisation test");
  const sums = signedSums(moved);
  let extreme = 1;
  for (let pattern = 1; pattern < patterns; pattern++) {
    if (Math.abs(randomSum(sums, random)) >= least) extreme++;
  }
  return { statistic, p: extreme / patterns, exact: false };
}

/**
 * Σ ± d for every choice of signs of eight differences: 256 sums for each eight, so that a random
 * pattern costs one addition for eight users.
 */
function signedSums(values: Float64Array): Float64Array {
  const blocks = Math.ceil(values.length / 8);
  const sums = new Float64Array(blocks * 256);
  for (let block = 0; block < blocks; block++) {
    const own = values.subarray(8 * block, 8 * block + 8);
    const first = 256 * block;
    sums[first] = -sumOf(own);
    for (let signs = 1; signs < 256; signs++) {
      const lowest = 31 - Math.clz32(signs & -signs);
      sums[first + signs] = sums[first + (signs & (signs - 1))]! + 2 * (own[lowest] ?? 0);
    }
  }
  return sums;
}

/** The sum under a random choice of signs; a word decides 32 of them. */
function randomSum(sums: Float64Array, random: RandomStream): number {
  let sum = 0;
  for (let first = 0; first < sums.length; first += 4 * 256) {
    let signs = random.word();
    const end = Math.min(first + 4 * 256, sums.length);
    for (let block = first; block < end; block += 256) {
      sum += sums[block + (signs & 255)]!;
      signs >>>= 8;
    }
  }
  return sum;
}

/** Student's t test of a mean difference of 0. NaN below two users. */
export function pairedTTest(differences: Float64Array): TestResult {
  const count = differences.length;
  const mean = sumOf(differences) / count;
  if (count < 2) return { statistic: Number.NaN, p: Number.NaN, exact: false };
  let squares = 0;
  for (const difference of differences) squares += (difference - mean) ** 2;
  const error = Math.sqrt(squares / (count - 1) / count);
  if (error === 0) {
    return mean === 0
      ? { statistic: 0, p: 1, exact: false }
      : { statistic: Math.sign(mean) * Infinity, p: 0, exact: false };
  }
  const statistic = mean / error;
  return { statistic, p: 2 * studentTail(Math.abs(statistic), count - 1), exact: false };
}

/**
 * Wilcoxon's signed-rank test of differences that are symmetric around 0
 * (Wilcoxon, "Individual comparisons by ranking methods", 1945). Zeros are left
 * out; equal sizes share the mean of their ranks. Up to 50 differences every
 * pattern of signs is counted, ties and all; beyond, the normal approximation
 * with the variance corrected for ties, without continuity correction.
 */
export function wilcoxonSignedRank(differences: Float64Array): TestResult {
  const moved = differences.filter((difference) => difference !== 0);
  const count = moved.length;
  if (differences.length === 0) return { statistic: Number.NaN, p: Number.NaN, exact: true };
  if (count === 0) return { statistic: 0, p: 1, exact: true };
  const { doubledRanks, tieTerm } = rankSizes(moved);
  let doubled = 0;
  doubledRanks.forEach((rank, at) => {
    if (moved[at]! > 0) doubled += rank;
  });
  const statistic = doubled / 2;
  if (count <= EXACT_WILCOXON) {
    return { statistic, p: exactWilcoxon(doubledRanks, doubled), exact: true };
  }
  const mean = (count * (count + 1)) / 4;
  const variance = (count * (count + 1) * (2 * count + 1)) / 24 - tieTerm / 48;
  const p = 2 * normalTail(Math.abs(statistic - mean) / Math.sqrt(variance));
  return { statistic, p: Math.min(1, p), exact: false };
}

/** Twice the rank of each |difference| (a whole number, ties or not), and Σ (t³ − t) over the ties. */
function rankSizes(differences: Float64Array): { doubledRanks: Int32Array; tieTerm: number } {
  const sizes = differences.map(Math.abs);
  const order = Int32Array.from(sizes.keys()).sort((a, b) => sizes[a]! - sizes[b]!);
  const doubledRanks = new Int32Array(sizes.length);
  let tieTerm = 0;
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    // Equal in truth, apart in the last bits: 2/7 − 1/7 and 1/7.
    const most = sizes[order[first]!]! * (1 + ROUNDING);
    while (end < order.length && sizes[order[end]!]! <= most) end++;
    // Ranks first + 1 … end have the mean (first + 1 + end) / 2.
    for (let at = first; at < end; at++) doubledRanks[order[at]!] = first + 1 + end;
    tieTerm += (end - first) ** 3 - (end - first);
    first = end;
  }
  return { doubledRanks, tieTerm };
}

/** The share of all patterns of signs whose rank sum is at least as far from the middle, times two. */
function exactWilcoxon(doubledRanks: Int32Array, observed: number): number {
  const total = sumOf(doubledRanks);
  /** ways[s]: share of the patterns whose positive ranks sum to s / 2. */
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of doubledRanks) {
    for (let sum = total; sum >= 0; sum--) {
      ways[sum] = (ways[sum]! + (sum >= rank ? ways[sum - rank]! : 0)) / 2;
    }
  }
  const smaller = Math.min(observed, total - observed);
  let tail = 0;
  for (let sum = 0; sum <= smaller; sum++) tail += ways[sum]!;
  return Math.min(1, 2 * tail);
}

/**
 * Holm's step-down correction: adjusted p of each of m hypotheses tested together,
 * so that the chance of any false finding stays at the level (Holm, "A simple
 * sequentially rejective multiple test procedure", 1979). NaN stays NaN and does
 * not count among the m.
 */
export function holmCorrection(ps: readonly number[]): number[] {
  const adjusted = [...ps];
  const order = [...ps.keys()]
    .filter((at) => !Number.isNaN(ps[at]))
    .sort((a, b) => ps[a]! - ps[b]!);
  let most = 0;
  order.forEach((at, rank) => {
    most = Math.max(most, Math.min(1, (order.length - rank) * ps[at]!));
    adjusted[at] = most;
  });
  return adjusted;
}

function sumOf(values: Float64Array | Int32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
