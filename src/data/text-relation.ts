/**
 * Delimited text as a relation: DuckDB reads it in parallel and in a stream,
 * with the layout that `sniff` found and no guesses of its own.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { duckDBMessage, literal } from "./duckdb.ts";
import type { FileInspection } from "./inspect-file.ts";
import type { ReadingOptions } from "./options.ts";
import { type Relation, selectText } from "./relation.ts";
import { parseRecords, quoted, sniff, type TextLayout } from "./sniff.ts";
import { LONGEST_LINE, lineOfRecord, linesOf } from "./text-lines.ts";

/**
 * Delimited text as a relation.
 * @param name the file, for errors
 * @param readable its path as an SQL literal
 * @param path where it can be read a second time, to find the line of a wrong row
 */
export function textRelation(
  name: string,
  readable: string,
  { head, whole, compression }: Pick<FileInspection, "head" | "whole" | "compression">,
  options: ReadingOptions,
  path?: string,
): Relation {
  const layout = sniff(name, head, whole, options);
  const mark = literal(layout.quote === "double" ? '"' : "");
  const columns = layout.columns.map((_, at) => `c${at}: 'VARCHAR'`).join(", ");
  const settings = [
    "auto_detect = false",
    "header = false",
    `skip = ${layout.header ? 1 : 0}`,
    `delim = ${literal(layout.delimiter)}`,
    `quote = ${mark}`,
    `escape = ${mark}`,
    `compression = ${literal(compression)}`,
    `encoding = ${literal(options.encoding ?? "utf-8")}`,
    `max_line_size = ${LONGEST_LINE}`,
    `columns = {${columns}}`,
  ];
  return {
    shape: { name, columns: layout.columns, named: layout.header, sample: layout.sample },
    select: async (mapping) =>
      selectText(
        `read_csv(${readable}, ${settings.join(", ")})`,
        (column) => `c${column}`,
        mapping,
      ),
    explain: (error) => explainText(name, layout, error),
    ...(path !== undefined && {
      lineOf: (row: number) =>
        lineOfRecord(
          linesOf({ path, compression, encoding: options.encoding ?? "utf-8" }),
          row + (layout.header ? 1 : 0),
          layout.quote === "double",
        ),
    }),
  };
}

/** A row that does not fit the layout, as an error that names the line and the flag. */
function explainText(name: string, layout: TextLayout, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  if (line === undefined) {
    return new BadInputError("row", `${name}: ${duckDBMessage(error)}`, { cause: error });
  }
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  const original = /Original Line: ([^\n]*)/.exec(message)?.[1] ?? "";
  const found = quoted(original);
  const at = `${name}, line ${line}`;
  if (counts) {
    // DuckDB stops counting at the first field too many.
    const whole = parseRecords(original, layout.delimiter, layout.quote)[0]?.length ?? 0;
    const fields = Math.max(whole, Number(counts[2]));
    const first = layout.header ? `the header (${layout.columns.join(", ")})` : "the first line";
    return new BadInputError(
      "row",
      `${at}: found ${fields} fields, expected ${counts[1]} as in ${first}: ${found}; mend the line, or pass the right --delimiter`,
      { cause: error },
    );
  }
  if (/unicode|not utf-8/i.test(message)) {
    return new BadInputError(
      "encoding",
      `${at}: not valid UTF-8: ${found}; pass --encoding latin-1 (or utf-16), or save the file as UTF-8`,
      { cause: error },
    );
  }
  if (/Maximum line size/i.test(message)) {
    return new BadInputError(
      "row",
      `${at}: a row of more than ${LONGEST_LINE} bytes; expected one interaction a line`,
      { cause: error },
    );
  }
  if (/quote/i.test(message)) {
    return new BadInputError(
      "row",
      `${at}: a quoted field does not end where the field ends: ${found}; mend the quotes, or pass --quote none if quotes are ordinary characters`,
      { cause: error },
    );
  }
  return new BadInputError("row", `${at}: ${duckDBMessage(error)}`, { cause: error });
}
