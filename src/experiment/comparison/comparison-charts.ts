/**
 * The pictures of a comparison. A model has the same colour in all of them.
 *
 * @module
 */

import type { CustomSeriesRenderItem } from "echarts";
import { parseMetricKey } from "../../evaluation/metrics.ts";
import { axis, colour, draw, seriesColour } from "../drawing.ts";
import type { ComparedModel, Comparison } from "./comparison.ts";
import { labelOf, shownMetrics } from "./tables.ts";

/** Pictures as SVG text; null where there is nothing to draw. */
export interface ComparisonPictures {
  /** Bars with their intervals, one picture a metric. */
  readonly metrics: readonly { readonly key: string; readonly picture: string }[];
  /** Validation metric by epoch; null where no model has epochs. */
  readonly curves: string | null;
  /** The ranking metric against coverage. */
  readonly coverage: string | null;
  /** Recall of rare and of popular items. */
  readonly popularity: string | null;
}

const WIDTH = 760;

/** Every picture of a comparison. */
export function comparisonPictures(comparison: Comparison): ComparisonPictures {
  const bars = shownMetrics(comparison).filter((key) => !key.startsWith("coverage@"));
  return {
    metrics: bars.map((key) => ({ key, picture: barsWithIntervals(comparison, key) })),
    curves: curves(comparison),
    coverage: accuracyAgainstCoverage(comparison),
    popularity: recallByPopularity(comparison),
  };
}

const legend = {
  top: 4,
  type: "plain",
  itemGap: 20,
  icon: "roundRect",
  itemWidth: 14,
  itemHeight: 8,
  textStyle: { color: colour("ink"), fontSize: 12 },
};

/** Lines that a legend of so many names takes at most. */
const legendHeight = (models: readonly ComparedModel[]): number => {
  const letters = models.reduce((sum, { label }) => sum + label.length + 6, 0);
  return 24 * Math.ceil(letters / 95);
};

/** Pixels that a label beside a bar may take. */
const MOST_LABEL = 200;

const labelWidth = (models: readonly ComparedModel[]): number =>
  24 + Math.min(MOST_LABEL, 7 * Math.max(...models.map(({ label }) => label.length)));

/** A whisker from low to high with short ends, at the height of its bar. */
const whisker: CustomSeriesRenderItem = (_parameters, api) => {
  const row = api.value(0);
  const [left = 0, y = 0] = api.coord([api.value(1), row]);
  const [right = 0] = api.coord([api.value(2), row]);
  const style = { stroke: colour("ink"), lineWidth: 1.5 };
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: "line" as const,
    shape: { x1, y1, x2, y2 },
    style,
  });
  return {
    type: "group",
    children: [
      line(left, y, right, y),
      line(left, y - 4, left, y + 4),
      line(right, y - 4, right, y + 4),
    ],
  };
};

function barsWithIntervals(comparison: Comparison, key: string): string {
  const { models } = comparison;
  const figures = models.map(({ metrics }) => metrics[key]!);
  const label = labelOf(key, comparison);
  return draw(
    `bars-${key.replace("@", "-")}`,
    {
      grid: { left: labelWidth(models), right: 24, top: 12, bottom: 46 },
      xAxis: { type: "value", ...axis(label), nameGap: 28 },
      yAxis: {
        type: "category",
        inverse: true,
        data: models.map((model) => model.label),
        axisLabel: { color: colour("ink"), fontSize: 12, width: MOST_LABEL, overflow: "truncate" },
        axisLine: { lineStyle: { color: colour("line") } },
        axisTick: { show: false },
      },
      series: [
        {
          type: "bar",
          barMaxWidth: 22,
          data: figures.map(({ mean }, at) => ({
            value: mean,
            itemStyle: { color: seriesColour(at), opacity: 0.75 },
          })),
        },
        {
          type: "custom",
          renderItem: whisker,
          encode: { x: [1, 2], y: 0 },
          data: figures.flatMap(({ interval }, at) => (interval ? [[at, ...interval]] : [])),
          z: 5,
        },
      ],
    },
    WIDTH,
    80 + 32 * models.length,
    `${label} of ${models.length} models with 95 % intervals`,
  );
}

