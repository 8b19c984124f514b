/** Loss and validation metric by epoch, one above the other under one cursor. */
import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "preact/hooks";
import type { Comparison } from "../../../../src/studio/schemas.ts";
import { Chart } from "../../parts/chart.tsx";
import { useColours } from "../../parts/colours.ts";
import { figure, tick } from "../../parts/format.ts";
import { metricName } from "../../parts/metric-name.ts";

export function Curves({ comparison }: { comparison: Comparison }) {
  const { models, metric } = comparison;
  const { sampled } = comparison.evaluation;
  const { series: colours } = useColours();
  const trained = useMemo(() => models.filter(({ curve }) => curve.length > 0), [models]);
  const option = useMemo((): EChartsCoreOption => {
    const lines = (
      axis: number,
      figureOf: (epoch: (typeof trained)[number]["curve"][number]) => number | undefined,
    ) =>
      models.flatMap(({ label, curve }, at) =>
        curve.length === 0
          ? []
          : [
              {
                type: "line",
                name: label,
                xAxisIndex: axis,
                yAxisIndex: axis,
                showSymbol: false,
                symbolSize: 5,
                itemStyle: { color: colours[at % colours.length] },
                data: curve.flatMap((epoch) => {
                  const value = figureOf(epoch);
                  return value === undefined ? [] : [[epoch.epoch, value]];
                }),
              },
            ],
      );
    const last = Math.max(1, ...trained.map(({ curve }) => curve.at(-1)!.epoch));
    const x = (axis: number) => ({
      type: "value",
      gridIndex: axis,
      min: 0,
      max: last,
      axisLabel: { show: axis === 1 },
      ...(axis === 1 && { name: "epoch", nameLocation: "middle", nameGap: 26 }),
    });
    const y = (axis: number, name: string) => ({
      type: "value",
      gridIndex: axis,
      scale: true,
      name,
      nameTextStyle: { align: "left" },
      axisLabel: { formatter: tick, hideOverlap: true },
    });
    return {
      legend: { type: "scroll", top: 0 },
      tooltip: { trigger: "axis", valueFormatter: (value: number) => figure(value) },
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      grid: [
        { left: 56, right: 16, top: 58, height: "30%" },
        { left: 56, right: 16, bottom: 44, height: "30%" },
      ],
      xAxis: [x(0), x(1)],
      yAxis: [y(0, "loss"), y(1, `validation ${metricName(metric, sampled)}`)],
      series: [
        ...lines(0, ({ loss }) => loss),
        ...lines(1, ({ validation }) => validation?.[metric]),
      ],
    };
  }, [models, trained, metric, sampled, colours]);
  if (trained.length === 0) return null;
  return (
    <section class="card">
      <h2>Training</h2>
      <Chart
        label={trained
          .map(
            ({ label, curve, bestEpochs }) =>
              `${label}: ${curve.length} epochs, loss ${figure(curve.at(-1)?.loss)} at the end, epoch ${bestEpochs[0] ?? "–"} kept`,
          )
          .join("; ")}
        option={option}
        height="26rem"
      />
    </section>
  );
}
