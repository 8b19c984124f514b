/**
 * Where a command writes when nobody says where.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { record } from "./experiment-flags.ts";

/**
 * A folder in lumiere-runs that no earlier run has used, named for the data and for what is done.
 * @param data the `data` of an experiment, as it was written
 */
export function freshFolder(data: unknown, what: string): string {
  const { data: source } = record(data);
  const name = basename(typeof source === "string" ? source : "data")
    .replace(/\.[a-z.]+$/i, "")
    .replace(/[^\w-]+/g, "-")
    .slice(0, 40);
  const moment = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const folder = join("lumiere-runs", `${name || "data"}-${what}-${moment}`);
  return existsSync(folder) ? `${folder}-${process.pid}` : folder;
}
