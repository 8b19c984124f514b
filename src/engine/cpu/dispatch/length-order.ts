/**
 * Vectors by falling length, for a ranking that ends where no item left can enter a list
 * (Cauchy and Schwarz; the length pruning of LEMP: Teflioudi, Gemulla & Mykytiuk, SIGMOD 2015).
 * Sorting is by the upper bits of a float, in one pass: lengths of a class differ by 0.4 %.
 *
 * @module
 */

/** Stable order of keys of 16 bits, ascending. */
function orderOf(keys: Uint16Array): Int32Array {
  const starts = new Int32Array(2 ** 16 + 1);
  for (let at = 0; at < keys.length; at++) starts[keys[at]! + 1]!++;
  for (let key = 0; key < 2 ** 16; key++) starts[key + 1]! += starts[key]!;
  const order = new Int32Array(keys.length);
  for (let at = 0; at < keys.length; at++) order[starts[keys[at]!]!++] = at;
  return order;
}

/**
 * Lengths from their squares as the engine sums them up. Squares may vanish, hence the smallest
 * of lengths; what is not a number bounds nothing.
 */
export function lengthsOf(squares: Float32Array): Float32Array {
  return squares.map((square) => {
    const length = Math.sqrt(square) + 1e-20;
    return Number.isFinite(length) ? length : Infinity;
  });
}

/** Bits of a length that do not sort it, and those that sort infinity. */
const lengthBits = 15;
const infinity = 0x7f800000 >>> lengthBits;

export interface LengthOrder {
  /** The vectors by falling length, smaller index first where they are about as long. */
  readonly names: Int32Array;
  /** At each place, what no vector from there on exceeds; its scores neither, times the query's length. */
  readonly lengths: Float32Array;
}

/**
 * @param width of the vectors: a computed score, and each computed length, is off by about
 *   width·2⁻²⁴ of the product of lengths at most (Higham, Accuracy and Stability, 3.1)
 */
export function lengthOrder(lengths: Float32Array, width: number): LengthOrder {
  const bits = new Uint32Array(lengths.buffer, lengths.byteOffset, lengths.length);
  const keys = new Uint16Array(bits.length);
  for (let name = 0; name < bits.length; name++) keys[name] = 0xffff - (bits[name]! >>> lengthBits);
  const names = orderOf(keys);
  const edges = new Uint32Array(bits.length);
  for (let place = 0; place < names.length; place++) {
    const word = bits[names[place]!]!;
    // The upper edge of a class; above all finite ones it is infinity.
    edges[place] = Math.min((word >>> lengthBits) + 1, infinity) << lengthBits;
  }
  const rounding = 1 + (width + 16) * 2 ** -22;
  const bounds = new Float32Array(edges.buffer);
  for (let place = 0; place < bounds.length; place++) bounds[place]! *= rounding;
  return { names, lengths: bounds };
}

/**
 * Whether lists could be found among the longest vectors: `head` vectors are this many times as
 * long as the middle one. Lists of ALS on Gowalla ended after a tenth of the items (3.3 times), of PureSVD too
 * (5), of LightGCN with BSL after nine tenths (1.4) and of random vectors never (1.2).
 */
export function isUneven({ lengths }: LengthOrder, head: number): boolean {
  return lengths[head]! >= 2 * lengths[lengths.length >> 1]!;
}

/**
 * Queries in the order of how far down the items they are likely to go, the farthest first: by
 * the k-th best score so far in units of the query's length.
 */
export function queryOrder(worst: Float32Array, lengths: Float32Array): Int32Array {
  const ratios = worst.map((score, query) => score / lengths[query]!);
  const bits = new Uint32Array(ratios.buffer);
  const keys = new Uint16Array(bits.length);
  for (let query = 0; query < bits.length; query++) {
    const word = bits[query]!;
    keys[query] = (word >>> 31 ? ~word : word | 0x80000000) >>> 16;
  }
  return orderOf(keys);
}
