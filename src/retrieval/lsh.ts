/**
 * Locality-sensitive hashing with random hyperplanes: items lie in 2^planes buckets
 * by their codes, in several tables; a query looks into the buckets nearest to its
 * own code (`hyperplanes.ts`).
 *
 * Codes tell angles, and the score is an inner product, so an item x gets one more
 * coordinate √(M² − ‖x‖²), M the largest norm, and a query a zero: then the largest
 * inner product is the smallest angle (Neyshabur & Srebro, "On Symmetric and Asymmetric
 * LSHs for Inner Product Search", ICML 2015, section 4.1).
 *
 * @module
 */

import { z } from "zod";
import type { Rows } from "../data/interactions.ts";
import { rowsOfLists } from "../data/rows.ts";
import type { CandidateIndex } from "./candidates.ts";
import { Hyperplanes, nearbyCodes } from "./hyperplanes.ts";

export const lshSchema = z.object({
  planes: z.int().min(1).max(24).default(8).describe("Bits of a code: 2^planes buckets a table"),
  tables: z.int().min(1).max(64).default(8).describe("Tables with planes of their own"),
  probes: z.int().min(1).max(4096).default(8).describe("Buckets that a query visits in each table"),
  seed: z.int().min(0).default(1).describe("Seed of the planes"),
});

export type LshSettings = z.infer<typeof lshSchema>;

interface Table {
  readonly planes: Hyperplanes;
  /** Items by code: those of code c are members[starts[c] … starts[c + 1]). */
  readonly starts: Int32Array;
  readonly members: Int32Array;
}

export class LshIndex implements CandidateIndex {
  readonly itemCount: number;
  readonly width: number;
  readonly #settings: LshSettings;
  readonly #tables: readonly Table[];
  /** The last query that met each item, so that no item is proposed twice. */
  readonly #met: Int32Array;
  #query = 0;

  private constructor(
    itemCount: number,
    width: number,
    settings: LshSettings,
    tables: readonly Table[],
  ) {
    this.itemCount = itemCount;
    this.width = width;
    this.#settings = settings;
    this.#tables = tables;
    this.#met = new Int32Array(itemCount);
  }

  /** @param items items × width, row-major */
  static build(items: Float32Array, width: number, settings: LshSettings): LshIndex {
    const itemCount = items.length / width;
    const extended = withNorms(items, width);
    const tables = Array.from({ length: settings.tables }, (_, table) => {
      const planes = new Hyperplanes(width + 1, settings.planes, table, settings.seed);
      const codes = Int32Array.from(
        { length: itemCount },
        (_, item) =>
          planes.code(extended.subarray(item * (width + 1), (item + 1) * (width + 1))).bits,
      );
      return { planes, ...bucketsOf(codes, settings.planes) };
    });
    return new LshIndex(itemCount, width, settings, tables);
  }

  /** The same tables, of which a query visits so many buckets each. */
  withProbes(probes: number): LshIndex {
    return new LshIndex(this.itemCount, this.width, { ...this.#settings, probes }, this.#tables);
  }

  candidates(queries: Float32Array, least: number, masked: Rows | null): Rows {
    const { width } = this;
    const query = new Float32Array(width + 1);
    const lists: Int32Array[] = [];
    for (let row = 0; row * width < queries.length; row++) {
      query.set(queries.subarray(row * width, (row + 1) * width));
      this.#query++;
      if (masked) {
        for (let at = masked.indptr[row]!; at < masked.indptr[row + 1]!; at++) {
          this.#met[masked.indices[at]!] = this.#query;
        }
      }
      lists.push(this.#candidatesOf(query, least));
    }
    return rowsOfLists(lists);
  }

  /** Visits `probes` buckets a table, and goes on where that finds too little. */
  #candidatesOf(query: Float32Array, least: number): Int32Array {
    const found: number[] = [];
    const walks = this.#tables.map(({ planes }) => {
      const { bits, margins } = planes.code(query);
      return nearbyCodes({ bits, margins: margins.slice() });
    });
    const buckets = 2 ** this.#settings.planes;
    for (let probe = 0; probe < buckets; probe++) {
      if (probe >= this.#settings.probes && found.length >= least) break;
      this.#tables.forEach(({ starts, members }, table) => {
        const code: number = walks[table]!.next().value;
        for (let at = starts[code]!; at < starts[code + 1]!; at++) {
          const item = members[at]!;
          if (this.#met[item] === this.#query) continue;
          this.#met[item] = this.#query;
          found.push(item);
        }
      });
    }
    return Int32Array.from(found);
  }
}

/** Items with the coordinate √(M² − ‖x‖²). */
function withNorms(items: Float32Array, width: number): Float32Array {
  const count = items.length / width;
  const norms = Float64Array.from({ length: count }, (_, item) => {
    let sum = 0;
    for (let at = item * width; at < (item + 1) * width; at++) sum += items[at]! ** 2;
    return sum;
  });
  const largest = norms.reduce((most, norm) => Math.max(most, norm), 0);
  const extended = new Float32Array(count * (width + 1));
  for (let item = 0; item < count; item++) {
    const from = item * (width + 1);
    extended.set(items.subarray(item * width, (item + 1) * width), from);
    extended[from + width] = Math.sqrt(Math.max(0, largest - norms[item]!));
  }
  return extended;
}

/** Counting sort of items by code. */
function bucketsOf(codes: Int32Array, planes: number): Pick<Table, "starts" | "members"> {
  const starts = new Int32Array(2 ** planes + 1);
  for (const code of codes) starts[code + 1]!++;
  for (let code = 0; code + 1 < starts.length; code++) starts[code + 1]! += starts[code]!;
  const next = starts.slice();
  const members = new Int32Array(codes.length);
  codes.forEach((code, item) => {
    members[next[code]!++] = item;
  });
  return { starts, members };
}
