/** The counts that everybody asks for first. */
import type { Portrait } from "../../../../src/studio/schemas.ts";
import { count, percent } from "../../parts/format.ts";

const day = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });

export function Figures({ portrait }: { portrait: Portrait }) {
  const { title, users, items, interactions, density, itemGini, timeRange } = portrait;
  const { synthetic, filterNotes, source, licence } = portrait;
  const figures: readonly (readonly [string, string, string?])[] = [
    ["Users", count(users)],
    ["Items", count(items)],
    ["Interactions", count(interactions)],
    ["Density", percent(density), "of all pairs of a user and an item"],
    ["Gini of items", itemGini.toFixed(2), "0: all equally popular, 1: one has everything"],
    ...(timeRange
      ? [["First to last", `${day(timeRange.first)} – ${day(timeRange.last)}`] as const]
      : []),
  ];
  return (
    <section class="card">
      <h2>{title}</h2>
      {synthetic && (
        <p class="note">
          <strong>Made up.</strong> Nothing here says anything about real people.
        </p>
      )}
      <dl class="figures">
        {figures.map(([name, value, meaning]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={value.length > 14 ? "long" : undefined}>
              {value}
              {meaning && <small>{meaning}</small>}
            </dd>
          </div>
        ))}
      </dl>
      <p class="muted data-source">
        From <code>{source}</code>
        {licence && <>. Licence: {licence}</>}
      </p>
      {filterNotes.map((note) => (
        <p class="muted data-source" key={note}>
          Filter: {note}
        </p>
      ))}
    </section>
  );
}
