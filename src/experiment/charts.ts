/**
 * The pictures of a run's report.
 *
 * @module
 */

import type { EpochRecord } from "../training/fit.ts";
import { axis, colour, draw } from "./drawing.ts";
import { metricLabel } from "./metric-label.ts";

/**
 * Loss and validation metric by epoch.
 * @param judged the validation metric that picked the epoch, for instance "ndcg@20", and whether it
 *   ranks a few candidates and not all items
 */
export function curvesChart(
  curve: readonly EpochRecord[],
  { metric, sampled }: { readonly metric: string; readonly sampled: boolean },
  bestEpoch: number | null,
): string {
  const validated = curve.flatMap(({ epoch, validation }) =>
    validation?.[metric] === undefined ? [] : [[epoch, validation[metric]]],
  );
  const name = metricLabel(metric, sampled);
  const best = bestEpoch === null || validated.length === 0 ? [] : [{ xAxis: bestEpoch }];
  return draw(
    "curves",
    {
      grid: { left: 64, right: 68, top: 44, bottom: 46 },
      legend: {
        top: 4,
        itemGap: 36,
        icon: "roundRect",
        itemWidth: 14,
        itemHeight: 4,
        textStyle: { color: colour("ink"), fontSize: 12 },
      },
      xAxis: {
        type: "value",
        min: 0,
        max: Math.max(1, curve.at(-1)?.epoch ?? 1),
        ...axis("epoch"),
        nameGap: 28,
        splitLine: { show: false },
      },
      yAxis: [
        { type: "value", scale: true, ...axis("training loss"), nameGap: 46 },
        ...(validated.length > 0
          ? [
              {
                type: "value",
                scale: true,
                ...axis(`validation ${name}`),
                nameGap: 50,
                splitLine: { show: false },
              },
            ]
          : []),
      ],
      series: [
        {
          name: "training loss",
          type: "line",
          data: curve.map(({ epoch, loss }) => [epoch, loss]),
          showSymbol: curve.length < 3,
          lineStyle: { color: colour("first"), width: 2 },
          itemStyle: { color: colour("first") },
        },
        ...(validated.length > 0
          ? [
              {
                name: `validation ${name}`,
                type: "line",
                yAxisIndex: 1,
                data: validated,
                symbol: "circle",
                symbolSize: validated.length > 40 ? 0 : 5,
                lineStyle: { color: colour("second"), width: 2 },
                itemStyle: { color: colour("second") },
                markLine: {
                  silent: true,
                  symbol: "none",
                  lineStyle: { color: colour("second"), type: "dashed", width: 1 },
                  label: {
                    formatter: `best epoch ${bestEpoch}`,
                    color: colour("second"),
                    position: "insideEndBottom",
                    fontSize: 11,
                    rotate: 0,
                    distance: [6, 8],
                  },
                  data: best,
                },
              },
            ]
          : []),
      ],
    },
    760,
    340,
    `Training loss and validation ${name} by epoch`,
  );
}

/** How many users (items) have how many interactions, on logarithmic axes. */
export function degreeChart(userDegrees: Int32Array, itemDegrees: Int32Array): string {
  const points = (degrees: Int32Array): [number, number][] => {
    const counts = new Map<number, number>();
    for (const degree of degrees) if (degree > 0) counts.set(degree, (counts.get(degree) ?? 0) + 1);
    return [...counts].sort(([a], [b]) => a - b);
  };
  const series = (
    name: string,
    degrees: Int32Array,
    shade: "first" | "second",
    symbol: string,
  ) => ({
    name,
    type: "scatter",
    data: points(degrees),
    symbol,
    symbolSize: 6,
    itemStyle: { color: colour(shade), opacity: 0.65 },
  });
  return draw(
    "degrees",
    {
      grid: { left: 64, right: 20, top: 44, bottom: 46 },
      legend: {
        top: 4,
        itemGap: 36,
        itemWidth: 10,
        itemHeight: 10,
        textStyle: { color: colour("ink"), fontSize: 12 },
      },
      xAxis: { type: "log", ...axis("interactions"), nameGap: 28 },
      yAxis: { type: "log", ...axis("how many have that number"), nameGap: 46 },
      series: [
        series("users", userDegrees, "second", "circle"),
        series("items", itemDegrees, "first", "diamond"),
      ],
    },
    760,
    340,
    "Number of users and of items by their number of interactions, both axes logarithmic",
  );
}
