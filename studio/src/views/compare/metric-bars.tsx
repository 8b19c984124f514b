/** One metric of every model, with its interval. */
import type { EChartsCoreOption } from "echarts/core";
import { useMemo, useState } from "preact/hooks";
import type { Comparison } from "../../../../src/studio/schemas.ts";
import { Chart } from "../../parts/chart.tsx";
import { useColours } from "../../parts/colours.ts";
import { figure, tick } from "../../parts/format.ts";
import { metricName } from "../../parts/metric-name.ts";

export function MetricBars({ comparison }: { comparison: Comparison }) {
  const { models, metric: ranking, definitions } = comparison;
  const { sampled } = comparison.evaluation;
  const [own, setOwn] = useState<string | null>(null);
  const metric = own !== null && own in definitions ? own : ranking;
  const { ink, series } = useColours();
  const option = useMemo((): EChartsCoreOption => {
    const names = models.map(({ label }) => label);
    const rows = models.map(({ metrics }) => metrics[metric]!);
    return {
      grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "none" },
        valueFormatter: (value: number) => figure(value),
      },
      xAxis: { type: "value", axisLabel: { formatter: tick, hideOverlap: true } },
      yAxis: { type: "category", data: names, inverse: true, axisTick: { show: false } },
      series: [
        {
          type: "bar",
          name: metricName(metric, sampled),
          barMaxWidth: 26,
          data: rows.map(({ mean }, at) => ({
            value: mean,
            itemStyle: { color: series[at % series.length], borderRadius: [0, 4, 4, 0] },
          })),
        },
        {
          type: "custom",
          tooltip: { show: false },
          data: rows.flatMap(({ interval }, at) => (interval ? [[at, ...interval]] : [])),
          encode: { x: [1, 2], y: 0 },
          z: 3,
          // A whisker from one end of the interval to the other.
          renderItem: (
            _parameters: unknown,
            api: { value(at: number): number; coord(point: number[]): number[] },
          ) => {
            const [left = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
            const [right = 0] = api.coord([api.value(2), api.value(0)]);
            const line = (x1: number, y1: number, x2: number, y2: number) => ({
              type: "line",
              shape: { x1, y1, x2, y2 },
              style: { stroke: ink, lineWidth: 1.5 },
            });
            return {
              type: "group",
              children: [
                line(left, y, right, y),
                line(left, y - 4, left, y + 4),
                line(right, y - 4, right, y + 4),
              ],
            };
          },
        },
      ],
    };
  }, [models, metric, sampled, ink, series]);
  return (
    <section class="card">
      <div class="row chart-head">
        <h2>{metricName(metric, sampled)}</h2>
        <label>
          <span class="unseen">Metric of the bars</span>
          <select value={metric} onChange={({ currentTarget }) => setOwn(currentTarget.value)}>
            {Object.keys(definitions).map((key) => (
              <option key={key} value={key}>
                {metricName(key, sampled)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Chart
        label={`${metricName(metric, sampled)}: ${models.map(({ label, metrics }) => `${label} ${figure(metrics[metric]?.mean)}`).join(", ")}`}
        option={option}
        height={`${3 + 2.6 * models.length}rem`}
      />
    </section>
  );
}
