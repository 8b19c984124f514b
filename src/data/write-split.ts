/**
 * A split as CSV files with external ids, so that other tools can train and
 * judge on exactly the same cut.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";
import type { Dataset, EvaluationPart, Interactions, Split } from "./interactions.ts";
import { type FileToWrite, replaceFiles } from "./replace-files.ts";

/** Rows that are turned into text before they are written. */
const ROWS_PER_WRITE = 16_384;

/**
 * Writes `train.csv`, `validation.csv` and `test.csv` (a part that the split has not is a header
 * alone), and for held-out users `validation-history.csv` and `test-history.csv`: what to fold in.
 * Columns `user,item[,rating][,timestamp]`, those that the data have; quoting of RFC 4180;
 * timestamps in Unix seconds. Interactions that cannot be judged (`unrankable`) are written with
 * their part. All files are replaced or none.
 * @param directory made where it is missing
 * @returns names of the files written, in that order
 */
export async function writeSplit(
  dataset: Dataset,
  split: Split,
  directory: string,
): Promise<string[]> {
  // Quoted once an id, not once a row; ids that need no quotes stay the same string.
  const users = dataset.users.ids.map(quoteField);
  const items = dataset.items.ids.map(quoteField);
  const rows = (
    name: string,
    parts: readonly (Interactions | null | undefined)[],
  ): FileToWrite => ({
    name,
    write: async (file) => {
      await file.write(header(split.train));
      for (const part of parts) if (part) await writeRows(file, part, users, items);
    },
  });
  const judged = (part: EvaluationPart | null) => [part?.targets, part?.unrankable];
  const files = [
    rows("train.csv", [split.train]),
    rows("validation.csv", judged(split.validation)),
    rows("test.csv", judged(split.test)),
  ];
  const histories = [
    { name: "validation-history.csv", history: split.validation?.history },
    { name: "test-history.csv", history: split.test?.history },
  ];
  for (const { name, history } of histories) if (history) files.push(rows(name, [history]));
  await replaceFiles(
    directory,
    files,
    histories.filter(({ history }) => !history).map(({ name }) => name),
  );
  return files.map(({ name }) => name);
}

function header({ values, times }: Interactions): string {
  return `user,item${values ? ",rating" : ""}${times ? ",timestamp" : ""}\n`;
}

async function writeRows(
  file: FileHandle,
  { users, items, values, times }: Interactions,
  userFields: readonly string[],
  itemFields: readonly string[],
): Promise<void> {
  const decimal = values && decimalWriter();
  const count = users.length;
  for (let begin = 0; begin < count; begin += ROWS_PER_WRITE) {
    const end = Math.min(begin + ROWS_PER_WRITE, count);
    let text = "";
    for (let at = begin; at < end; at++) {
      text += `${userFields[users[at]!]},${itemFields[items[at]!]}`;
      if (decimal) text += `,${decimal(values[at]!)}`;
      // A time that is not known is an empty field.
      if (times) text += Number.isFinite(times[at]) ? `,${times[at]}` : ",";
      text += "\n";
    }
    await file.appendFile(text);
  }
}

/** A field of RFC 4180: in quotes where it holds a quote, a comma, a line break or edge blanks, or nothing. */
export function quoteField(field: string): string {
  return /[",\r\n]|^\s|\s$|^$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** The shortest decimal that reads back as the same 32-bit number; ratings repeat, so they are kept. */
function decimalWriter(): (value: number) => string {
  const known = new Map<number, string>();
  return (value) => {
    const kept = known.get(value);
    if (kept !== undefined) return kept;
    let digits = 6;
    while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
    const text = String(Number(value.toPrecision(digits)));
    if (known.size < 10_000) known.set(value, text);
    return text;
  };
}
