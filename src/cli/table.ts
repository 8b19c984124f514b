/**
 * Plain-text tables for terminals.
 *
 * @module
 */

import type { TextTable } from "../experiment/comparison/tables.ts";

/** Narrower than this, the last column is not broken any further. */
const LEAST_LAST_COLUMN = 24;

export interface TableOptions {
  /** Columns that hold figures and stand to the right. */
  readonly right?: readonly number[];
  readonly indent?: string;
  /** Columns of the terminal; prose in the last column is broken to fit. */
  readonly columns?: number;
}

/**
 * Rows as aligned text; the first row is the header.
 *
 * @example
 * table([["metric", "value"], ["recall@20", "0.3535"]], { right: [1] });
 */
export function table(
  rows: readonly (readonly string[])[],
  { right = [], indent = "", columns = process.stdout.columns || 100 }: TableOptions = {},
): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, width(cell));
    });
  }
  const last = widths.length - 1;
  const before = widths.slice(0, last).reduce((sum, cells) => sum + cells + 2, indent.length);
  widths[last] = Math.min(widths[last] ?? 0, Math.max(LEAST_LAST_COLUMN, columns - before));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        if (at === last) {
          return right.includes(at)
            ? " ".repeat(Math.max(0, widths[at]! - width(cell))) + cell
            : wrap(cell, widths[at]!).replaceAll("\n", `\n${" ".repeat(before)}`);
        }
        const gap = " ".repeat(widths[at]! - width(cell));
        return right.includes(at) ? gap + cell : cell + gap;
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((cells) => "─".repeat(cells)).join("──");
  const [header = [], ...body] = rows;
  return [line(header), rule, ...body.map(line)].map((text) => indent + text).join("\n");
}

/** Tables wider than the terminal are for it to wrap. */
const WIDE = 10_000;

/**
 * A table of figures, as wide as it is.
 * @param right columns of figures; default: all but the first
 */
export function alignedTable({ header, rows }: TextTable, right?: readonly number[]): string {
  return table([header, ...rows], {
    right: right ?? header.map((_, at) => at).slice(1),
    columns: WIDE,
  });
}

/** Columns that a text takes: letters with their accents once, ideographs twice. */
function width(text: string): number {
  let columns = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    columns +=
      /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return columns;
}

/** Breaks prose at spaces. */
export function wrap(text: string, columns: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part) => indent + part).join("\n");
}
