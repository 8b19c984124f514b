/**
 * Keeps the tables of `docs/benchmarks.md` equal to the results.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchFolder } from "./contenders.ts";

const path = join(benchFolder, "..", "docs", "benchmarks.md");

/** Replaces what lies between `<!-- bench:SUITE -->` and `<!-- end -->` by a suite's report. */
export function updateDocumentation(suite: string, report: string): void {
  const text = readFileSync(path, "utf8");
  const opening = `<!-- bench:${suite} -->`;
  const begin = text.indexOf(opening);
  const end = text.indexOf("<!-- end -->", begin);
  if (begin < 0 || end < 0) throw new Error(`${path} has no block ${opening} … <!-- end -->`);
  const body = report.split("\n").slice(1).join("\n").replaceAll("\n## ", "\n### ").trim();
  writeFileSync(path, `${text.slice(0, begin)}${opening}\n${body}\n${text.slice(end)}`);
}
