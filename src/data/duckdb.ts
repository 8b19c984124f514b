/**
 * DuckDB as Lumière uses it: one private database for one job, with bounded
 * memory, a folder of its own to spill to, progress, and a way to stop.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { StoppedError } from "../base/errors.ts";
import type { DataContext } from "./context.ts";

/** Bytes DuckDB may hold before it writes to its temporary folder. */
const MEMORY_LIMIT = 2e9;

/** Milliseconds between two reports of progress. */
const PROGRESS_INTERVAL = 250;

/** A database for one job, and a folder that goes away with it. */
export interface Workbench {
  readonly connection: DuckDBConnection;
  /** For downloads and links; removed when the job ends. */
  readonly folder: string;
  /** Rows of a query, as JavaScript values. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

/**
 * Runs a job with a database of its own; everything it made is gone afterwards, also when it fails.
 * @throws StoppedError where the context's signal stops it
 */
export async function withDuckDB<Result>(
  context: DataContext,
  job: (workbench: Workbench) => Promise<Result>,
): Promise<Result> {
  const { signal, threads = availableParallelism() } = context;
  const folder = await mkdtemp(join(tmpdir(), "lumiere-"));
  try {
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: `${Math.floor(Math.min(MEMORY_LIMIT, totalmem() / 2) / 1e6)}MB`,
      temp_directory: join(folder, "spill"),
      threads: String(threads),
      // A result must not depend on the number of threads.
      preserve_insertion_order: "true",
    });
    const connection = await instance.connect();
    const stop = () => connection.interrupt();
    signal?.addEventListener("abort", stop, { once: true });
    const stopReporting = reportProgress(connection, context);
    try {
      // Dates without a zone are UTC everywhere, whatever the machine's clock says.
      await connection.run("SET TimeZone = 'UTC'");
      await connection.run("SET enable_progress_bar = true; SET enable_progress_bar_print = false");
      // Held in memory compressed: rows that are staged (SQLite's) repeat their ids' text.
      await connection.run("ATTACH ':memory:' AS stage (COMPRESS); USE stage");
      const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
      return await job({ connection, folder, rows });
    } catch (error) {
      if (signal?.aborted) throw new StoppedError("stopped while reading data");
      throw error;
    } finally {
      stopReporting();
      signal?.removeEventListener("abort", stop);
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tells the context how far the running query is; returns how to stop telling. */
function reportProgress(connection: DuckDBConnection, { progress }: DataContext): () => void {
  const timer = setInterval(() => {
    const { percentage, rows_processed: done, total_rows_to_process: total } = connection.progress;
    if (percentage <= 0 || done <= 0n) return;
    progress({ stage: "read", done: Number(done), total: Number(total), unit: "rows" });
  }, PROGRESS_INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What DuckDB said, without the list of its own options. */
export function duckDBMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/\n\s*(Possible (fixes|Solution)|LINE \d+:|For more info)[\s\S]*$/, "")
    .replace(/\s+/g, " ")
    .trim();
}
