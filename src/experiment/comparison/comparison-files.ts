/**
 * The files of a comparison: `comparison.json`, `comparison.md`, `comparison.html`,
 * `leaderboard.csv` and `tests.csv`.
 *
 * @module
 */

import { join } from "node:path";
import { writeFileAtomically } from "../../artifact/atomic.ts";
import type { Comparison } from "./comparison.ts";
import { comparisonPage } from "./comparison-page.ts";
import { comparisonMarkdown, leaderboardCsv, testsCsv } from "./tables.ts";

/** Writes the files into a folder. @returns the comparison, with the files that were written */
export async function writeComparison(folder: string, comparison: Comparison): Promise<Comparison> {
  // Loaded here: drawing is a large library that most commands never need.
  const { comparisonPictures } = await import("./comparison-charts.ts");
  const written: Comparison = {
    ...comparison,
    files: {
      comparison: join(folder, "comparison.json"),
      markdown: join(folder, "comparison.md"),
      page: join(folder, "comparison.html"),
      leaderboard: join(folder, "leaderboard.csv"),
      tests: join(folder, "tests.csv"),
    },
  };
  const texts: Readonly<Record<string, string>> = {
    "leaderboard.csv": leaderboardCsv(written),
    "tests.csv": testsCsv(written),
    "comparison.md": comparisonMarkdown(written),
    "comparison.html": comparisonPage(written, comparisonPictures(written)),
    "comparison.json": `${JSON.stringify(written, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(texts)) writeFileAtomically(join(folder, name), text);
  return written;
}
