/**
 * Any source as one SQL relation: its columns, and a SELECT that gives four
 * columns of text (user_id, item_id, rating, time). What the rows mean is
 * decided in one place, after this.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import type { ColumnMapping, TableShape } from "./columns.ts";
import { duckDBMessage, identifier, type Workbench } from "./duckdb.ts";

/** A table that DuckDB can read. */
export interface Relation {
  readonly shape: TableShape;
  /** A SELECT of user_id, item_id, rating and time as text, in the order of the rows. */
  select(mapping: ColumnMapping): Promise<string>;
  /** What an error of DuckDB means for this source. */
  explain(error: unknown): Error | Promise<Error>;
  /** Line of the file in which a row begins (rows from 0), where the source has lines. */
  lineOf?(row: number): Promise<number | null>;
}

/** A relation over any SQL table expression whose columns have names and types. */
export async function tableRelation(
  name: string,
  from: string,
  workbench: Workbench,
  code: string,
): Promise<Relation> {
  const columns = await describe(from, workbench).catch((error: unknown) => {
    throw explainQuery(name, code, error);
  });
  return relationOf(name, columns, from, code);
}

/** A column of a DuckDB relation. */
export interface ColumnType {
  readonly name: string;
  readonly type: string;
}

/** The columns of a table expression. @throws what DuckDB says of it */
export async function describe(from: string, workbench: Workbench): Promise<readonly ColumnType[]> {
  const rows = await workbench.rows(`DESCRIBE SELECT * FROM ${from}`);
  return rows.map(([column, type]) => ({ name: String(column), type: String(type) }));
}

/** A relation over a table expression whose columns are known. */
export function relationOf(
  name: string,
  columns: readonly ColumnType[],
  from: string,
  code: string,
): Relation {
  const expression = (at: number) => {
    const { name: column, type } = columns[at]!;
    // JSON text keeps its quotes when it is cast; ->> '$' takes them off.
    return type === "JSON"
      ? `(${identifier(column)} ->> '$')`
      : `CAST(${identifier(column)} AS VARCHAR)`;
  };
  return {
    shape: { name, columns: columns.map((column) => column.name), named: true, sample: [] },
    select: async (mapping) => selectText(`${from} AS source_rows`, expression, mapping),
    explain: (error) => explainQuery(name, code, error),
  };
}

/** SELECT of the four columns of text. */
export function selectText(
  from: string,
  expression: (column: number) => string,
  { user, item, rating, time }: ColumnMapping,
): string {
  const optional = (column: number | null) =>
    column === null ? "NULL::VARCHAR" : expression(column);
  return (
    `SELECT ${expression(user)} AS user_id, ${expression(item)} AS item_id, ` +
    `${optional(rating)} AS rating, ${optional(time)} AS time FROM ${from}`
  );
}

/** What to do about an error of a code, where that does not depend on the error. */
const ADVICE: Readonly<Record<string, string>> = {
  "file-format": "; the file is damaged or cut off: fetch or write it again",
  sqlite: "; the file is damaged or still being written: copy it again, or export a table as CSV",
};

/** An error of DuckDB about a query or file, as ours. */
export function explainQuery(name: string, code: string, error: unknown): Error {
  if (error instanceof BadInputError) return error;
  const message = duckDBMessage(error);
  const extension = /extension ["'](\w+)["']/i.exec(message)?.[1];
  if (extension !== undefined && /install|download|load/i.test(message)) {
    return missingExtension(extension, name, error);
  }
  return new BadInputError(code, `${name}: ${message}${ADVICE[code] ?? ""}`, { cause: error });
}

/** DuckDB needs an extension that this machine can neither find nor download. */
export function missingExtension(extension: string, name: string, cause: unknown): BadInputError {
  return new BadInputError(
    "extension",
    `${name}: reading it needs DuckDB's extension "${extension}", which is not installed and could not be downloaded (${duckDBMessage(cause)}); ` +
      "run once with a network connection, or copy the data to a CSV or Parquet file and pass that",
    { cause },
  );
}

/** The table the person named, or the only one there is. @throws BadInputError "table" */
export function chooseTable(
  name: string,
  tables: readonly string[],
  wanted: string | undefined,
): string {
  if (tables.length === 0) throw new BadInputError("table", `${name} has no tables`);
  const listed = tables.slice(0, 12).join(", ") + (tables.length > 12 ? ", …" : "");
  if (wanted !== undefined) {
    if (tables.includes(wanted)) return wanted;
    throw new BadInputError(
      "table",
      `${name} has no table "${wanted}" (tables: ${listed}); did you mean --table ${nearest(wanted, tables, 1)[0]}?`,
    );
  }
  if (tables.length === 1) return tables[0]!;
  throw new BadInputError("table", `${name} has ${tables.length} tables (${listed}); pass --table`);
}
