/**
 * Generated files of ratings to read in: MovieLens 20M in shape, below `build/bench/ratings`,
 * where they stay for the next run.
 *
 * @module
 */

import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  statfsSync,
  statSync,
} from "node:fs";
import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { BadInputError } from "../src/base/errors.ts";
import { quietContext } from "../src/data/context.ts";
import { literal, withDuckDB } from "../src/data/duckdb.ts";
import { writeRatings } from "../src/data/write-ratings.ts";
import { buildFolder } from "./contenders.ts";

/** Users and items of MovieLens 20M; larger and smaller graphs are scaled alike. */
const shape = { users: 138_493, items: 26_744, interactions: 20_000_000 };

const formats = { csv: ".csv", gzip: ".csv.gz", parquet: ".parquet" } as const;
type Format = keyof typeof formats;

/** Of disk, at most: a rating as text, and again in the other formats or where DuckDB spills it. */
const diskBytesOfRating = 60;

/** A graph of so many interactions, like MovieLens 20M. */
export function graphOf(interactions: number) {
  const scale = interactions / shape.interactions;
  return {
    users: Math.max(10, Math.round(shape.users * scale)),
    items: Math.max(1000, Math.round(shape.items * scale)),
    interactions,
  };
}

/** The file that a name such as "20m-csv", "100m-gzip" or "1m-parquet" asks for, made on first use. */
export async function ratingsFile(name: string) {
  const [, millions, format] = /^(\d+)m-(csv|gzip|parquet)$/.exec(name) ?? [];
  if (!millions || !format) {
    throw new BadInputError(
      "bench-dataset",
      `no ratings file "${name}" to read; name the millions and the format: 20m-csv, 100m-gzip, 1m-parquet`,
    );
  }
  const folder = join(buildFolder, "ratings");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `ratings-${millions}m${formats[format as Format]}`);
  const interactions = Number(millions) * 1e6;
  const isNew = !existsSync(path);
  if (isNew) checkRoom(folder, name, interactions);
  if (isNew) await write(path, format as Format, folder, interactions);
  return { path, isNew, interactions, megabytes: Math.round(statSync(path).size / 1e6) };
}

/** Ratings in a file that `ratingsFile` made, by its name. */
export function ratingsIn(path: string): number {
  return 1e6 * Number(/^ratings-(\d+)m\./.exec(basename(path))?.[1]);
}

/** @throws BadInputError "disk" where the disk has no room for the file */
function checkRoom(folder: string, name: string, interactions: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const needed = diskBytesOfRating * interactions;
  if (needed <= bavail * bsize) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new BadInputError(
    "disk",
    `${name} takes up to ${gigabytes(needed)} below ${folder}, and ${gigabytes(bavail * bsize)} are free; ` +
      "make room there, or name a smaller file",
  );
}

async function write(path: string, format: Format, folder: string, interactions: number) {
  if (format === "csv") {
    await writeRatings(path, graphOf(interactions));
    return;
  }
  const { path: csv } = await ratingsFile(`${interactions / 1e6}m-csv`);
  const temporary = join(folder, `${process.pid}.tmp`);
  if (format === "gzip") {
    await pipeline(createReadStream(csv), createGzip({ level: 1 }), createWriteStream(temporary));
  } else {
    await withDuckDB(quietContext, async ({ connection }) => {
      await connection.run(
        `COPY (FROM read_csv(${literal(csv)})) TO ${literal(temporary)} (FORMAT parquet)`,
      );
    });
  }
  await rename(temporary, path);
}
