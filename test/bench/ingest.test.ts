import assert from "node:assert/strict";
import { test } from "node:test";
import { ratingsFile, ratingsIn } from "../../bench/ratings-files.ts";
import { withoutMemory } from "../../bench/suites/ingest.ts";
import { BadInputError } from "../../src/base/errors.ts";

test("what would not fit into memory is left out, with its size", () => {
  // 100 million ratings at 165 bytes are 16.5 GB.
  const hundred = { folder: "/somewhere/ratings-100m.csv" };
  assert.equal(ratingsIn(hundred.folder), 1e8);
  assert.equal(withoutMemory(hundred, 165, 16.5e9), null);
  assert.equal(
    withoutMemory(hundred, 165, 16.4e9),
    "left out: it would hold about 16.5 GB, and 16.4 GB are free",
  );
});

test("a file that the disk has no room for is refused before a byte is written", async () => {
  const isRefused = (error: unknown) =>
    error instanceof BadInputError &&
    error.code === "disk" &&
    / are free; make room/.test(error.message);
  // 60 bytes a rating: 60 exabytes.
  await assert.rejects(ratingsFile(`${1e12}m-csv`), isRefused);
  await assert.rejects(ratingsFile("1e3m-csv"), /name the millions and the format/);
});
