/** What an epoch of training draws: liked items and unseen ones, by popularity. */
import { useMemo } from "preact/hooks";
import type { Portrait } from "../../../../src/studio/schemas.ts";
import { Chart } from "../../parts/chart.tsx";
import { FigureHead } from "../../parts/figure-head.tsx";
import { count, percent } from "../../parts/format.ts";
import { useQuery } from "../../parts/use-query.ts";

type Sampling = NonNullable<Portrait["sampling"]>;

const shares = (draws: readonly number[]): number[] => {
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  return draws.map((draw) => (total === 0 ? 0 : draw / total));
};

export function Sampling({ sampling }: { sampling: Sampling }) {
  const [query, change] = useQuery();
  const way = query.positives === "user" ? "user" : "interaction";
  const drawn =
    sampling.negatives.find(({ exponent }) => String(exponent) === query.exponent) ??
    sampling.negatives[0]!;
  const positives = useMemo(() => shares(sampling.positives[way]), [sampling, way]);
  const negatives = useMemo(() => shares(drawn.draws), [drawn]);
  const option = useMemo(() => bars({ positives, negatives }), [positives, negatives]);
  return (
    <section class="card">
      <h2>What training draws</h2>
      <div class="row">
        <label>
          <span>Positives</span>
          <select
            value={way}
            onChange={(event) =>
              change({ positives: event.currentTarget.value === "user" ? "user" : undefined })
            }
          >
            <option value="interaction">every interaction once</option>
            <option value="user">a user, then one of theirs</option>
          </select>
        </label>
        <label>
          <span>Negatives</span>
          <select
            value={String(drawn.exponent)}
            onChange={(event) =>
              change({
                exponent: event.currentTarget.value === "0" ? undefined : event.currentTarget.value,
              })
            }
          >
            {sampling.negatives.map(({ exponent }) => (
              <option key={exponent} value={String(exponent)}>
                {exponent === 0 ? "uniform" : `popularity, α = ${exponent}`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Chart
        label={`Share of the draws by decile of popularity. The most popular tenth of the items is ${percent(positives[0]!)} of the positives and ${percent(negatives[0]!)} of the negatives.`}
        option={option}
        height="18rem"
      />
      <p class="muted">
        The most popular tenth of the items makes up {percent(positives[0]!)} of the liked items
        drawn and {percent(negatives[0]!)} of the unseen ones beside them. Negatives are drawn in
        proportion to popularity to the power α, and never something the user has seen; in-batch
        negatives are drawn as the positives are.
      </p>
      <p class="muted">
        {count(sampling.drawn)} pairs with seed {sampling.seed}
        {sampling.drawn < sampling.pairs
          ? ` of the ${count(sampling.pairs)} of an epoch.`
          : ", a whole epoch."}
      </p>
      <details>
        <summary>The same as a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Tenth, the most popular first</th>
              <FigureHead>Items</FigureHead>
              <FigureHead>Positives</FigureHead>
              <FigureHead>Negatives</FigureHead>
            </tr>
          </thead>
          <tbody>
            {sampling.items.map((items, at) => (
              <tr key={at}>
                <th scope="row">{at + 1}</th>
                <td class="figure">{count(items)}</td>
                <td class="figure">{percent(positives[at]!)}</td>
                <td class="figure">{percent(negatives[at]!)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function bars(sides: { readonly positives: number[]; readonly negatives: number[] }) {
  return {
    legend: { top: 0 },
    grid: { left: 8, right: 8, top: 36, bottom: 28, containLabel: true },
    tooltip: { trigger: "axis", valueFormatter: (value: number) => percent(value) },
    xAxis: {
      type: "category",
      data: sides.positives.map((_, at) => String(at + 1)),
      axisTick: { show: false },
      name: "tenth of the items, the most popular first",
      nameLocation: "middle",
      nameGap: 26,
    },
    yAxis: { type: "value", axisLabel: { formatter: (value: number) => percent(value) } },
    series: [
      { name: "Positives", type: "bar", data: sides.positives },
      { name: "Negatives", type: "bar", data: sides.negatives },
    ],
  };
}
