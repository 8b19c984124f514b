/**
 * Recall against users a second, one point an index.
 *
 * @module
 */

import type { IndexMeasurement } from "../src/artifact/item-index.ts";
import { axis, colour, draw, standalone } from "../src/experiment/drawing.ts";

/** One index, measured. */
export interface Line extends IndexMeasurement {
  readonly index: string;
  readonly buildSeconds: number;
}

export function retrievalChart(title: string, lines: readonly Line[]): string {
  const points = (kept: (line: Line) => boolean) =>
    lines.filter(kept).map((line) => ({
      value: [line.recall, Math.round(line.usersPerSecond)],
      name: line.index,
    }));
  const isLsh = (line: Line) => line.index.startsWith("LSH");
  const exact = lines.map((line) => line.exactUsersPerSecond).sort((a, b) => a - b);
  return standalone(
    draw(
      "retrieval",
      {
        grid: { left: 72, right: 24, top: 44, bottom: 46 },
        legend: { top: 4, textStyle: { color: colour("ink"), fontSize: 12 } },
        xAxis: { type: "value", min: 0, max: 1, ...axis("recall@10 against exact lists") },
        yAxis: { type: "log", ...axis("users a second") },
        series: [
          {
            name: "LSH",
            type: "scatter",
            symbolSize: 8,
            color: colour("first"),
            data: points(isLsh),
          },
          {
            name: "HNSW",
            type: "scatter",
            symbolSize: 12,
            color: colour("second"),
            data: points((line) => !isLsh(line)),
          },
          {
            name: "exact",
            type: "scatter",
            symbol: "diamond",
            symbolSize: 12,
            color: colour("ink"),
            data: [[1, Math.round(exact[exact.length >> 1]!)]],
          },
        ],
      },
      720,
      420,
      `Recall and speed of retrieval: ${title}`,
    ),
  );
}
