/** How good against how varied: accuracy beside coverage, novelty or evenness. */
import type { EChartsCoreOption } from "echarts/core";
import { useMemo, useState } from "preact/hooks";
import type { Comparison } from "../../../../src/studio/schemas.ts";
import { Chart } from "../../parts/chart.tsx";
import { useColours } from "../../parts/colours.ts";
import { figure, tick } from "../../parts/format.ts";
import { cutOf, metricName } from "../../parts/metric-name.ts";

const BEYOND = ["coverage", "novelty", "gini", "averagePopularity"];

export function TradeOff({ comparison }: { comparison: Comparison }) {
  const { models, metric, definitions } = comparison;
  const { sampled } = comparison.evaluation;
  const known = BEYOND.map((name) => `${name}@${cutOf(metric)}`).filter(
    (key) => key in definitions,
  );
  const [own, setOwn] = useState<string | null>(null);
  const other = own !== null && known.includes(own) ? own : known[0];
  const { ink, series } = useColours();
  const option = useMemo((): EChartsCoreOption => {
    const axis = (key: string) => ({
      type: "value",
      scale: true,
      name: metricName(key, sampled),
      nameLocation: "middle",
      axisLabel: { formatter: tick, hideOverlap: true },
    });
    return {
      grid: { left: 24, right: 40, top: 24, bottom: 28, containLabel: true },
      tooltip: { valueFormatter: (value: number) => figure(value) },
      xAxis: { ...axis(other ?? metric), nameGap: 26 },
      yAxis: { ...axis(metric), nameGap: 38 },
      series: [
        {
          type: "scatter",
          symbolSize: 14,
          data: models.map(({ label, metrics }, at) => ({
            name: label,
            value: [metrics[other ?? metric]?.mean, metrics[metric]?.mean],
            itemStyle: { color: series[at % series.length] },
          })),
          label: { show: true, formatter: "{b}", position: "top", color: ink },
          labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
        },
      ],
    };
  }, [models, metric, other, sampled, ink, series]);
  if (other === undefined) return null;
  return (
    <section class="card">
      <div class="row chart-head">
        <h2>Accuracy against {metricName(other, sampled)}</h2>
        <label>
          <span class="unseen">Against</span>
          <select value={other} onChange={({ currentTarget }) => setOwn(currentTarget.value)}>
            {known.map((key) => (
              <option key={key} value={key}>
                {metricName(key, sampled)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Chart
        label={models
          .map(
            ({ label, metrics }) =>
              `${label}: ${metricName(metric, sampled)} ${figure(metrics[metric]?.mean)}, ${metricName(other, sampled)} ${figure(metrics[other]?.mean)}`,
          )
          .join("; ")}
        option={option}
      />
      <p class="muted small">{definitions[other]}</p>
    </section>
  );
}
