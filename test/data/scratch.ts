/**
 * A folder for a test's files, datasets read back in external ids, and checks
 * of errors.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { BadInputError, LumiereError } from "../../src/base/errors.ts";
import type { ProgressEvent } from "../../src/base/progress.ts";
import { type DataContext, quietContext } from "../../src/data/context.ts";
import { type IndexedRows, ingest } from "../../src/data/ingest.ts";
import type { ReadingOptions, RowFilters } from "../../src/data/options.ts";
import { sourceOf } from "../../src/data/source.ts";

/** A folder that goes away after the tests of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lumiere-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file and returns its path. */
export function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A row in external ids. */
export type ExternalRow = readonly [
  user: string,
  item: string,
  value: number | null,
  time: number | null,
];

/** The interactions in external ids, in order. */
export function externalRows(
  rows: Pick<IndexedRows, "users" | "items" | "interactions">,
): ExternalRow[] {
  const { users, items, values, times } = rows.interactions;
  return Array.from(users, (user, at) => [
    rows.users.idOf(user),
    rows.items.idOf(items[at]!),
    values?.[at] ?? null,
    times?.[at] ?? null,
  ]);
}

/** Reads anything that `--data` takes as rows. */
export function read(
  data: string,
  reading: ReadingOptions = {},
  filters: RowFilters = {},
  context: DataContext = quietContext,
): Promise<IndexedRows> {
  return ingest(sourceOf(data), reading, filters, context);
}

/** A context that remembers what it was told. */
export function recordingContext(signal?: AbortSignal) {
  const notices: string[] = [];
  const events: ProgressEvent[] = [];
  const context: DataContext = {
    progress: (event) => events.push(event),
    notice: (line) => notices.push(line),
    signal,
  };
  return { context, notices, events };
}

/** Checks that work fails as bad input (exit code 2), with this code and these words in the message. */
export async function rejectsInput(
  work: Promise<unknown>,
  code: string,
  ...words: readonly (string | RegExp)[]
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof BadInputError, `expected BadInputError, got ${error}`);
    assert.equal(error.exitCode, 2);
    checkError(error, code, words);
    return true;
  });
}

/** Checks that work fails with this code and these words in the message. */
export async function rejectsWith(
  work: Promise<unknown>,
  code: string,
  ...words: readonly (string | RegExp)[]
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof LumiereError, `expected LumiereError, got ${error}`);
    checkError(error, code, words);
    return true;
  });
}

function checkError(error: LumiereError, code: string, words: readonly (string | RegExp)[]): void {
  assert.equal(error.code, code, error.message);
  for (const word of words) {
    const found =
      typeof word === "string" ? error.message.includes(word) : word.test(error.message);
    assert.ok(found, `expected ${word} in: ${error.message}`);
  }
  assert.ok(!error.message.includes("\n"), `one line expected: ${error.message}`);
}
