/**
 * Who is served: recall of popular and of rare items apart. Items are ordered by
 * their training interactions and dealt into groups that hold equal shares of
 * all interactions, so the first group has many rare items and the last a few
 * popular ones (as Wu et al., "Self-supervised graph learning for
 * recommendation", SIGIR 2021, section 4.3.2, deal them).
 *
 * A group's recall takes the test items of that group alone as T: the mean, over
 * users who have any, of what the list holds of them. Wu et al. divide by all of
 * T instead, so that their figures add up to the recall of the whole.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { placeInRow } from "../data/rows.ts";
import type { RankedLists } from "../models/rank.ts";
import { metricKey } from "./metrics.ts";
import type { EvaluationProtocol } from "./protocols.ts";

/** Groups that reports show. */
const GROUP_COUNT = 5;

/** Items of like popularity. */
export interface PopularityGroup {
  readonly items: number;
  /** Fewest and most training interactions of an item of the group. */
  readonly least: number;
  readonly most: number;
  /** Users with a test item in the group, over whom its recall is the mean. */
  readonly users: number;
}

export interface GroupedRecall {
  /** Rarest items first. */
  readonly groups: readonly PopularityGroup[];
  /** "recall@20" → one figure a group; NaN where nobody has a test item in it. */
  readonly recall: Readonly<Record<string, readonly number[]>>;
}

/** The group of each item: equal shares of the interactions, rarest first, ties by smaller index. */
export function groupsByPopularity(popularity: Int32Array, count = GROUP_COUNT): Uint8Array {
  const order = Int32Array.from(popularity.keys()).sort(
    (a, b) => popularity[a]! - popularity[b]! || a - b,
  );
  const total = popularity.reduce((sum, interactions) => sum + interactions, 0);
  const groups = new Uint8Array(popularity.length);
  let before = 0;
  for (const item of order) {
    // Where the middle of the item's interactions falls.
    const middle = before + popularity[item]! / 2;
    groups[item] = total === 0 ? 0 : Math.min(count - 1, Math.floor((count * middle) / total));
    before += popularity[item]!;
  }
  return groups;
}

/** Collects the recall of each group as lists come. */
export class RecallByPopularity {
  readonly #ks: readonly number[];
  readonly #popularity: Int32Array;
  readonly #protocol: EvaluationProtocol;
  readonly #groups: Uint8Array;
  /** One row a k, one column a group: sums over users. */
  readonly #sums: Float64Array;
  readonly #users = new Int32Array(GROUP_COUNT);

  /** @param popularity training interactions of each item */
  constructor(popularity: Int32Array, ks: readonly number[], protocol: EvaluationProtocol) {
    this.#ks = ks;
    this.#popularity = popularity;
    this.#protocol = protocol;
    this.#groups = groupsByPopularity(popularity);
    this.#sums = new Float64Array(ks.length * GROUP_COUNT);
  }

  /** Adds lists and the test items of the same people. */
  add({ k: width, items }: RankedLists, targets: Rows): void {
    const wanted = new Int32Array(GROUP_COUNT);
    const found = new Int32Array(GROUP_COUNT);
    for (let row = 0; row + 1 < targets.indptr.length; row++) {
      const own = targets.indices.subarray(targets.indptr[row], targets.indptr[row + 1]);
      const list = items.subarray(row * width, (row + 1) * width);
      wanted.fill(0);
      found.fill(0);
      for (const item of own) wanted[this.#groups[item]!]!++;
      let at = 0;
      this.#ks.forEach((k, cut) => {
        for (; at < Math.min(k, width); at++) {
          const item = list[at]!;
          if (item >= 0 && placeInRow(targets, row, item) >= 0) found[this.#groups[item]!]!++;
        }
        for (let group = 0; group < GROUP_COUNT; group++) {
          const count = wanted[group]!;
          if (count === 0) continue;
          const most = this.#protocol.recall === "targets" ? count : Math.min(k, count);
          this.#sums[cut * GROUP_COUNT + group]! += found[group]! / most;
        }
      });
      for (let group = 0; group < GROUP_COUNT; group++) {
        if (wanted[group]! > 0) this.#users[group]!++;
      }
    }
  }

  finish(): GroupedRecall {
    const groups = Array.from(this.#users, (users, group): PopularityGroup => {
      const own = this.#popularity.filter((_, item) => this.#groups[item] === group);
      return {
        items: own.length,
        least: own.length === 0 ? 0 : own.reduce((least, count) => Math.min(least, count)),
        most: own.reduce((most, count) => Math.max(most, count), 0),
        users,
      };
    });
    const recall = this.#ks.map((k, cut) => [
      metricKey("recall", k),
      Array.from(this.#users, (users, group) => this.#sums[cut * GROUP_COUNT + group]! / users),
    ]);
    return { groups, recall: Object.fromEntries(recall) };
  }
}
