/**
 * Random-hyperplane codes — Charikar, "Similarity Estimation Techniques from
 * Rounding Algorithms", STOC 2002: one bit for the side of each of some random
 * hyperplanes on which a vector lies; the fewer bits differ, the smaller the angle.
 *
 * @module
 */

import { RandomStream } from "../base/random.ts";

export interface Code {
  /** One bit a plane. */
  readonly bits: number;
  /** Distance of the vector from each plane, up to a factor: how sure each bit is. */
  readonly margins: Float32Array;
}

export class Hyperplanes {
  readonly #width: number;
  /** planes × width */
  readonly #normals: Float32Array;
  readonly #margins: Float32Array;

  /**
   * @param width of the vectors
   * @param planes bits of a code, 1 … 24
   * @param table tells apart the planes of several tables
   */
  constructor(width: number, planes: number, table: number, seed: number) {
    const random = new RandomStream(seed, `hyperplanes of table ${table}`);
    this.#width = width;
    this.#normals = Float32Array.from({ length: planes * width }, () => random.normal());
    this.#margins = new Float32Array(planes);
  }

  /** The code of a vector; the margins are valid until the next call. */
  code(vector: Float32Array): Code {
    const normals = this.#normals;
    let bits = 0;
    for (let plane = 0; plane < this.#margins.length; plane++) {
      let side = 0;
      const from = plane * this.#width;
      for (let column = 0; column < this.#width; column++) {
        side += vector[column]! * normals[from + column]!;
      }
      this.#margins[plane] = Math.abs(side);
      if (side > 0) bits |= 1 << plane;
    }
    return { bits, margins: this.#margins };
  }
}

/**
 * Codes in the order in which their buckets are visited: nearest in Hamming distance
 * first, and among those of one distance the code whose flipped bits were least sure
 * first (multi-probe: Lv, Josephson, Wang, Charikar & Li, VLDB 2007).
 */
export function* nearbyCodes({ bits, margins }: Code): Generator<number> {
  const planes = margins.length;
  const order = Array.from(margins.keys()).sort((a, b) => margins[a]! - margins[b]!);
  for (let distance = 0; distance <= planes; distance++) {
    yield* flips(bits, margins, order, distance);
  }
}

/** Codes at a distance, the surest flips last. */
function flips(
  bits: number,
  margins: Float32Array,
  order: readonly number[],
  distance: number,
): number[] {
  const found: { code: number; cost: number }[] = [];
  const choose = (from: number, left: number, code: number, cost: number) => {
    if (left === 0) {
      found.push({ code, cost });
      return;
    }
    for (let at = from; at + left <= order.length; at++) {
      const plane = order[at]!;
      choose(at + 1, left - 1, code ^ (1 << plane), cost + margins[plane]!);
    }
  };
  choose(0, distance, bits, 0);
  return found.sort((a, b) => a.cost - b.cost || a.code - b.code).map(({ code }) => code);
}
