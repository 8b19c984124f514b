/** Loss and validation metric of a training, as far as it is. */
import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "preact/hooks";
import type { Job } from "../../../../src/studio/schemas/jobs.ts";
import { Chart } from "../../parts/chart.tsx";
import { figure, tick } from "../../parts/format.ts";
import { metricName } from "../../parts/metric-name.ts";

export function JobCurves({ job: { curve, sampled, name, state } }: { job: Job }) {
  const label = (key: string) => (key === "loss" ? key : metricName(key, sampled));
  // A look may bring nothing new: the drawing stays as it is.
  const last = curve.at(-1)!.epoch;
  // The last epoch tells one curve from the next.
  const option = useMemo((): EChartsCoreOption => {
    const metric = curve
      .flatMap(({ figures }) => Object.keys(figures))
      .find((key) => key !== "loss");
    const line = (key: string, axis: number) => ({
      type: "line",
      name: label(key),
      yAxisIndex: axis,
      showSymbol: false,
      // A validation metric stays what it was until the next validation.
      data: curve.flatMap(({ epoch, figures }, at) => {
        const value = figures[key];
        return value === undefined || value === curve[at - 1]?.figures[key] ? [] : [[epoch, value]];
      }),
    });
    const axis = (name: string) => ({
      type: "value",
      scale: true,
      name,
      axisLabel: { formatter: tick, hideOverlap: true },
    });
    return {
      legend: { top: 0 },
      tooltip: { trigger: "axis", valueFormatter: (value: number) => figure(value) },
      grid: { left: 8, right: 8, top: 56, bottom: 24, containLabel: true },
      xAxis: { type: "value", name: "epoch", nameLocation: "middle", nameGap: 24, max: "dataMax" },
      yAxis:
        metric === undefined
          ? [axis("loss")]
          : [
              axis("loss"),
              {
                // The axis stands at the right edge.
                ...axis(label(metric)),
                nameTextStyle: { align: "right" },
                splitLine: { show: false },
              },
            ],
      series: [line("loss", 0), ...(metric === undefined ? [] : [line(metric, 1)])],
    };
  }, [name, state, last]);
  const { figures } = curve.at(-1)!;
  const said = Object.entries(figures).map(([key, value]) => `${label(key)} ${figure(value)}`);
  return <Chart label={`after epoch ${last}: ${said.join(", ")}`} option={option} height="15rem" />;
}
