/**
 * The ids of one column while rows are read, and at the end the vocabulary of those that are left.
 *
 * @module
 */

import { IdNumbers } from "./id-numbers.ts";
import { Vocabulary } from "./interactions.ts";
import { REASON } from "./row-filters.ts";
import { sortedPositions } from "./vocabulary-order.ts";

/** Beyond both filters: `REASON` numbers them in the order in which they are applied, from 1. */
const KEPT = 1 + Math.max(REASON.belowRating, REASON.outsideWindow);

/** The ids that are left, and how the numbers of `IdNumbers` become their dense indices. */
export interface SettledIds {
  readonly vocabulary: Vocabulary;
  /** Dense index of each number; of no meaning for an id that is gone. */
  readonly indexOf: Int32Array;
  /** How many ids each filter (`REASON`) took away: the one that took the last row. */
  readonly removedBy: ReadonlyMap<number, number>;
}

/** Users or items: their numbers, and how far the rows of each got through the filters. */
export class IdColumn {
  readonly numbers = new IdNumbers();
  /** By number, how far the row that got furthest got; null where no row can be removed. */
  #furthest: Uint8Array | null;

  constructor(filtered: boolean) {
    this.#furthest = filtered ? new Uint8Array(1 << 12) : null;
  }

  /** Notes that a row of this id was removed for a reason, or kept. */
  reached(number: number, reason: number): void {
    if (this.#furthest === null) return;
    if (number >= this.#furthest.length) {
      const more = new Uint8Array(2 * this.#furthest.length);
      more.set(this.#furthest);
      this.#furthest = more;
    }
    const stage = reason === REASON.kept ? KEPT : reason;
    if (stage > this.#furthest[number]!) this.#furthest[number] = stage;
  }

  /** Sorts the ids that have a row left. */
  settle(): SettledIds {
    const texts = this.numbers.texts();
    const furthest = this.#furthest;
    const removedBy = new Map<number, number>();
    const left: number[] = [];
    for (let number = 0; number < texts.length; number++) {
      const stage = furthest?.[number] ?? KEPT;
      if (stage === KEPT) left.push(number);
      else removedBy.set(stage, (removedBy.get(stage) ?? 0) + 1);
    }
    const ids = left.map((number) => texts[number]!);
    const positions = sortedPositions(ids);
    const indexOf = new Int32Array(texts.length);
    positions.forEach((at, index) => {
      indexOf[left[at]!] = index;
    });
    return { vocabulary: new Vocabulary(positions.map((at) => ids[at]!)), indexOf, removedBy };
  }
}
