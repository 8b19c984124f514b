/**
 * Ingestion at scale: a generated file of 20 million ratings (CSV, gzip CSV and
 * Parquet) becomes an indexed dataset; seconds and peak memory of a fresh
 * process each. Goals: under 60 s and under 4 GB on 2 cores.
 *
 *   node bench/ingest.ts [--ratings 20000000] [--keep FOLDER]
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { quietContext } from "../src/data/context.ts";
import { literal, withDuckDB } from "../src/data/duckdb.ts";
import { ingest } from "../src/data/ingest.ts";
import { writeRatings } from "../src/data/write-ratings.ts";

/** What one measured process prints. */
interface Measurement {
  readonly seconds: number;
  /** Of all threads; unlike seconds it does not grow when others use the machine. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** Users and items of MovieLens 20M; scaled with the ratings below that. */
const SIZE = { users: 138_493, items: 26_744, interactions: 20_000_000 };

const { values } = parseArgs({
  options: {
    ratings: { type: "string", default: String(SIZE.interactions) },
    keep: { type: "string" },
    measure: { type: "string" },
    minRating: { type: "string" },
  },
});

if (values.measure === undefined) await compare(Number(values.ratings), values.keep);
else await measure(values.measure, values.minRating);

/** Reads one file and prints the measurement as JSON; runs in a process of its own. */
async function measure(path: string, minRating: string | undefined): Promise<void> {
  const started = performance.now();
  const filters = minRating === undefined ? {} : { minRating: Number(minRating) };
  const rows = await ingest({ kind: "path", path }, {}, filters, quietContext);
  const cpu = process.cpuUsage();
  const measurement: Measurement = {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: cpu.user / 1e6 + cpu.system / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    users: rows.users.size,
    items: rows.items.size,
    interactions: rows.interactions.users.length,
  };
  console.log(JSON.stringify(measurement));
}

async function compare(ratings: number, keep: string | undefined): Promise<void> {
  const folder = keep ?? (await mkdtemp(join(tmpdir(), "lumiere-bench-")));
  await mkdir(folder, { recursive: true });
  try {
    const files = await writeFiles(folder, ratings);
    console.log(
      `${ratings.toLocaleString("en")} ratings, ${availableParallelism()} threads, Node ${process.version}`,
    );
    console.log(
      "file                      MB   seconds     CPU s   peak MB     users    items  interactions",
    );
    for (const { label, path, flags } of files) {
      const output = execFileSync(
        process.execPath,
        [import.meta.filename, "--measure", path, ...flags],
        { encoding: "utf8" },
      );
      const { seconds, cpuSeconds, peakBytes, users, items, interactions }: Measurement =
        JSON.parse(output);
      const columns = [
        label.padEnd(20),
        mega((await stat(path)).size).padStart(7),
        seconds.toFixed(1).padStart(9),
        cpuSeconds.toFixed(1).padStart(9),
        mega(peakBytes).padStart(9),
        users.toLocaleString("en").padStart(9),
        items.toLocaleString("en").padStart(8),
        interactions.toLocaleString("en").padStart(13),
      ];
      console.log(columns.join(" "));
    }
  } finally {
    if (keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

function mega(bytes: number): string {
  return Math.round(bytes / 1e6).toLocaleString("en");
}

async function writeFiles(folder: string, ratings: number) {
  const scale = Math.min(1, ratings / SIZE.interactions);
  const csv = join(folder, `ratings-${ratings}.csv`);
  const gzip = `${csv}.gz`;
  const parquet = join(folder, `ratings-${ratings}.parquet`);
  if (!existsSync(csv)) {
    await writeRatings(csv, {
      users: Math.max(10, Math.round(SIZE.users * scale)),
      items: Math.max(1000, Math.round(SIZE.items * scale)),
      interactions: ratings,
    });
  }
  if (!existsSync(gzip)) {
    await pipeline(createReadStream(csv), createGzip({ level: 1 }), createWriteStream(gzip));
  }
  if (!existsSync(parquet)) {
    await withDuckDB(quietContext, async ({ connection }) => {
      await connection.run(`COPY (FROM read_csv(${literal(csv)})) TO ${literal(parquet)}`);
    });
  }
  return [
    { label: "CSV", path: csv, flags: [] },
    { label: "CSV, ratings ≥ 4", path: csv, flags: ["--minRating", "4"] },
    { label: "CSV, gzip", path: gzip, flags: [] },
    { label: "Parquet", path: parquet, flags: [] },
  ];
}
