/**
 * A generated graph as a ratings file, streamed: the size of the graph does not
 * matter to memory.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type GeneratedBlock, type GeneratedGraph, generateInteractions } from "./generate.ts";
import { replaceFiles } from "./replace-files.ts";

/** Longest row: two ids and a time of up to ten digits, a rating, three commas, a line feed. */
const ROW_BYTES = 10 + 10 + 1 + 10 + 4;

const COMMA = 44;
const LINE_FEED = 10;
const ZERO = 48;

/**
 * Writes a CSV file with the header `user,item,rating,timestamp`; ids are index + 1 in digits.
 * The file appears when it is whole.
 * @param written hears of the interactions written so far; throws to stop
 * @returns bytes written
 * @throws BadInputError "generate" where the sizes do not fit together
 */
export async function writeRatings(
  path: string,
  graph: GeneratedGraph,
  written: (interactions: number) => Promise<void> = async () => {},
): Promise<number> {
  let bytes = 0;
  let interactions = 0;
  const write = async (file: FileHandle): Promise<void> => {
    bytes = (await file.write("user,item,rating,timestamp\n")).bytesWritten;
    for (const block of generateInteractions(graph)) {
      const rows = formatRows(block);
      await file.appendFile(rows);
      bytes += rows.length;
      interactions += block.users.length;
      await written(interactions);
    }
  };
  await replaceFiles(dirname(path), [{ name: basename(path), write }]);
  return bytes;
}

/** Digits are written as bytes: a string a row would take several times as long. */
function formatRows({ users, items, values, times }: GeneratedBlock): Uint8Array {
  const text = new Uint8Array(users.length * ROW_BYTES);
  let end = 0;
  const digits = (value: number) => {
    let length = 1;
    for (let power = 10; power <= value; power *= 10) length++;
    let rest = value;
    for (let at = end + length - 1; at >= end; at--) {
      const tenth = Math.floor(rest / 10);
      text[at] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
    end += length;
  };
  for (let at = 0; at < users.length; at++) {
    digits(users[at]! + 1);
    text[end++] = COMMA;
    digits(items[at]! + 1);
    text[end++] = COMMA;
    digits(values[at]!);
    text[end++] = COMMA;
    digits(times[at]!);
    text[end++] = LINE_FEED;
  }
  return text.subarray(0, end);
}
