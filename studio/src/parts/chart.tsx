/** One ECharts drawing with the page's colours, as wide as its place. */
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "preact/hooks";
import { useColours } from "./colours.ts";

use([
  AriaComponent,
  AxisPointerComponent,
  BarChart,
  CustomChart,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
]);

export interface ChartProps {
  /** What the drawing shows, for those who cannot see it. */
  readonly label: string;
  /** ECharts' own description; colours and fonts come from the page. Keep it stable with useMemo. */
  readonly option: EChartsCoreOption;
  /** CSS height. */
  readonly height?: string;
  /** Called with what was clicked. */
  readonly onSelect?: (item: { seriesName?: string; name: string; dataIndex: number }) => void;
}

export function Chart({ label, option, height = "20rem", onSelect }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  const colours = useColours();
  useEffect(() => {
    const chart = init(place.current!, theme(colours), { renderer: "svg" });
    chart.setOption({ animation: false, ...option });
    chart.on("click", ({ seriesName, name, dataIndex }) =>
      select.current?.({ name, dataIndex, ...(seriesName !== undefined && { seriesName }) }),
    );
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(place.current!);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [option, colours]);
  return <div class="chart" role="img" aria-label={label} ref={place} style={{ height }} />;
}

function theme({ ink, muted, line, card, series }: ReturnType<typeof useColours>) {
  const axis = {
    axisLine: { lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    axisLabel: { color: muted },
    nameTextStyle: { color: muted },
    splitLine: { lineStyle: { color: line } },
  };
  return {
    color: series,
    textStyle: { color: ink, fontFamily: "system-ui, sans-serif" },
    legend: { textStyle: { color: ink } },
    tooltip: { backgroundColor: card, borderColor: line, textStyle: { color: ink } },
    categoryAxis: axis,
    valueAxis: axis,
    logAxis: axis,
    timeAxis: axis,
  };
}
