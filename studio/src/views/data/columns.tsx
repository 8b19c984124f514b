/** Interactions by rating, and by time. */
import { useMemo } from "preact/hooks";
import type { Portrait } from "../../../../src/studio/schemas.ts";
import { Chart } from "../../parts/chart.tsx";
import { count, percent } from "../../parts/format.ts";

interface Column {
  readonly name: string;
  readonly count: number;
}

const columns = (columns: readonly Column[]) => ({
  grid: { left: 8, right: 8, top: 12, bottom: 8, containLabel: true },
  tooltip: {
    trigger: "axis",
    formatter: ([{ dataIndex }]: { dataIndex: number }[]) => {
      const column = columns[dataIndex!]!;
      return `${column.name}: ${count(column.count)}`;
    },
  },
  xAxis: { type: "category", data: columns.map(({ name }) => name), axisTick: { show: false } },
  yAxis: { type: "value", axisLabel: { formatter: (value: number) => short(value) } },
  series: [{ type: "bar", data: columns.map(({ count }) => count), barCategoryGap: "15%" }],
});

const short = (value: number): string =>
  value.toLocaleString("en", { notation: "compact", maximumFractionDigits: 1 });

const most = (columns: readonly Column[]): Column =>
  columns.reduce((most, column) => (column.count > most.count ? column : most));

export function Ratings({ bins }: { bins: NonNullable<Portrait["valueHistogram"]> }) {
  const named = useMemo(
    () =>
      bins.map(({ from, to, count }) => ({
        name: from === to ? String(from) : `${from.toPrecision(3)} to ${to.toPrecision(3)}`,
        count,
      })),
    [bins],
  );
  const option = useMemo(() => columns(named), [named]);
  const total = named.reduce((sum, { count }) => sum + count, 0);
  const top = most(named);
  return (
    <section class="card">
      <h2>Ratings</h2>
      <Chart
        label={`Histogram of ratings: ${named.map(({ name, count }) => `${name}: ${percent(count / total)}`).join(", ")}`}
        option={option}
        height="16rem"
      />
      <p class="muted">
        The most frequent rating is {top.name}, with {percent(top.count / total)} of them.
      </p>
    </section>
  );
}

const NAMES: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  day: { day: "numeric", month: "short", year: "numeric" },
  week: { day: "numeric", month: "short", year: "numeric" },
  month: { month: "short", year: "numeric" },
  year: { year: "numeric" },
};

export function Activity({ activity }: { activity: NonNullable<Portrait["activity"]> }) {
  const { unit, bins, untimed } = activity;
  const named = useMemo(() => {
    const format = new Intl.DateTimeFormat("en-GB", { ...NAMES[unit], timeZone: "UTC" });
    return bins.map(({ from, count }) => ({ name: format.format(from * 1000), count }));
  }, [unit, bins]);
  const option = useMemo(() => columns(named), [named]);
  const top = most(named);
  return (
    <section class="card">
      <h2>Activity over time</h2>
      <Chart
        label={`Interactions in each ${unit} from ${named[0]!.name} to ${named.at(-1)!.name}; the most, ${count(top.count)}, in that of ${top.name}.`}
        option={option}
        height="16rem"
      />
      <p class="muted">
        A column is a {unit}. The busiest is that of {top.name}, with {count(top.count)}{" "}
        interactions.
        {untimed > 0 && <> {count(untimed)} without a usable time are left out.</>}
      </p>
    </section>
  );
}
