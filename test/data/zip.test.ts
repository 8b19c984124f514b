/** Archives are unpacked whole, and what could do harm is refused. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { quietContext } from "../../src/data/context.ts";
import { extractZip } from "../../src/data/zip.ts";
import { recordingContext, rejectsWith, scratchFolder, write } from "./scratch.ts";
import { type ZipEntry, zipOf } from "./small-zip.ts";

const folder = scratchFolder();

/** Writes an archive of the entries; gives its path and a fresh folder inside another one. */
function archiveOf(entries: readonly ZipEntry[]): { readonly path: string; readonly into: string } {
  const place = mkdtempSync(join(folder, "zip-"));
  return { path: write(place, "archive.zip", zipOf(entries)), into: join(place, "deep", "inside") };
}

async function refused(entries: readonly ZipEntry[], ...words: readonly (string | RegExp)[]) {
  const { path, into } = archiveOf(entries);
  await rejectsWith(extractZip(path, into, quietContext), "archive", "archive.zip", ...words);
}

test("folders, stored and deflated files", async () => {
  const long = "1\t2\t3\n".repeat(10_000);
  const { path, into } = archiveOf([
    { name: "set/", content: "" },
    { name: "set/a.txt", content: "été" },
    { name: "set/deep/er/b.txt", content: long, deflate: true },
    { name: "set/empty", content: "" },
  ]);
  const { context, events } = recordingContext();
  await extractZip(path, into, context);
  assert.equal(readFileSync(join(into, "set/a.txt"), "utf8"), "été");
  assert.equal(readFileSync(join(into, "set/deep/er/b.txt"), "utf8"), long);
  assert.equal(readFileSync(join(into, "set/empty"), "utf8"), "");
  assert.deepEqual(events.at(-1), { stage: "unpack", done: 4, total: 4, unit: "files" });
});

for (const name of ["../out.txt", "a/../../out.txt", "/out.txt", "C:/out.txt", "..\\out.txt"]) {
  test(`an entry named ${name} does not leave the folder`, async () => {
    const { path, into } = archiveOf([{ name, content: "x" }]);
    await rejectsWith(extractZip(path, into, quietContext), "archive", "archive.zip");
    assert.ok(!existsSync(join(into, "..", "out.txt")));
    assert.ok(!existsSync("/out.txt"));
  });
}

test("symbolic link", () =>
  refused([{ name: "link", content: "/etc/passwd", mode: 0o120777 }], "symbolic link"));

test("encrypted entry", () =>
  refused([{ name: "secret", content: "x", encrypted: true }], "encrypted"));

test("the same name twice", () =>
  refused([
    { name: "a", content: "1" },
    { name: "a", content: "2" },
  ]));

test("content that does not match its CRC-32", () =>
  refused([{ name: "a", content: "right", statedCrc: 1 }], "CRC-32"));

test("a bomb: 50 MB of zeros in 50 KB", () =>
  refused(
    [{ name: "bomb", content: Buffer.alloc(50_000_000), deflate: true }],
    "unpacks to more than",
  ));

test("a stated size that lies", () =>
  refused([{ name: "a", content: "x".repeat(10_000), deflate: true, statedSize: 10 }]));

test("more bytes or entries than the bounds allow", async () => {
  const entries = [1, 2, 3].map((at) => ({ name: `f${at}`, content: "x".repeat(400) }));
  const { path, into } = archiveOf(entries);
  const bounds = { entries: 10, bytes: 1_199, ratio: 200 };
  await rejectsWith(
    extractZip(path, into, quietContext, bounds),
    "archive",
    "more than 1199 bytes",
  );
  const few = { ...bounds, entries: 2 };
  await rejectsWith(extractZip(path, `${into}-2`, quietContext, few), "archive", "2 entries");
});

test("not an archive, cut off in the middle", async () => {
  const text = write(folder, "text.zip", "no archive at all, only text");
  await rejectsWith(extractZip(text, join(folder, "t"), quietContext), "archive", "not a readable");
  const whole = zipOf([{ name: "a", content: "x".repeat(1000) }]);
  const cut = write(folder, "cut.zip", whole.subarray(0, 500));
  await rejectsWith(extractZip(cut, join(folder, "c"), quietContext), "archive", "not a readable");
});
