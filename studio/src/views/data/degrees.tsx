/** How many users and items have how many interactions. */
import { useMemo } from "preact/hooks";
import type { Portrait } from "../../../../src/studio/schemas.ts";
import { Chart } from "../../parts/chart.tsx";
import { FigureHead } from "../../parts/figure-head.tsx";
import { count } from "../../parts/format.ts";

type Degrees = Portrait["perUser"];

const QUARTILES = ["Least", "Lower quartile", "Median", "Upper quartile", "Most"];

export function Degrees({ perUser, perItem }: Pick<Portrait, "perUser" | "perItem">) {
  const option = useMemo(
    () => distribution({ Users: perUser, Items: perItem }),
    [perUser, perItem],
  );
  const sides = [
    ["a user", perUser],
    ["an item", perItem],
  ] as const;
  return (
    <section class="card">
      <h2>Interactions of a user, and of an item</h2>
      <div class="degrees">
        <div>
          <Chart
            label={`Degree distributions on two logarithmic axes. Half of the users have ${perUser.quartiles[2]} interactions or more, the most active ${count(perUser.quartiles[4]!)}; half of the items ${perItem.quartiles[2]} or more, the most popular ${count(perItem.quartiles[4]!)}.`}
            option={option}
            height="19rem"
          />
          <p class="muted">
            Both axes are logarithmic. From about eight interactions on, neighbouring counts are
            gathered, and the height is the mean of theirs.
          </p>
        </div>
        <table>
          <thead>
            <tr>
              <td />
              {sides.map(([side]) => (
                <FigureHead key={side}>Of {side}</FigureHead>
              ))}
            </tr>
          </thead>
          <tbody>
            {QUARTILES.map((name, at) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {sides.map(([side, { quartiles }]) => (
                  <td class="figure" key={side}>
                    {count(quartiles[at]!)}
                  </td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">Mean</th>
              {sides.map(([side, { mean }]) => (
                <td class="figure" key={side}>
                  {mean.toFixed(1)}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

function distribution(sides: Readonly<Record<string, Degrees>>) {
  const symbols = ["circle", "diamond"];
  return {
    legend: { top: 0, data: Object.keys(sides) },
    grid: { left: 56, right: 16, top: 40, bottom: 44 },
    tooltip: {
      formatter: ({ seriesName, data }: { seriesName: string; data: [number, number, string] }) =>
        `${seriesName} with ${data[2]}`,
    },
    xAxis: { type: "log", name: "interactions", nameLocation: "middle", nameGap: 26, min: 1 },
    yAxis: { type: "log", name: "users or items", nameLocation: "middle", nameGap: 40 },
    series: Object.entries(sides).map(([name, { bins }], at) => ({
      name,
      type: "scatter",
      symbol: symbols[at],
      symbolSize: 8,
      itemStyle: { opacity: 0.8 },
      data: bins.map(({ from, to, nodes }) => [
        Math.sqrt(from * to),
        nodes / (to - from + 1),
        `${from === to ? count(from) : `${count(from)} to ${count(to)}`} interactions: ${count(nodes)}`,
      ]),
    })),
  };
}
