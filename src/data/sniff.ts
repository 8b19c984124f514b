/**
 * How a text file is laid out (delimiter, quotes, header, columns), found out
 * from its first lines. DuckDB could guess too, but not "::", and its errors
 * could not name our flags.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { isKnownName, isNumeric } from "./columns.ts";

/** What the person said of the file's layout. */
export interface LayoutChoice {
  readonly delimiter?: string | undefined;
  readonly header?: boolean | undefined;
  readonly quote?: "double" | "none" | undefined;
}

/** The layout of a text file. */
export interface TextLayout {
  readonly delimiter: string;
  readonly quote: "double" | "none";
  readonly header: boolean;
  /** Names, or numbers from 1 without a header. */
  readonly columns: readonly string[];
  /** The first rows below the header. */
  readonly sample: readonly (readonly string[])[];
}

/** In order of preference where two explain the file equally well. */
const DELIMITERS = ["::", "\t", ",", ";", "|", " "] as const;

/** Rows that are looked at. */
const SAMPLE_ROWS = 200;

/** Most bytes of a delimiter that DuckDB takes. */
const DELIMITER_BYTES = 4;

/**
 * Finds the layout of a text file.
 * @param name the file, for errors
 * @param head its first characters
 * @param whole whether `head` is the whole file (else its last row may be cut off)
 * @throws BadInputError "delimiter", "file-empty"
 */
export function sniff(
  name: string,
  head: string,
  whole: boolean,
  choice: LayoutChoice,
): TextLayout {
  const text = head.replace(/^\uFEFF/, "");
  const records = (delimiter: string): string[][] => {
    const parsed = parseRecords(text, delimiter, quoteFor(delimiter, choice), SAMPLE_ROWS + 1);
    return (whole || parsed.length === 1 ? parsed : parsed.slice(0, -1)).slice(0, SAMPLE_ROWS);
  };
  if (text.trim() === "") {
    throw new BadInputError("file-empty", `${name} holds no rows; expected user and item columns`);
  }
  const delimiter =
    choice.delimiter === undefined
      ? findDelimiter(name, text, records)
      : checkedDelimiter(choice.delimiter);
  const rows = records(delimiter);
  const [first = []] = rows;
  if (first.length < 2) throw wrongDelimiter(name, delimiter, first[0] ?? "", records);
  const header = choice.header ?? looksLikeHeader(rows);
  return {
    delimiter,
    quote: quoteFor(delimiter, choice),
    header,
    columns: first.map((field, at) => (header ? field.trim() : String(at + 1))),
    sample: header ? rows.slice(1) : rows,
  };
}

/** A double quote is an ordinary character in files with "::" (MovieLens). */
function quoteFor(delimiter: string, choice: LayoutChoice): "double" | "none" {
  return choice.quote ?? (delimiter === "::" ? "none" : "double");
}

function checkedDelimiter(written: string): string {
  const delimiter = written === String.raw`\t` ? "\t" : written;
  const bytes = Buffer.byteLength(delimiter);
  if (bytes <= DELIMITER_BYTES && !/[\r\n"]/.test(delimiter)) return delimiter;
  throw new BadInputError(
    "delimiter",
    `--delimiter ${JSON.stringify(written)}: expected 1 to ${DELIMITER_BYTES} bytes, no quote and no line break, for instance "," or "::"`,
  );
}

/** The delimiter that gives most rows the same number of fields; of those the one with most fields. */
function findDelimiter(
  name: string,
  text: string,
  records: (delimiter: string) => string[][],
): string {
  let best = { delimiter: "", agreement: 0, width: 1 };
  for (const delimiter of DELIMITERS) {
    const rows = records(delimiter);
    const widths = new Map<number, number>();
    for (const row of rows) widths.set(row.length, (widths.get(row.length) ?? 0) + 1);
    const [width, count] = [...widths].reduce(
      (most, entry) => (entry[1] > most[1] ? entry : most),
      [1, 0],
    );
    const agreement = count / rows.length;
    if (width < 2) continue;
    if (agreement > best.agreement || (agreement === best.agreement && width > best.width)) {
      best = { delimiter, agreement, width };
    }
  }
  if (best.delimiter !== "") return best.delimiter;
  const line = text.split(/\r?\n/, 1)[0] ?? "";
  throw new BadInputError(
    "delimiter",
    `${name}: no delimiter found in its first line ${quoted(line)}; expected at least a user and an item; pass --delimiter`,
  );
}

function wrongDelimiter(
  name: string,
  delimiter: string,
  line: string,
  records: (delimiter: string) => string[][],
): BadInputError {
  const likely = DELIMITERS.find((other) => (records(other)[0]?.length ?? 0) > 1);
  return new BadInputError(
    "delimiter",
    `${name}: delimiter ${show(delimiter)} leaves one column in its first line ${quoted(line)}; ` +
      (likely === undefined
        ? "pass the delimiter of the file with --delimiter"
        : `it looks like ${show(likely)}: pass --delimiter ${show(likely)}, or leave the flag out`),
  );
}

const show = (delimiter: string): string =>
  delimiter === "\t" ? String.raw`"\t"` : `"${delimiter}"`;

/** A line short enough for an error. */
export function quoted(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}

/**
 * The first row names the columns where none of its fields is a number, and either a name is one
 * that people use or some column below it holds numbers only.
 */
function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  const [first = [], ...below] = rows;
  if (first.some(isNumeric)) return false;
  // A nameless column beside known names is the row number that some tools write.
  if (first.some(isKnownName)) return true;
  return (
    below.length > 0 &&
    first.every((field) => field.trim() !== "") &&
    first.some((_, at) => below.every((row) => row[at] !== undefined && isNumeric(row[at])))
  );
}

/** Rows of fields of a delimited text (RFC 4180 quotes where `quote` is "double"); blank lines are left out. */
export function parseRecords(
  text: string,
  delimiter: string,
  quote: "double" | "none",
  most = Number.POSITIVE_INFINITY,
): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length && records.length < most) {
    const fields: string[] = [];
    let open = true;
    while (open) {
      let field = "";
      if (quote === "double" && text[at] === '"') {
        const end = closingQuote(text, at);
        field = text.slice(at + 1, end).replaceAll('""', '"');
        at = end + 1;
      }
      const [line, next] = [lineEnd(text, at), text.indexOf(delimiter, at)];
      open = next >= 0 && next < line;
      const stop = open ? next : line;
      fields.push(field + text.slice(at, stop));
      at = open ? stop + delimiter.length : stop;
    }
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    if (fields.length > 1 || fields[0] !== "") records.push(fields);
  }
  return records;
}

/** Position of the quote that closes the one at `at`; the end of the text where none does. */
function closingQuote(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  return end < 0 ? text.length : end;
}

/** Position of the line break at or after `at`; the end of the text where there is none. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  if (feed < 0) return text.length;
  return feed > at && text[feed - 1] === "\r" ? feed - 1 : feed;
}
