/**
 * Reading generated ratings into an indexed dataset, beside pandas and DuckDB alone.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { middle, peakMemory, spread, timesOurs } from "../columns.ts";
import { type Contender, ours, peersFolder, pythonPeer } from "../contenders.ts";
import { ratingsFile } from "../ratings-files.ts";
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
        pythonPeer("pandas-arrow", "pandas, pyarrow", "ingest_pandas.py", ["--form", "arrow"]),
        pythonPeer("pandas", "pandas, its own parser", "ingest_pandas.py", ["--form", "c"]),
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
