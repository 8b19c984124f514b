/**
 * The pictures of a search.
 *
 * @module
 */

import { axis, colour, draw } from "../drawing.ts";
import type { Dimension } from "./space.ts";
import type { Trial } from "./trials-log.ts";
import { judgedBy, lastOfEach, type Tuning } from "./tuning.ts";

/** Pictures as SVG text. */
export interface TuningPictures {
  /** The metric over the trials, with the best so far. */
  readonly history: string;
  /** Each hyperparameter against the metric. */
  readonly dimensions: readonly { readonly name: string; readonly picture: string }[];
  /** All of them at once; null where there is one only. */
  readonly parallel: string | null;
}

type Judged = Trial & { readonly value: number };

const judged = (trials: readonly Trial[]): Judged[] =>
  trials.flatMap((trial) => (trial.value === null ? [] : [{ ...trial, value: trial.value }]));

/** Every picture of a search. */
export function tuningPictures(tuning: Tuning): TuningPictures {
  return {
    history: history(tuning),
    dimensions: tuning.space.map((dimension) => ({
      name: dimension.name,
      picture: against(tuning, dimension),
    })),
    parallel: tuning.space.length > 1 ? parallel(tuning) : null,
  };
}

const label = (tuning: Tuning): string => `validation ${judgedBy(tuning)}`;

const point = (trial: Judged, best: number | undefined) => ({
  itemStyle:
    trial.trial === best
      ? { color: colour("first"), opacity: 1 }
      : { color: colour("second"), opacity: 0.6 },
  symbolSize: trial.trial === best ? 11 : 7,
});

function history(tuning: Tuning): string {
  const trials = judged(tuning.trials);
  let most = -Infinity;
  const running = trials.map(({ trial, value }) => {
    most = Math.max(most, value);
    return [trial, most];
  });
  const last = tuning.trials.length;
  if (running.length > 0) running.push([last, most]);
  return draw(
    "trials",
    {
      grid: { left: 70, right: 20, top: 44, bottom: 46 },
      legend: {
        top: 4,
        itemGap: 36,
        itemWidth: 14,
        itemHeight: 8,
        textStyle: { color: colour("ink"), fontSize: 12 },
      },
      xAxis: {
        type: "value",
        min: 0,
        max: Math.max(1, last),
        minInterval: 1,
        ...axis("trial"),
        nameGap: 28,
        splitLine: { show: false },
      },
      yAxis: { type: "value", scale: true, ...axis(label(tuning)), nameGap: 52 },
      series: [
        {
          name: "a trial",
          type: "scatter",
          itemStyle: { color: colour("second"), opacity: 0.6 },
          data: trials.map((trial) => ({
            value: [trial.trial, trial.value],
            ...point(trial, tuning.best?.trial),
          })),
        },
        {
          name: "best so far",
          type: "line",
          step: "end",
          showSymbol: false,
          data: running,
          lineStyle: { color: colour("first"), width: 2 },
          itemStyle: { color: colour("first") },
        },
      ],
    },
    760,
    340,
    `${label(tuning)} of ${last} trials, and the best so far`,
  );
}

/** Where a dimension's values stand: a logarithmic, linear or named scale. */
function scale(dimension: Dimension) {
  if (dimension.kind === "choice") {
    return { type: "category", data: dimension.choices.map(String), axisLabel: {} };
  }
  const { low, high, log } = dimension;
  return { type: log ? "log" : "value", min: low, max: high, axisLabel: { formatter: tick } };
}

/** An axis with its look and its scale. */
function onScale<Look extends { readonly axisLabel: object }>(look: Look, dimension: Dimension) {
  const own = scale(dimension);
  return { ...look, ...own, axisLabel: { ...look.axisLabel, ...own.axisLabel } };
}

/** 1e-7 is read at a glance, 0.0000001 is counted. */
function tick(value: number): string {
  const size = Math.abs(value);
  return value !== 0 && (size < 1e-3 || size >= 1e5)
    ? value.toExponential().replace("e+", "e")
    : String(value);
}

function valueOn(dimension: Dimension, { settings }: Trial): string | number | null {
  const value = settings[dimension.name];
  if (value === undefined) return null;
  return dimension.kind === "choice" ? String(value) : Number(value);
}

function against(tuning: Tuning, dimension: Dimension): string {
  const trials = judged(lastOfEach(tuning.trials));
  const points = trials.flatMap((trial) => {
    const at = valueOn(dimension, trial);
    return at === null ? [] : [{ value: [at, trial.value], ...point(trial, tuning.best?.trial) }];
  });
  return draw(
    `against-${dimension.name}`,
    {
      grid: { left: 66, right: 18, top: 14, bottom: 44 },
      xAxis: { ...onScale(axis(dimension.name), dimension), nameGap: 26 },
      yAxis: { type: "value", scale: true, ...axis(label(tuning)), nameGap: 50 },
      series: [{ type: "scatter", data: points }],
    },
    420,
    260,
    `${label(tuning)} against ${dimension.name}, one point for each setting that was tried`,
  );
}

function parallel(tuning: Tuning): string {
  const trials = judged(lastOfEach(tuning.trials)).sort((a, b) => a.value - b.value);
  const good = trials.slice(-Math.ceil(0.15 * trials.length));
  const look = {
    nameLocation: "end",
    nameTextStyle: { color: colour("ink"), fontSize: 12 },
    axisLabel: { color: colour("muted"), fontSize: 11, hideOverlap: true },
    axisLine: { lineStyle: { color: colour("line") } },
    axisTick: { show: false },
  };
  const axes = [
    ...tuning.space.map((each) => ({ ...onScale(look, each), name: each.name })),
    { ...look, name: judgedBy(tuning), type: "value", scale: true },
  ];
  const line = (trial: Judged) => {
    const best = trial.trial === tuning.best?.trial;
    const shade = best ? "first" : good.includes(trial) ? "second" : "muted";
    return {
      // "-" is how ECharts writes a value that does not exist.
      value: [...tuning.space.map((dimension) => valueOn(dimension, trial) ?? "-"), trial.value],
      lineStyle: {
        color: colour(shade),
        width: best ? 3 : 1.3,
        opacity: best ? 1 : shade === "second" ? 0.8 : 0.3,
      },
    };
  };
  return draw(
    "parallel",
    {
      parallel: { left: 50, right: 80, top: 40, bottom: 30 },
      parallelAxis: axes.map((each, dim) => ({ dim, ...each })),
      series: [{ type: "parallel", smooth: 0.15, data: trials.map(line) }],
    },
    Math.max(760, 120 * axes.length),
    360,
    `Settings and ${label(tuning)} of every trial as lines; the best stands out`,
  );
}
