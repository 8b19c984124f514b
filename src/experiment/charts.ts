/**
 * The pictures of a report as SVG text, drawn by ECharts without a browser.
 * Colours are CSS variables, so one picture serves light and dark pages.
 *
 * @module
 */

import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { EpochRecord } from "../training/fit.ts";
import { metricLabel } from "./metric-label.ts";

use([LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

/** Stand-ins that ECharts can calculate with, and the CSS variables that take their places. */
const palette = {
  ink: ["#101010", "--ink"],
  muted: ["#707070", "--muted"],
  line: ["#d0d0d0", "--line"],
  first: ["#b06010", "--first"],
  second: ["#106090", "--second"],
} as const;

const colour = (name: keyof typeof palette): string => palette[name][0];

const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

/** Values of the variables, for a picture that stands alone. */
const OWN_COLOURS = `<style>
:root{--ink:#1d1b18;--muted:#6f6a62;--line:#dcd7cd;--first:#b4540a;--second:#1f6f8b;--paper:#fffdf9}
@media(prefers-color-scheme:dark){:root{--ink:#f1ece3;--muted:#a39c90;--line:#3a362f;--first:#f2a65a;--second:#7cc4dd;--paper:#191713}}
svg{background:var(--paper)}
</style>`;

/** @param name begins every id, so that two pictures can share a page */
function draw(
  name: string,
  option: EChartsCoreOption,
  width: number,
  height: number,
  label: string,
): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, color: colour("muted") },
      ...option,
    });
    let svg = chart.renderToSVGString({ useViewBox: true });
    for (const [standIn, variable] of Object.values(palette)) {
      svg = svg.replaceAll(standIn, `var(${variable})`);
    }
    svg = svg.replaceAll(/\bzr\d+-/g, `${name}-`);
    return svg.replace("<svg ", `<svg role="img" aria-label="${label}" `);
  } finally {
    chart.dispose();
  }
}

/** A picture that carries its own colours, for a file. */
export function standalone(svg: string): string {
  return svg.replace(/(<svg [^>]*>)/, `$1${OWN_COLOURS}`);
}

const axis = (name: string) => ({
  name,
  nameLocation: "middle",
  nameTextStyle: { color: colour("muted"), fontSize: 12 },
  axisLabel: { color: colour("muted"), fontSize: 11, hideOverlap: true },
  axisLine: { show: true, lineStyle: { color: colour("line") } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: colour("line"), width: 0.6 } },
});

/**
 * Loss and validation metric by epoch.
 * @param metric name of the validation metric that picked the epoch, for instance "ndcg@20"
 */
export function curvesChart(
  curve: readonly EpochRecord[],
  metric: string,
  bestEpoch: number | null,
): string {
  const validated = curve.flatMap(({ epoch, validation }) =>
    validation?.[metric] === undefined ? [] : [[epoch, validation[metric]]],
  );
  const name = metricLabel(metric);
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
