/**
 * Lines of a text file as an editor numbers them. Readers of rows skip blank
 * lines and join quoted ones; who looks for a wrong row wants the line.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { PassThrough, pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { BadInputError } from "../base/errors.ts";
import { explainFileError } from "./file-errors.ts";
import type { Encoding, FileInspection } from "./inspect-file.ts";

/** How the bytes of a file become text. */
export interface TextBytes {
  readonly path: string;
  readonly compression: FileInspection["compression"];
  readonly encoding: Encoding;
}

const ENCODINGS = { "utf-8": "utf8", "latin-1": "latin1", "utf-16": "utf16le" } as const;

/** Longest line: ids may be very long, but a file without line breaks is a mistake. */
export const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * The lines of a file, without their ends. No more of it is held than a line and what is read at once.
 * @param longest characters of a line
 * @throws BadInputError where the file cannot be read to its end, or a line is longer
 */
export async function* linesOf(
  { path, compression, encoding }: TextBytes,
  longest: number = LONGEST_LINE,
): AsyncGenerator<string> {
  const unpacked =
    compression === "gzip"
      ? createGunzip()
      : compression === "zstd"
        ? createZstdDecompress()
        : new PassThrough();
  // An error of either stream ends both, and comes out of the loop below.
  const text = pipeline(createReadStream(path), unpacked, () => {});
  text.setEncoding(ENCODINGS[encoding]);
  let number = 1;
  let rest = "";
  const check = (line: string): void => {
    if (line.length <= longest) return;
    throw new BadInputError(
      "row",
      `${path}, line ${number}: more than ${longest} characters without a line break; ` +
        "expected one record a line: write the file again so",
    );
  };
  try {
    for await (const chunk of text) {
      const lines = String(chunk).split("\n");
      lines[0] = rest + lines[0];
      rest = lines.pop() ?? "";
      for (const line of lines) {
        check(line);
        yield line.replace(/\r$/, "");
        number++;
      }
      check(rest);
    }
  } catch (error) {
    throw await explainFileError(path, error);
  } finally {
    text.destroy();
  }
  if (rest !== "") yield rest.replace(/\r$/, "");
}

/**
 * The number, from 1, of the line in which a record begins.
 * @param record from 0, the header counted, blank lines not
 * @param quoted whether double quotes may hold line breaks
 */
export async function lineOfRecord(
  lines: AsyncIterable<string> | Iterable<string>,
  record: number,
  quoted: boolean,
): Promise<number | null> {
  let number = 0;
  let next = 0;
  let open = false;
  for await (const line of lines) {
    number++;
    if (!open) {
      if (line === "") continue;
      if (next++ === record) return number;
    }
    if (quoted && line.split('"').length % 2 === 0) open = !open;
  }
  return null;
}
