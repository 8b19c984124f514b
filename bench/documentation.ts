/**
 * Keeps the tables of `docs/benchmarks.md` equal to the results.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchFolder } from "./contenders.ts";

const path = join(benchFolder, "..", "docs", "benchmarks.md");

/** Writes a suite's report between `<!-- bench:SUITE -->` and `<!-- end -->`. */
export function updateDocumentation(suite: string, report: string): void {
  writeFileSync(path, withReport(readFileSync(path, "utf8"), suite, report));
}

/**
 * The documents with a suite's report in its block. Tables of the same machine that the report
 * lacks stay as they are: raw results do not travel with the repository, the documents do.
 * @throws Error where there is no such block
 */
export function withReport(text: string, suite: string, report: string): string {
  const opening = `<!-- bench:${suite} -->`;
  const begin = text.indexOf(opening);
  const end = text.indexOf("<!-- end -->", begin);
  if (begin < 0 || end < 0) throw new Error(`${path} has no block ${opening} … <!-- end -->`);
  const body = report.split("\n").slice(1).join("\n").replaceAll("\n## ", "\n### ");
  const fresh = sections(body);
  const known = sections(text.slice(begin + opening.length, end));
  const kept = processor(known.head) === processor(fresh.head) ? known.tables : [];
  // In the order of the documents, then what is new.
  const all = new Map([...kept, ...fresh.tables].map(({ title, text }) => [title, text]));
  const block = [opening, fresh.head, ...all.values()].join("\n\n").replace("\n\n", "\n");
  return `${text.slice(0, begin)}${block}\n${text.slice(end)}`;
}

/** What stands before the first table, and each table with its heading. */
function sections(body: string): { head: string; tables: { title: string; text: string }[] } {
  const [head = "", ...tables] = body.split(/\n(?=### )/);
  return {
    head: head.trim(),
    tables: tables.map((table) => ({ title: table.split("\n")[0]!, text: table.trim() })),
  };
}

/** The machine's line up to what changes from run to run. */
function processor(head: string): string {
  return head.trim().split(" · ")[0]!;
}
