/** Lines of files: their numbers, their bound, and files that end early. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { linesOf, type TextBytes } from "../../src/data/text-lines.ts";
import { rejectsInput, scratchFolder, write } from "./scratch.ts";

const folder = scratchFolder();

async function read(bytes: Partial<TextBytes> & { path: string }, longest?: number) {
  const lines: string[] = [];
  const described = { compression: "none", encoding: "utf-8", ...bytes } as const;
  for await (const line of linesOf(described, longest)) lines.push(line);
  return lines;
}

describe("lines of a file", () => {
  const text = "user,item\r\n1,é\n\n2,3";
  const lines = ["user,item", "1,é", "", "2,3"];

  test("are the same packed and plain, in every encoding", async () => {
    const cases = [
      [{ compression: "none", encoding: "utf-8" }, Buffer.from(text)],
      [{ compression: "gzip", encoding: "utf-8" }, gzipSync(text)],
      [{ compression: "zstd", encoding: "utf-8" }, zstdCompressSync(text)],
      [{ compression: "none", encoding: "latin-1" }, Buffer.from(text, "latin1")],
      [{ compression: "gzip", encoding: "utf-16" }, gzipSync(Buffer.from(text, "utf16le"))],
    ] as const;
    for (const [how, bytes] of cases) {
      const path = write(folder, `lines.${how.compression}.${how.encoding}`, bytes);
      assert.deepEqual(await read({ path, ...how }), lines);
    }
  });

  test("are whole where a chunk ends within one", async () => {
    const long = Array.from({ length: 4 }, (_, at) => `${at}`.repeat(50_000));
    const path = write(folder, "long.txt", long.join("\n"));
    assert.deepEqual(await read({ path }), long);
  });

  test("are bounded: the error names file and line, whether the line ends or not", async () => {
    const ends = write(folder, "ends.txt", `short\n${"x".repeat(11)}\nshort\n`);
    const open = write(folder, "open.json", `[\n\n${"x".repeat(400_000)}`);
    assert.deepEqual(await read({ path: ends }, 11), ["short", "x".repeat(11), "short"]);
    await rejectsInput(
      read({ path: ends }, 10),
      "row",
      "ends.txt, line 2: more than 10 characters",
    );
    await rejectsInput(read({ path: open }, 1000), "row", "open.json, line 3", "a line break");
  });

  test("end with the error of the file, not with its first part", async () => {
    const packed = gzipSync(text.repeat(1000));
    const cut = write(folder, "cut.gz", packed.subarray(0, packed.length - 12));
    await rejectsInput(read({ path: cut, compression: "gzip" }), "file-unreadable", "cut.gz");
    const nowhere = join(folder, "nowhere.gz");
    await rejectsInput(read({ path: nowhere, compression: "gzip" }), "file-missing", "nowhere.gz");
  });
});