/** The metric that most models were stopped on. */
function validatedMetric(models: readonly ComparedModel[]): string | null {
  const counts = new Map<string, number>();
  for (const { hyperparameters, curve } of models) {
    const metric = hyperparameters.stopMetric;
    if (typeof metric !== "string" || !curve.some(({ validation }) => validation)) continue;
    counts.set(metric, (counts.get(metric) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function curves(comparison: Comparison): string | null {
  const { models } = comparison;
  const metric = validatedMetric(models);
  const lines = models
    .map((model, at) => ({
      model,
      at,
      points: model.curve.flatMap(({ epoch, loss, validation }) => {
        const value = metric === null ? loss : validation?.[metric];
        return value === undefined ? [] : [[epoch, value]];
      }),
    }))
    .filter(({ points }) => points.length > 0);
  if (lines.length === 0) return null;
  const shown = lines.map(({ model }) => model);
  const name = metric === null ? "training loss" : `validation ${labelOf(metric, comparison)}`;
  const top = 20 + legendHeight(shown);
  return draw(
    "curves",
    {
      grid: { left: 64, right: 24, top, bottom: 46 },
      legend,
      xAxis: { type: "value", ...axis("epoch"), nameGap: 28, splitLine: { show: false } },
      yAxis: { type: "value", scale: true, ...axis(name), nameGap: 46 },
      series: lines.map(({ model, at, points }) => ({
        name: model.label,
        type: "line",
        data: points,
        symbol: "circle",
        symbolSize: points.length > 40 ? 0 : 5,
        lineStyle: { color: seriesColour(at), width: 2 },
        itemStyle: { color: seriesColour(at) },
      })),
    },
    WIDTH,
    300 + top,
    `${name} by epoch of ${lines.length} models`,
  );
}

function accuracyAgainstCoverage(comparison: Comparison): string | null {
  const { models, metric } = comparison;
  const coverage = `coverage@${parseMetricKey(metric).k}`;
  if (!models.every(({ metrics }) => coverage in metrics)) return null;
  const label = labelOf(metric, comparison);
  return draw(
    "coverage",
    {
      grid: { left: 64, right: 96, top: 20, bottom: 46 },
      xAxis: { type: "value", ...axis(labelOf(coverage, comparison)), nameGap: 28 },
      yAxis: { type: "value", scale: true, ...axis(label), nameGap: 46 },
      series: models.map((model, at) => ({
        name: model.label,
        type: "scatter",
        symbolSize: 12,
        data: [[model.metrics[coverage]?.mean, model.metrics[metric]?.mean]],
        itemStyle: { color: seriesColour(at) },
        label: {
          show: true,
          position: "right",
          formatter: "{a}",
          color: colour("ink"),
          fontSize: 12,
        },
        labelLayout: { moveOverlap: "shiftY" },
      })),
    },
    WIDTH,
    360,
    `${label} against coverage of ${models.length} models`,
  );
}

function recallByPopularity(comparison: Comparison): string | null {
  const { models, metric } = comparison;
  const key = `recall@${parseMetricKey(metric).k}`;
  const groups = models.find(({ byPopularity }) => byPopularity)?.byPopularity?.groups;
  if (groups === undefined) return null;
  const top = 20 + legendHeight(models);
  const range = ({ least, most }: { least: number; most: number }) =>
    least === most ? `${least}` : `${least}–${most}`;
  return draw(
    "popularity",
    {
      grid: { left: 64, right: 24, top, bottom: 64 },
      legend,
      xAxis: {
        type: "category",
        ...axis("training interactions of an item (number of items)"),
        nameGap: 44,
        data: groups.map((group) => `${range(group)}\n(${group.items})`),
        splitLine: { show: false },
      },
      yAxis: { type: "value", ...axis(labelOf(key, comparison)), nameGap: 46 },
      series: models.map((model, at) => ({
        name: model.label,
        type: "bar",
        barGap: "10%",
        data: model.byPopularity?.recall[key] ?? [],
        itemStyle: { color: seriesColour(at), opacity: 0.85 },
      })),
    },
    WIDTH,
    320 + top,
    `${labelOf(key, comparison)} of rare and of popular items, ${models.length} models`,
  );
}
