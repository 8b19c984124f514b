/**
 * One pass over a relation: every row judged by SQL while DuckDB reads it, and taken over in the
 * order of the source.
 *
 * @module
 */

import type { DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import type { ColumnMapping, TableShape } from "./columns.ts";
import { checkStopped, type DataContext } from "./context.ts";
import type { Workbench } from "./duckdb.ts";
import { IdColumn } from "./id-column.ts";
import { LONGEST_INLINE, PIECES, WORDS_OF_TEXT } from "./id-numbers.ts";
import type { RowFilters } from "./options.ts";
import type { Relation } from "./relation.ts";
import { RowBlocks } from "./row-blocks.ts";
import { isWrong, RowAccount } from "./row-checks.ts";
import { REASON, rowReasonSql, type TimeBounds } from "./row-filters.ts";
import { bytesOf, doublesOf, wordsOf } from "./vectors.ts";

/** The columns of `rowReasonSql`; pieces of ids follow. */
const COLUMN = { reason: 0, user: 1, item: 2, rating: 3, time: 4, wrong: 5, pieces: 6 } as const;

/** What was read. */
export interface RowsRead {
  readonly read: number;
  readonly users: IdColumn;
  readonly items: IdColumn;
  readonly account: RowAccount;
  /** The rows that are kept, in the numbers of `users` and `items`. */
  readonly blocks: RowBlocks;
}

/**
 * Reads a relation to its end, also past wrong rows, which are counted.
 * @throws BadInputError where the source cannot be read
 */
export async function readRows(
  relation: Relation,
  mapping: ColumnMapping,
  filters: RowFilters,
  bounds: TimeBounds | null,
  { connection }: Workbench,
  { signal }: DataContext,
): Promise<RowsRead> {
  const withValues = mapping.rating !== null;
  const withTimes = mapping.time !== null;
  const filtered = filters.minRating !== undefined || bounds !== null;
  const users = new IdColumn(filtered);
  const items = new IdColumn(filtered);
  const account = new RowAccount();
  const blocks = new RowBlocks(withValues, withTimes);
  const cut = {
    user: hasLongIds(relation.shape, mapping.user),
    item: hasLongIds(relation.shape, mapping.item),
  };
  let read = 0;
  let ended = false;

  const take = (chunk: DuckDBDataChunk): void => {
    const rows = chunk.rowCount;
    const reasons = bytesOf(chunk, COLUMN.reason);
    const user = wordsOf(chunk, COLUMN.user);
    const item = wordsOf(chunk, COLUMN.item);
    const userPieces = cut.user ? piecesAt(chunk, COLUMN.pieces) : [];
    const itemPieces = cut.item ? piecesAt(chunk, COLUMN.pieces + userPieces.length) : [];
    const rating = withValues ? doublesOf(chunk, COLUMN.rating) : null;
    const time = withTimes ? doublesOf(chunk, COLUMN.time) : null;
    const block = blocks.roomFor(rows);
    let at = block.filled;
    for (let row = 0; row < rows; row++) {
      const reason = reasons[row]!;
      if (reason === REASON.end) ended = row === rows - 1;
      else if (isWrong(reason)) {
        // Its other columns may be null, and hold anything.
        account.wrong(reason, read + row, () => textAt(chunk, COLUMN.wrong, row));
      }
      if (reason >= REASON.noUser) continue;
      const userNumber = users.numbers.numberOf(user, WORDS_OF_TEXT * row, userPieces);
      const itemNumber = items.numbers.numberOf(item, WORDS_OF_TEXT * row, itemPieces);
      if (filtered) {
        users.reached(userNumber, reason);
        items.reached(itemNumber, reason);
        if (reason !== REASON.kept) {
          account.removed(reason, rating && rating[row]!, time && time[row]!);
          continue;
        }
      }
      block.users[at] = userNumber;
      block.items[at] = itemNumber;
      if (rating) block.values![at] = rating[row]!;
      if (time) block.times![at] = time[row]!;
      at++;
    }
    block.filled = at;
    // The last mention of the chunk, whose memory was read until here.
    read += chunk.rowCount - (ended ? 1 : 0);
  };

  try {
    const rows = await relation.select(mapping);
    const sql = rowReasonSql(rows, mapping, filters.minRating, bounds, cut);
    await eachChunk(await connection.stream(sql), (chunk) => {
      checkStopped(signal);
      if (ended) throw new Error("DuckDB gave rows behind the last one");
      take(chunk);
    });
    checkStopped(signal);
    if (!ended) await findFailure(sql, connection);
  } catch (error) {
    throw await relation.explain(error);
  }
  return { read, users, items, account, blocks };
}

/** Takes the chunks of a stream in turn, each while the next one is read. */
async function eachChunk(
  stream: DuckDBResult,
  take: (chunk: DuckDBDataChunk) => void,
): Promise<void> {
  let coming = stream.fetchChunk();
  try {
    for (;;) {
      const chunk = await coming;
      if (chunk === null || chunk.rowCount === 0) return;
      coming = stream.fetchChunk();
      take(chunk);
    }
  } catch (error) {
    // Nobody may close the database while a chunk is being read.
    await coming.catch(() => {});
    throw error;
  }
}

/** Runs a query again whose stream broke off, this time in a way that tells why. @throws always */
async function findFailure(sql: string, connection: Workbench["connection"]): Promise<never> {
  await connection.run(`SELECT max(columns(*)) FROM (${sql})`);
  throw new Error("DuckDB stopped reading before the end and did not say why; run it again");
}

/** Whether ids are worth cutting: some are longer than a piece, or nobody has seen any. Only the time depends on it. */
function hasLongIds({ sample }: TableShape, column: number): boolean {
  return (
    sample.length === 0 ||
    sample.some((row) => Buffer.byteLength(row[column] ?? "") > LONGEST_INLINE)
  );
}

function piecesAt(chunk: DuckDBDataChunk, first: number): Int32Array[] {
  return Array.from({ length: PIECES }, (_, piece) => wordsOf(chunk, first + piece));
}

function textAt(chunk: DuckDBDataChunk, column: number, row: number): string | null {
  const value = chunk.getColumnVector(column).getItem(row);
  return value === null ? null : String(value);
}
