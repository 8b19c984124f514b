/** Recall of rare and of popular items apart. */
import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "preact/hooks";
import type { Comparison } from "../../../../src/studio/schemas.ts";
import { Chart } from "../../parts/chart.tsx";
import { count, figure, tick } from "../../parts/format.ts";
import { cutOf, metricName } from "../../parts/metric-name.ts";

export function PopularityBars({ comparison }: { comparison: Comparison }) {
  const { models, metric } = comparison;
  const key = `recall@${cutOf(metric)}`;
  const shown = useMemo(
    () => models.filter(({ byPopularity }) => byPopularity && key in byPopularity.recall),
    [models, key],
  );
  const groups = useMemo(() => shown[0]?.byPopularity?.groups ?? [], [shown]);
  const option = useMemo(
    (): EChartsCoreOption => ({
      grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
      legend: { type: "scroll", top: 0 },
      tooltip: { trigger: "axis", valueFormatter: (value: number) => figure(value) },
      xAxis: {
        type: "category",
        data: groups.map(({ least, most }) => `${count(least)}–${count(most)}`),
        axisTick: { show: false },
      },
      yAxis: { type: "value", axisLabel: { formatter: tick, hideOverlap: true } },
      series: shown.map(({ label, byPopularity }) => ({
        type: "bar",
        name: label,
        data: byPopularity!.recall[key],
        itemStyle: { borderRadius: [3, 3, 0, 0] },
      })),
    }),
    [shown, groups, key],
  );
  if (groups.length === 0) return null;
  return (
    <section class="card">
      <h2>{metricName(key, comparison.evaluation.sampled)} by popularity</h2>
      <Chart
        label={shown
          .map(
            ({ label, byPopularity }) =>
              `${label}: ${byPopularity!.recall[key]!.map((value) => figure(value)).join(", ")}`,
          )
          .join("; ")}
        option={option}
      />
      <p class="muted small">
        Items by their training interactions, each group with the same number of them in all: rare
        items left, popular ones right.
      </p>
    </section>
  );
}
