/**
 * From any source to dense indices. Rows are read once, in a stream: each is
 * checked and filtered in SQL, the ids that are left are sorted and numbered,
 * and only numbers come back. Text of ids stays in DuckDB, which writes to disk
 * where its memory ends, so that the size of a file does not matter.
 *
 * The result depends on the rows alone, not on threads: interactions keep the
 * order of the file, and ids are sorted (by number where all are whole numbers,
 * else by UTF-16 code unit).
 *
 * @module
 */

import {
  DuckDBDoubleVector,
  DuckDBFloatVector,
  DuckDBIntegerVector,
  type DuckDBVector,
} from "@duckdb/node-api";
import { BadInputError } from "../base/errors.ts";
import { mapColumns } from "./columns.ts";
import { checkStopped, type DataContext } from "./context.ts";
import { type Workbench, withDuckDB } from "./duckdb.ts";
import { type Interactions, Vocabulary } from "./interactions.ts";
import { openRelation } from "./open-relation.ts";
import type { ReadingOptions, RowFilters } from "./options.ts";
import { checkRows } from "./row-checks.ts";
import { describeRowFilters, type RowTally, rowReasonSql, timeBounds } from "./row-filters.ts";
import type { Source } from "./source.ts";
import { numberIds } from "./vocabulary-order.ts";

/** Rows between two reports of progress. */
const ROWS_BETWEEN_REPORTS = 1 << 18;

/** Rows turned into interactions and vocabularies. */
export interface IndexedRows {
  readonly users: Vocabulary;
  readonly items: Vocabulary;
  readonly interactions: Interactions;
  /** One line for each row filter: what it removed. */
  readonly filterNotes: readonly string[];
}

/**
 * Reads, checks, filters and indexes a source.
 * @throws BadInputError that names the file, row or column, and the fix
 *
 * @example
 * const { users, interactions } = await ingest(sourceOf("ratings.csv"), {}, { minRating: 4 }, quietContext);
 */
export async function ingest(
  source: Source,
  reading: ReadingOptions,
  filters: RowFilters,
  context: DataContext,
): Promise<IndexedRows> {
  checkStopped(context.signal);
  const bounds = timeBounds(filters);
  return withDuckDB(context, async (workbench) => {
    const relation = await openRelation(source, reading, workbench, context);
    const { shape } = relation;
    const mapping = mapColumns(shape, reading);
    if (filters.minRating !== undefined && mapping.rating === null) {
      throw new BadInputError(
        "column",
        `--min-rating needs a rating column, and ${shape.name} has none (columns: ${shape.columns.join(", ")}); pass --rating-column, or leave --min-rating out`,
      );
    }
    if (bounds !== null && mapping.time === null) {
      throw new BadInputError(
        "column",
        `--since and --until need a time column, and ${shape.name} has none (columns: ${shape.columns.join(", ")}); pass --time-column, or leave them out`,
      );
    }
    try {
      await workbench.connection.run(
        `CREATE TABLE staged AS ${rowReasonSql(await relation.select(mapping), mapping, filters.minRating, bounds)}`,
      );
    } catch (error) {
      throw await relation.explain(error);
    }
    const tally = await checkRows(relation, workbench, filters);
    await keepRows(workbench, tally);
    const users = await numberIds("user_id", workbench);
    const items = await numberIds("item_id", workbench);
    const interactions = await readInteractions(workbench, context, {
      tally,
      newUser: users.order,
      newItem: items.order,
      withValues: mapping.rating !== null,
      withTimes: mapping.time !== null,
    });
    return {
      users: new Vocabulary(users.ids),
      items: new Vocabulary(items.ids),
      interactions,
      filterNotes: describeRowFilters(filters, tally),
    };
  });
}

interface ReadPlan {
  readonly tally: RowTally;
  /** Final index of each DuckDB number; null where they are the same. */
  readonly newUser: Int32Array | null;
  readonly newItem: Int32Array | null;
  readonly withValues: boolean;
  readonly withTimes: boolean;
}

/**
 * Makes the table `kept`: the rows that are left, numbered 0, 1, … by DuckDB's rowid in the order
 * of the source.
 */
async function keepRows({ connection, rows }: Workbench, { read, kept }: RowTally): Promise<void> {
  if (kept === read) await connection.run("ALTER TABLE staged RENAME TO kept");
  else {
    await connection.run(
      "CREATE TABLE kept AS SELECT user_id, item_id, rating, time FROM staged WHERE reason = 0",
    );
    await connection.run("DROP TABLE staged");
  }
  const [bounds] = await rows("SELECT min(rowid), max(rowid) FROM kept");
  if (Number(bounds?.[0]) !== 0 || Number(bounds?.[1]) !== kept - 1) {
    throw new Error(
      `DuckDB numbered ${kept} rows ${bounds?.join(" … ")}, expected 0 … ${kept - 1}`,
    );
  }
}

/** The kept rows as typed arrays, in the order of the source. */
async function readInteractions(
  { connection }: Workbench,
  { progress, signal }: DataContext,
  { tally, newUser, newItem, withValues, withTimes }: ReadPlan,
): Promise<Interactions> {
  const count = tally.kept;
  const users = new Int32Array(count);
  const items = new Int32Array(count);
  const values = withValues ? new Float32Array(count) : null;
  const times = withTimes ? new Float64Array(count) : null;
  // A join gives its rows in any order; the row number says where each belongs.
  const result = await connection.stream(
    "SELECT CAST(kept.rowid AS INTEGER), user_id_numbers.number, item_id_numbers.number, CAST(rating AS FLOAT), time " +
      "FROM kept JOIN user_id_numbers ON kept.user_id = user_id_numbers.id " +
      "JOIN item_id_numbers ON kept.item_id = item_id_numbers.id",
  );
  let filled = 0;
  let reported = 0;
  for await (const chunk of result) {
    const position = integers(chunk.getColumnVector(0));
    const user = integers(chunk.getColumnVector(1));
    const item = integers(chunk.getColumnVector(2));
    const value = values && floats(chunk.getColumnVector(3));
    const time = times && floats(chunk.getColumnVector(4));
    const { rowCount } = chunk;
    for (let row = 0; row < rowCount; row++) {
      const at = position.getItem(row)!;
      users[at] = user.getItem(row)!;
      items[at] = item.getItem(row)!;
      if (value) values[at] = value.getItem(row)!;
      if (time) times[at] = time.getItem(row)!;
    }
    filled += rowCount;
    checkStopped(signal);
    if (filled < reported) continue;
    progress({ stage: "index", done: filled, total: count, unit: "rows" });
    reported += ROWS_BETWEEN_REPORTS;
  }
  if (newUser) for (let at = 0; at < count; at++) users[at] = newUser[users[at]!]!;
  if (newItem) for (let at = 0; at < count; at++) items[at] = newItem[items[at]!]!;
  return { users, items, values, times };
}

function integers(vector: DuckDBVector): DuckDBIntegerVector {
  if (vector instanceof DuckDBIntegerVector) return vector;
  throw new TypeError(`DuckDB returned ${vector.type.toString()}, expected INTEGER`);
}

function floats(vector: DuckDBVector): DuckDBFloatVector | DuckDBDoubleVector {
  if (vector instanceof DuckDBFloatVector || vector instanceof DuckDBDoubleVector) return vector;
  throw new TypeError(`DuckDB returned ${vector.type.toString()}, expected FLOAT or DOUBLE`);
}
