/**
 * A comparison in words for the terminal.
 *
 * @module
 */

import type { Comparison } from "../experiment/comparison/comparison.ts";
import { leaderboard, modelsText, TESTS_NOTE, testTable } from "../experiment/comparison/tables.ts";
import { alignedTable, wrap } from "./table.ts";

/** The whole comparison. */
export function comparisonText(comparison: Comparison): string {
  const { dataset, split, evaluation, warnings, files, tests } = comparison;
  const seeds = [...new Set(comparison.models.flatMap((model) => model.seeds))];
  return [
    wrap(
      `${modelsText(comparison.models)} on ${dataset.title}. ${split.specification}: ${split.description}; seeds ${seeds.join(", ")}.`,
      92,
    ),
    wrap(
      `${evaluation.sampled ? "SAMPLED metrics, not comparable with full ranking" : "Every item ranked"}; ${evaluation.protocol.description}.`,
      92,
    ),
    "",
    alignedTable(leaderboard(comparison)),
    ...(tests.length > 0
      ? ["", wrap(TESTS_NOTE, 92), "", alignedTable(testTable(comparison))]
      : []),
    ...(warnings.length > 0
      ? [
          "",
          "Before you believe a difference:",
          ...warnings.map((warning) => wrap(`- ${warning}`, 92, "  ")),
        ]
      : []),
    ...(files.page === undefined ? [] : ["", `Kept: ${Object.values(files).join(", ")}`]),
  ].join("\n");
}
