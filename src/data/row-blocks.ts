/**
 * Interactions in the order of the source while nobody knows yet how many there will be: blocks of
 * rows, so that nothing is copied as they grow, and each block is let go when it has been taken over.
 *
 * @module
 */

import type { Interactions } from "./interactions.ts";

/** Rows of a block; more than a chunk of DuckDB has. */
const BLOCK_ROWS = 1 << 16;

/** Columns of a block, filled from the front. */
export interface RowBlock {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly values: Float32Array | null;
  readonly times: Float64Array | null;
  filled: number;
}

export class RowBlocks {
  readonly #blocks: RowBlock[] = [];
  readonly #withValues: boolean;
  readonly #withTimes: boolean;

  constructor(withValues: boolean, withTimes: boolean) {
    this.#withValues = withValues;
    this.#withTimes = withTimes;
  }

  /** A block that has room for so many rows more (at most 65,536). */
  roomFor(rows: number): RowBlock {
    const last = this.#blocks.at(-1);
    if (last && last.filled + rows <= BLOCK_ROWS) return last;
    const block: RowBlock = {
      users: new Int32Array(BLOCK_ROWS),
      items: new Int32Array(BLOCK_ROWS),
      values: this.#withValues ? new Float32Array(BLOCK_ROWS) : null,
      times: this.#withTimes ? new Float64Array(BLOCK_ROWS) : null,
      filled: 0,
    };
    this.#blocks.push(block);
    return block;
  }

  /**
   * All rows in whole columns, ids replaced by their dense indices; the blocks are empty afterwards.
   * @param report called with the number of rows that are done
   */
  intoInteractions(
    newUser: Int32Array,
    newItem: Int32Array,
    report: (done: number, total: number) => void,
  ): Interactions {
    const total = this.#blocks.reduce((sum, { filled }) => sum + filled, 0);
    const users = new Int32Array(total);
    const items = new Int32Array(total);
    const values = this.#withValues ? new Float32Array(total) : null;
    const times = this.#withTimes ? new Float64Array(total) : null;
    let done = 0;
    for (let block = this.#blocks.shift(); block; block = this.#blocks.shift()) {
      const { filled } = block;
      for (let row = 0; row < filled; row++) {
        users[done + row] = newUser[block.users[row]!]!;
        items[done + row] = newItem[block.items[row]!]!;
      }
      values?.set(block.values!.subarray(0, filled), done);
      times?.set(block.times!.subarray(0, filled), done);
      done += filled;
      report(done, total);
    }
    return { users, items, values, times };
  }
}
