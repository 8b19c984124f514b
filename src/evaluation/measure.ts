/**
 * From ranked lists and test items to metrics. Lists arrive in blocks, each is
 * walked once for all K, and only one number a user and metric is kept, so
 * memory does not grow with the lists.
 *
 * Whether a listed item is a test item is read from one stamp an item (the row
 * that last marked it), which makes a row cost |T| + k steps without a set.
 *
 * @module
 */

import { BadInputError, ShapeError } from "../base/errors.ts";
import type { Rows } from "../data/interactions.ts";
import type { RankedLists } from "../models/rank.ts";
import {
  type CutList,
  catalogueMetricEntries,
  metricKey,
  type UserMetric,
  userMetricEntries,
} from "./metrics.ts";
import { type EvaluationProtocol, type ProtocolName, protocols } from "./protocols.ts";

/** What to measure. */
export interface MeasureOptions {
  readonly itemCount: number;
  /** Where lists are cut; positive integers. */
  readonly ks: readonly number[];
  /** Default "lightgcn". */
  readonly protocol?: ProtocolName;
  /** Training interactions of each item, length itemCount; without it novelty and popularity are left out. */
  readonly popularity?: Int32Array | null;
}

/** Metrics of many lists. */
export interface Measurement {
  /** "recall@20" → mean over the rows that have a value, or the figure of all lists together. */
  readonly metrics: Readonly<Record<string, number>>;
  /** "recall@20" → one value for each measured row, in the order they came. */
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** Mean of the values that are numbers; NaN where there is none. */
export function meanOf(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/** Sorted, without duplicates; throws BadInputError where one is not a positive integer or there is none. */
export function parseKs(ks: readonly number[]): readonly number[] {
  for (const k of ks) {
    if (!Number.isInteger(k) || k < 1) {
      throw new BadInputError("k", `list length k = ${k} is not a whole number ≥ 1; try 10,20`);
    }
  }
  if (ks.length === 0) throw new BadInputError("k", "no list length k was given; try 10,20");
  return [...new Set(ks)].sort((a, b) => a - b);
}

/**
 * Measures lists as they come.
 *
 * @example
 * const measure = new Measure(count, { itemCount, ks: [10, 20] });
 * measure.add(lists, targets);
 * measure.finish().metrics["recall@20"];
 */
export class Measure {
  readonly #ks: readonly number[];
  readonly #protocol: EvaluationProtocol;
  readonly #popularity: Int32Array | null;
  readonly #information: Float64Array | null;
  readonly #stamps: Int32Array;
  readonly #gains: Float64Array;
  readonly #idealGains: Float64Array;
  /** One for each K: how often each item is first listed between the K before and this one. */
  readonly #exposures: readonly Int32Array[];
  readonly #columns: readonly {
    readonly key: string;
    readonly metric: UserMetric;
    readonly values: Float64Array;
  }[][];
  #count = 0;

  /** @param capacity most rows with targets that will be added */
  constructor(capacity: number, options: MeasureOptions) {
    const { itemCount, popularity = null } = options;
    if (popularity !== null && popularity.length !== itemCount) {
      throw new ShapeError(`popularity has ${popularity.length} items, expected ${itemCount}`);
    }
    this.#ks = parseKs(options.ks);
    this.#protocol = protocols[options.protocol ?? "lightgcn"];
    this.#popularity = popularity;
    this.#information = popularity && selfInformation(popularity);
    this.#stamps = new Int32Array(itemCount);
    const longest = Math.min(this.#ks.at(-1)!, itemCount);
    this.#gains = Float64Array.from({ length: longest }, (_, at) => 1 / Math.log2(at + 2));
    this.#idealGains = new Float64Array(longest + 1);
    for (let at = 0; at < longest; at++) {
      this.#idealGains[at + 1] = this.#idealGains[at]! + this.#gains[at]!;
    }
    this.#exposures = this.#ks.map(() => new Int32Array(itemCount));
    this.#columns = this.#ks.map((k) =>
      userMetricEntries
        .filter(([, metric]) => popularity !== null || !metric.needsPopularity)
        .map(([name, metric]) => ({
          key: metricKey(name, k),
          metric,
          values: new Float64Array(capacity),
        })),
    );
  }

  /**
   * Adds a block.
   * @param lists n lists, at least as long as the largest K that the items allow
   * @param targets n rows of test items; a row without any does not count
   */
  add(lists: RankedLists, targets: Rows): void {
    const count = targets.indptr.length - 1;
    if (lists.items.length !== count * lists.k || lists.k < this.#gains.length) {
      throw new ShapeError(
        `lists of ${lists.items.length} places at k = ${lists.k} do not fit ${count} target rows ` +
          `and k = ${this.#gains.length}`,
      );
    }
    for (let row = 0; row < count; row++) {
      const [begin, end] = [targets.indptr[row]!, targets.indptr[row + 1]!];
      if (begin === end) continue;
      const stamp = this.#count + 1;
      for (let at = begin; at < end; at++) this.#stamps[targets.indices[at]!] = stamp;
      this.#walk(lists.items, row * lists.k, end - begin, stamp);
      this.#count++;
    }
  }

  /** Everything measured so far. */
  finish(): Measurement {
    const metrics: Record<string, number> = {};
    const values: Record<string, Float64Array> = {};
    const exposure = new Int32Array(this.#stamps.length);
    this.#ks.forEach((k, cut) => {
      for (const column of this.#columns[cut]!) {
        values[column.key] = column.values.slice(0, this.#count);
        metrics[column.key] = meanOf(values[column.key]!);
      }
      const added = this.#exposures[cut]!;
      for (let item = 0; item < exposure.length; item++) exposure[item]! += added[item]!;
      for (const [name, metric] of catalogueMetricEntries) {
        metrics[metricKey(name, k)] = metric.value(exposure);
      }
    });
    return { metrics, values };
  }

  #walk(items: Int32Array, begin: number, targets: number, stamp: number): void {
    const list: CutList = {
      k: 0,
      listed: 0,
      targets,
      hits: 0,
      firstHit: 0,
      discountedGain: 0,
      idealGain: 0,
      precisionSum: 0,
      popularitySum: 0,
      informationSum: 0,
    };
    const longest = this.#gains.length;
    let ended = false;
    for (let cut = 0; cut < this.#ks.length; cut++) {
      const k = this.#ks[cut]!;
      const exposure = this.#exposures[cut]!;
      while (!ended && list.listed < k && list.listed < longest) {
        const item = items[begin + list.listed]!;
        if (item < 0) {
          ended = true;
          break;
        }
        exposure[item]!++;
        if (this.#popularity !== null && this.#information !== null) {
          list.popularitySum += this.#popularity[item]!;
          list.informationSum += this.#information[item]!;
        }
        list.listed++;
        if (this.#stamps[item] !== stamp) continue;
        list.hits++;
        if (list.firstHit === 0) list.firstHit = list.listed;
        list.discountedGain += this.#gains[list.listed - 1]!;
        list.precisionSum += list.hits / list.listed;
      }
      list.k = k;
      list.idealGain = this.#idealGains[Math.min(k, targets)]!;
      for (const { metric, values } of this.#columns[cut]!) {
        values[this.#count] = metric.value(list, this.#protocol);
      }
    }
  }
}

/** −log₂ of each item's share of all interactions, in bits; an item without any counts as if it had one. */
export function selfInformation(popularity: Int32Array): Float64Array {
  const total = Math.max(
    1,
    popularity.reduce((sum, count) => sum + count, 0),
  );
  return Float64Array.from(popularity, (count) => -Math.log2(Math.max(count, 1) / total));
}
