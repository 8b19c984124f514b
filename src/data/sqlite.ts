/**
 * A SQLite file as a relation. Node reads SQLite itself, so nothing has to be
 * downloaded: the four columns that matter are streamed into DuckDB.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { DuckDBDataChunk, VARCHAR } from "@duckdb/node-api";
import { BadInputError } from "../base/errors.ts";
import type { ColumnMapping } from "./columns.ts";
import { checkStopped, type DataContext } from "./context.ts";
import { identifier, type Workbench } from "./duckdb.ts";
import { chooseTable, explainQuery, type Relation, selectText } from "./relation.ts";

/** Rows of one block handed to DuckDB: its own vector length. */
const BLOCK_ROWS = 2048;

/** Blocks between two pauses in which a signal can be heard. */
const BLOCKS_BETWEEN_PAUSES = 64;

/** A table or view of a SQLite file. @throws BadInputError "table", "sqlite" */
export async function sqliteRelation(
  path: string,
  table: string | undefined,
  workbench: Workbench,
  context: DataContext,
): Promise<Relation> {
  const chosen = withDatabase(path, (database) => {
    const rows = database
      .prepare(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all();
    return chooseTable(
      path,
      rows.map(({ name }) => String(name)),
      table,
    );
  });
  const columns = withDatabase(path, (database) =>
    database
      .prepare("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid")
      .all(chosen)
      .map(({ name }) => String(name)),
  );
  const name = `${path} (table ${chosen})`;
  return {
    shape: { name, columns, named: true, sample: [] },
    select: async (mapping) => {
      await copyRows(path, chosen, columns, mapping, workbench, context);
      return "SELECT user_id, item_id, rating, time FROM sqlite_rows";
    },
    explain: (error) => explainQuery(name, "sqlite", error),
  };
}

function withDatabase<Result>(path: string, job: (database: DatabaseSync) => Result): Result {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return job(database);
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    throw explainQuery(path, "sqlite", error);
  } finally {
    database?.close();
  }
}

/** Streams the four columns into the DuckDB table sqlite_rows, as text. */
async function copyRows(
  path: string,
  table: string,
  columns: readonly string[],
  mapping: ColumnMapping,
  { connection }: Workbench,
  { progress, signal }: DataContext,
): Promise<void> {
  await connection.run(
    "CREATE TABLE sqlite_rows (user_id VARCHAR, item_id VARCHAR, rating VARCHAR, time VARCHAR)",
  );
  const appender = await connection.createAppender("sqlite_rows");
  const query = selectText(
    identifier(table),
    (column) => `CAST(${identifier(columns[column]!)} AS TEXT)`,
    mapping,
  ).replaceAll("NULL::VARCHAR", "NULL");
  const types = [VARCHAR, VARCHAR, VARCHAR, VARCHAR];
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const statement = database.prepare(query);
    statement.setReturnArrays(true);
    let block: (string | null)[][] = [];
    let done = 0;
    const append = () => {
      const chunk = DuckDBDataChunk.create(types);
      chunk.setRows(block);
      appender.appendDataChunk(chunk);
      done += block.length;
      block = [];
      progress({ stage: "read", done, unit: "rows" });
    };
    for (const row of statement.iterate()) {
      block.push(Object.values(row).map((value) => (value === null ? null : String(value))));
      if (block.length < BLOCK_ROWS) continue;
      append();
      if (done % (BLOCK_ROWS * BLOCKS_BETWEEN_PAUSES) === 0) {
        await new Promise((resume) => setImmediate(resume));
        checkStopped(signal);
      }
    }
    if (block.length > 0) append();
    appender.closeSync();
  } finally {
    database.close();
  }
}
