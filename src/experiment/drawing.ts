/**
 * Drawing with ECharts without a browser: SVG text whose colours are CSS
 * variables, so one picture serves light and dark pages.
 *
 * @module
 */

import { BarChart, CustomChart, LineChart, ParallelChart, ScatterChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  ParallelComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeText } from "./markup.ts";
import { seriesCount, seriesVariables } from "./series-colours.ts";

use([
  BarChart,
  CustomChart,
  LineChart,
  ParallelChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  ParallelComponent,
  SVGRenderer,
]);

/** Stand-ins that ECharts can calculate with, and the CSS variables that take their places. */
const palette = {
  ink: ["#101010", "--ink"],
  muted: ["#707070", "--muted"],
  line: ["#d0d0d0", "--line"],
  first: ["#b06010", "--first"],
  second: ["#106090", "--second"],
} as const;

/** The stand-in of a colour of the page. */
export const colour = (name: keyof typeof palette): string => palette[name][0];

/** The stand-in of the colour of the n-th model, from 0. */
export function seriesColour(index: number): string {
  return `#5e${String(index % seriesCount).padStart(2, "0")}e5`;
}

const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

/** Values of the variables, for a picture that stands alone. */
const OWN_COLOURS = `<style>
:root{--ink:#1d1b18;--muted:#6f6a62;--line:#dcd7cd;--first:#b4540a;--second:#1f6f8b;--paper:#fffdf9;${seriesVariables.light}}
@media(prefers-color-scheme:dark){:root{--ink:#f1ece3;--muted:#a39c90;--line:#3a362f;--first:#f2a65a;--second:#7cc4dd;--paper:#191713;${seriesVariables.dark}}}
svg{background:var(--paper)}
</style>`;

/**
 * A picture as SVG text.
 * @param name begins every id, so that two pictures can share a page
 * @param label what it shows, for those who cannot see it
 */
export function draw(
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
    svg = svg.replaceAll(/#5e0(\d)e5/g, "var(--series-$1)");
    svg = svg.replaceAll(/\bzr\d+-/g, `${name}-`);
    return svg.replace("<svg ", `<svg role="img" aria-label="${escapeText(label)}" `);
  } finally {
    chart.dispose();
  }
}

/** A picture that carries its own colours, for a file. */
export function standalone(svg: string): string {
  return svg.replace(/(<svg [^>]*>)/, `$1${OWN_COLOURS}`);
}

/** An axis in the style of the house. */
export const axis = (name: string) => ({
  name,
  nameLocation: "middle",
  nameTextStyle: { color: colour("muted"), fontSize: 12 },
  axisLabel: { color: colour("muted"), fontSize: 11, hideOverlap: true },
  axisLine: { show: true, lineStyle: { color: colour("line") } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: colour("line"), width: 0.6 } },
});
