/**
 * Everybody's lists as a file of columns user, rank, item, score: CSV, JSON
 * lines or Parquet by the file's name. The file appears whole or not at all,
 * and memory does not grow with it.
 *
 * @module
 */

import { type FileHandle, mkdtemp, open, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { BadInputError } from "../base/errors.ts";
import { checkFile, makeFolder } from "../base/folders.ts";

/** One place of one list. */
export interface ListRow {
  readonly user: string;
  /** From 1. */
  readonly rank: number;
  readonly item: string;
  readonly score: number;
}

export interface ListWriter {
  write(rows: readonly ListRow[]): Promise<void>;
  /** Makes the file appear. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/**
 * Checks that lists can be written there, before they are made.
 * @throws BadInputError where the name says no format, or something is in the way
 */
export function checkListFile(path: string): void {
  const extension = extname(path).toLowerCase();
  if (![".csv", ".jsonl", ".parquet"].includes(extension)) {
    throw new BadInputError(
      "usage",
      `--out ${path}: found ${extension === "" ? "no ending" : `"${extension}"`}, expected .csv, .jsonl or .parquet`,
    );
  }
  checkFile("--out", path);
}

/**
 * A writer for the format that the file's name says.
 * @throws BadInputError as `checkListFile` does
 */
export async function listWriter(path: string): Promise<ListWriter> {
  checkListFile(path);
  switch (extname(path).toLowerCase()) {
    case ".csv":
      return textWriter(path, "user,rank,item,score\n", csvRow);
    case ".jsonl":
      return textWriter(
        path,
        "",
        (row) => `${JSON.stringify({ ...row, score: shortScore(row.score) })}\n`,
      );
    default:
      return parquetWriter(path);
  }
}

/** A row of RFC 4180, with its line break. */
export function csvRow({ user, rank, item, score }: ListRow): string {
  return `${csvField(user)},${rank},${csvField(item)},${shortScore(score)}\n`;
}

/** Nine digits bring every 32-bit float back; a double's seventeen would say nothing more. */
function shortScore(score: number): number {
  return Number(score.toPrecision(9));
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function textWriter(
  path: string,
  header: string,
  line: (row: ListRow) => string,
): Promise<ListWriter> {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  const file: FileHandle = await open(temporary, "w");
  await file.writeFile(header);
  return {
    write: (rows) => file.writeFile(rows.map(line).join("")),
    async finish() {
      await file.sync();
      await file.close();
      await rename(temporary, path);
    },
    async discard() {
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}

/** DuckDB gathers the rows in a database file of its own and writes them out as Parquet. */
async function parquetWriter(path: string): Promise<ListWriter> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  const folder = await mkdtemp(join(tmpdir(), "lumiere-lists-"));
  const instance = await DuckDBInstance.create(join(folder, "lists.duckdb"));
  const connection = await instance.connect();
  await connection.run(
    "create table lists (user varchar, rank integer, item varchar, score float)",
  );
  const appender = await connection.createAppender("lists");
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    async write(rows) {
      for (const { user, rank, item, score } of rows) {
        appender.appendVarchar(user);
        appender.appendInteger(rank);
        appender.appendVarchar(item);
        appender.appendFloat(score);
        appender.endRow();
      }
      appender.flushSync();
    },
    async finish() {
      appender.closeSync();
      await connection.run(`copy lists to '${temporary.replaceAll("'", "''")}' (format parquet)`);
      await close();
      await rename(temporary, path);
    },
    async discard() {
      appender.closeSync();
      await close();
      await rm(temporary, { force: true });
    },
  };
}
