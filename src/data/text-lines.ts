/**
 * Lines of a text file as an editor numbers them. Readers of rows skip blank
 * lines and join quoted ones; who looks for a wrong row wants the line.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Encoding, FileInspection } from "./inspect-file.ts";

/** How the bytes of a file become text. */
export interface TextBytes {
  readonly path: string;
  readonly compression: FileInspection["compression"];
  readonly encoding: Encoding;
}

const ENCODINGS = { "utf-8": "utf8", "latin-1": "latin1", "utf-16": "utf16le" } as const;

/** The lines in a stream, without their ends. Broken files end early: this runs for errors only. */
export async function* linesOf({ path, compression, encoding }: TextBytes): AsyncGenerator<string> {
  const file = createReadStream(path);
  const text =
    compression === "gzip"
      ? file.pipe(createGunzip())
      : compression === "zstd"
        ? file.pipe(createZstdDecompress())
        : file;
  text.setEncoding(ENCODINGS[encoding]);
  try {
    let rest = "";
    for await (const chunk of text) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield line.replace(/\r$/, "");
    }
    if (rest !== "") yield rest;
  } finally {
    file.destroy();
  }
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
