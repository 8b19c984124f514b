/** What may be in the list, how varied it is, and how long. */
import { useState } from "preact/hooks";
import type { CatalogueAnswer } from "../../../../src/studio/schemas/people-and-items.ts";
import { Slider } from "../../parts/slider.tsx";
import { MOST_K, type Wishes } from "./wishes.ts";

export interface WishCardProps {
  readonly catalogue: CatalogueAnswer;
  readonly wishes: Wishes;
  readonly onChange: (change: Partial<Wishes>) => void;
}

const varied = (percent: number) =>
  percent === 0 ? "off: by score alone" : percent === 100 ? "by difference alone" : `${percent} %`;

export function WishCard(props: WishCardProps) {
  const { catalogue, wishes, onChange } = props;
  // On a phone the list would be far below.
  const [isOpen] = useState(() => matchMedia("(min-width: 62rem)").matches);
  return (
    <details class="card wishes" open={isOpen}>
      <summary>
        <h2>What</h2>
      </summary>
      <Slider
        label="Length"
        value={wishes.k}
        min={1}
        max={MOST_K}
        say={(k) => (k === 1 ? "1 item" : `${k} items`)}
        onChange={(k) => onChange({ k })}
      />
      <Slider
        label="Diversity"
        value={wishes.diversity}
        min={0}
        max={100}
        step={5}
        say={varied}
        onChange={(diversity) => onChange({ diversity })}
      />
      {catalogue.genres.length > 0 && <Genres {...props} />}
      {catalogue.years && <Years {...props} years={catalogue.years} />}
      <label class="check">
        <input
          type="checkbox"
          checked={!wishes.showSeen}
          onChange={(event) => onChange({ showSeen: !event.currentTarget.checked })}
        />
        Hide what the person knows
      </label>
    </details>
  );
}

/** Each press of a genre goes on: no matter, wanted, unwanted. */
function Genres({ catalogue, wishes: { any, none }, onChange }: WishCardProps) {
  const press = (name: string) => {
    const without = (names: readonly string[]) => names.filter((other) => other !== name);
    if (any.includes(name)) onChange({ any: without(any), none: [...none, name] });
    else if (none.includes(name)) onChange({ none: without(none) });
    else onChange({ any: [...any, name] });
  };
  return (
    <div class="genres">
      <p class="label" id="demo-genres">
        Genres: press once for “one of these”, again for “none of these”
      </p>
      <ul class="chips" aria-labelledby="demo-genres">
        {catalogue.genres.map(({ name, items }) => {
          const state = any.includes(name) ? "wanted" : none.includes(name) ? "unwanted" : "";
          return (
            <li key={name}>
              <button
                type="button"
                class={`chip ${state}`}
                title={`${items} items`}
                aria-label={state === "" ? name : `${name}, ${state}`}
                onClick={() => press(name)}
              >
                {state !== "" && <span aria-hidden="true">{state === "wanted" ? "✓ " : "✕ "}</span>}
                {name}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Years({
  years,
  wishes: { from, to },
  onChange,
}: WishCardProps & { years: NonNullable<CatalogueAnswer["years"]> }) {
  const read = ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
    Number.isInteger(currentTarget.valueAsNumber) ? currentTarget.valueAsNumber : null;
  return (
    <div class="years">
      <label>
        <span>From year</span>
        <input
          type="number"
          value={from ?? ""}
          placeholder={String(years.from)}
          onChange={(event) => onChange({ from: read(event) })}
        />
      </label>
      <label>
        <span>To year</span>
        <input
          type="number"
          value={to ?? ""}
          placeholder={String(years.to)}
          onChange={(event) => onChange({ to: read(event) })}
        />
      </label>
    </div>
  );
}
