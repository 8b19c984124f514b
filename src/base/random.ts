/**
 * The one source of randomness: Philox-4x32-10 (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). It is counter-based: a draw is a pure
 * function of (seed, purpose, position), so the same seed gives the same numbers
 * on any number of threads, in any order, and after a resume.
 *
 * The CPU kernels hold the same function in AssemblyScript
 * (`engine/cpu/kernels/random.ts`); a test compares the two bit for bit.
 *
 * @module
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/**
 * One Philox-4x32-10 block.
 * @param out receives four unsigned 32-bit words
 */
export function philox(
  key0: number,
  key1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  let [x0, x1, x2, x3] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, x0);
    const low0 = Math.imul(MULTIPLIER_0, x0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, x2);
    const low1 = Math.imul(MULTIPLIER_1, x2) >>> 0;
    x0 = (high1 ^ x1 ^ k0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ k1) >>> 0;
    x3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

/** 32-bit FNV-1a hash: turns the name of a purpose into the second key word. */
export function purposeKey(purpose: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(purpose)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** Maps a 32-bit word to [0, bound) without division; the bias is below bound / 2³². */
export function scaleWord(word: number, bound: number): number {
  return multiplyHigh(word, bound);
}

/**
 * A stream of random numbers for one purpose of one run, for instance
 * `new RandomStream(1, "split")`. Streams of different purposes are independent.
 *
 * @example
 * const random = new RandomStream(7, "shuffle");
 * random.below(10); // 0 … 9
 */
export class RandomStream {
  readonly key0: number;
  readonly key1: number;
  #position = 0;
  readonly #block = new Uint32Array(4);

  constructor(seed: number, purpose: string) {
    this.key0 = seed >>> 0;
    this.key1 = purposeKey(purpose);
  }

  /** Next unsigned 32-bit word. */
  word(): number {
    const lane = this.#position & 3;
    if (lane === 0) {
      const index = this.#position / 4;
      const high = Math.floor(index / 0x100000000);
      philox(this.key0, this.key1, index >>> 0, high, 0, 0, this.#block);
    }
    this.#position++;
    return this.#block[lane]!;
  }

  /** Uniform integer in [0, bound), bound ≤ 2³². */
  below(bound: number): number {
    return scaleWord(this.word(), bound);
  }

  /** Uniform number in [0, 1). */
  uniform(): number {
    return this.word() / 0x100000000;
  }

  /** Standard normal number (Box–Muller, one of the pair). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.word() + 0.5) / 0x100000000));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher–Yates shuffle in place. */
  shuffle<T extends { [index: number]: number; readonly length: number }>(values: T): T {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const kept = values[last]!;
      values[last] = values[other]!;
      values[other] = kept;
    }
    return values;
  }
}
