/**
 * Memory and time by the size of the graph, both axes logarithmic: what is linear is straight.
 *
 * @module
 */

import { axis, draw, seriesColour, standalone } from "../src/experiment/drawing.ts";
import { type ScalePoint, type Stage, valuesOf } from "./scale-points.ts";

interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const stageNames: Readonly<Record<Stage, string>> = {
  ingestion: "ingestion",
  training: "training",
  evaluation: "evaluation of 10,000 users",
};

export function memoryChart(points: readonly ScalePoint[]): string {
  const curves = Object.entries(stageNames).map(([stage, name]) => {
    const peaks = valuesOf(points, stage as Stage, ({ peakBytes }) => peakBytes);
    return { name, points: peaks.map(([x, bytes]): [number, number] => [x, bytes / 2 ** 30]) };
  });
  return chart("scale-memory", "peak memory, GiB", curves);
}

export function secondsChart(points: readonly ScalePoint[]): string {
  const names = { ...stageNames, training: "a LightGCN step" };
  const curves = Object.entries(names).map(([stage, name]) => ({
    name,
    points: valuesOf(points, stage as Stage, ({ seconds }) => seconds),
  }));
  return chart("scale-seconds", "seconds", curves);
}

function chart(name: string, measure: string, curves: readonly Curve[]): string {
  const label = `${measure} by interactions`;
  return standalone(
    draw(
      name,
      {
        grid: { left: 72, right: 48, top: 44, bottom: 46 },
        legend: { top: 4 },
        xAxis: { type: "log", ...axis("interactions") },
        yAxis: { type: "log", ...axis(measure) },
        series: curves.map((curve, at) => ({
          name: curve.name,
          type: "line",
          symbolSize: 8,
          color: seriesColour(at),
          data: curve.points,
        })),
      },
      720,
      420,
      label,
    ),
  );
}
