/**
 * The files of a report: `report.json`, `report.html` and, for models with
 * epochs, `curves.svg`.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../artifact/atomic.ts";
import { countByKey } from "../data/grouping.ts";
import type { CountedData } from "../data/statistics.ts";
import { PER_USER_FILE } from "./per-user-values.ts";
import type { Report } from "./report.ts";
import { reportPage } from "./report-page.ts";

const REPORT_FILE = "report.json";
const CURVES_FILE = "curves.svg";

/** Takes away the report of an earlier run, before anything else of the folder changes: where a report is, the rest is whole. */
export function withdrawReport(folder: string): void {
  rmSync(join(folder, REPORT_FILE), { force: true });
}

/**
 * Writes the report into a folder, `report.json` last: where it is, the rest is too. What an earlier
 * run wrote there and this one does not is removed.
 * @param bundle whether the folder holds the model too
 * @returns the report, with the files that were written
 */
export async function writeReport(
  folder: string,
  report: Report,
  dataset: CountedData,
  { bundle }: { readonly bundle: boolean },
): Promise<Report> {
  // Loaded here: drawing is a large library that most commands never need.
  const { curvesChart, degreeChart } = await import("./charts.ts");
  const { standalone } = await import("./drawing.ts");
  const judged = {
    metric: String(report.hyperparameters.stopMetric ?? ""),
    // A split's candidates are those of its validation and of its test.
    sampled: report.evaluation?.sampled ?? false,
  };
  const curves =
    report.curve.length > 0 ? curvesChart(report.curve, judged, report.bestEpoch) : null;
  const degrees = degreeChart(
    countByKey(dataset.interactions.users, dataset.users.size),
    countByKey(dataset.interactions.items, dataset.items.size),
  );
  const written: Report = {
    ...report,
    files: {
      ...(bundle && { bundle: join(folder, "bundle") }),
      ...(report.evaluation !== null && { perUser: join(folder, PER_USER_FILE) }),
      report: join(folder, REPORT_FILE),
      page: join(folder, "report.html"),
      ...(curves !== null && { curves: join(folder, CURVES_FILE) }),
    },
  };
  for (const [name, isCurrent] of [
    [CURVES_FILE, curves !== null],
    [PER_USER_FILE, report.evaluation !== null],
  ] as const) {
    if (!isCurrent) rmSync(join(folder, name), { force: true });
  }
  if (curves !== null) writeFileAtomically(join(folder, CURVES_FILE), standalone(curves));
  writeFileAtomically(join(folder, "report.html"), reportPage(written, { curves, degrees }));
  writeFileAtomically(join(folder, REPORT_FILE), `${JSON.stringify(written, null, 2)}\n`);
  return written;
}
