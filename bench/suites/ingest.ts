/**
 * Reading generated ratings into an indexed dataset, beside pandas and DuckDB alone.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { middle, peakMemory, spread, timesOurs } from "../columns.ts";
import {
  type Contender,
  leftOutBelow,
  ours,
  peersFolder,
  pythonPeer,
  type Task,
  withoutPython,
} from "../contenders.ts";
import { ratingsFile, ratingsIn } from "../ratings-files.ts";
import type { Suite } from "../suite.ts";

const seconds = (milliseconds: number | undefined) =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

const duckdb: Contender = {
  key: "duckdb",
  title: "DuckDB alone",
  ours: false,
  missing: () => null,
  command: ({ folder, threads }) => [
    ...[process.execPath, join(peersFolder, "ingest-duckdb.ts")],
    ...[folder, "--threads", String(threads)],
  ],
};

/** pandas holds the whole file, so that what does not fit is left out, and why is printed. */
function pandas(key: string, title: string, form: string, bytesOfRating: number): Contender {
  return {
    ...pythonPeer(key, title, "ingest_pandas.py", ["--form", form]),
    missing: (task) => withoutPython() ?? withoutMemory(task, bytesOfRating),
  };
}

/** Why so many bytes a rating are too many here; null where they fit. */
export function withoutMemory(
  { folder: path }: Pick<Task, "folder">,
  bytesOfRating: number,
  free?: number,
): string | null {
  return leftOutBelow(bytesOfRating * ratingsIn(path), free);
}

export const ingest: Suite = {
  name: "ingest",
  summary: "a file of ratings to an indexed dataset (--datasets 20m-csv,100m-csv,20m-gzip,…)",
  datasets: ["20m-csv", "20m-gzip", "20m-parquet"],
  threads: [availableParallelism()],
  columns: [
    spread("seconds (spread)", (round) => seconds(round.runMs?.median)),
    timesOurs((round) => round.runMs),
    middle("processor seconds", (round) => seconds(round.processorMs)),
    peakMemory,
  ],
  variants: [
    {
      title: "",
      contenders: [
        ours("ours", "Lumière", "ingest.ts"),
        duckdb,
        // Peaks of 20 million ratings divided by them.
        pandas("pandas-arrow", "pandas, pyarrow", "arrow", 165),
        pandas("pandas", "pandas, its own parser", "c", 95),
      ],
    },
  ],
  async prepare(dataset) {
    const { path, interactions, megabytes } = await ratingsFile(dataset);
    return {
      folder: path,
      title: dataset,
      detail: `${interactions.toLocaleString("en")} ratings, ${megabytes.toLocaleString("en")} MB`,
    };
  },
};
