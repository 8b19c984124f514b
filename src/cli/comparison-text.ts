/**
 * A comparison in words for the terminal.
 *
 * @module
 */

import type { Comparison } from "../experiment/comparison/comparison.ts";
import {
  leaderboard,
  TESTS_NOTE,
  type TextTable,
  testTable,
} from "../experiment/comparison/tables.ts";
import { table, wrap } from "./table.ts";

/** Tables wider than the terminal are for it to wrap. */
const WIDE = 10_000;

/** The whole comparison. */
export function comparisonText(comparison: Comparison): string {
  const { dataset, split, evaluation, warnings, files, tests } = comparison;
  const seeds = [...new Set(comparison.models.flatMap((model) => model.seeds))];
  return [
    wrap(
      `${comparison.models.length} models on ${dataset.title}. ${split.specification}: ${split.description}; seeds ${seeds.join(", ")}.`,
      92,
    ),
    wrap(
      `${evaluation.sampled ? "SAMPLED metrics, not comparable with full ranking" : "Every item ranked"}; ${evaluation.protocol.description}.`,
      92,
    ),
    "",
    aligned(leaderboard(comparison)),
    ...(tests.length > 0 ? ["", wrap(TESTS_NOTE, 92), "", aligned(testTable(comparison))] : []),
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

function aligned({ header, rows }: TextTable): string {
  return table([header, ...rows], { right: header.map((_, at) => at).slice(1), columns: WIDE });
}
