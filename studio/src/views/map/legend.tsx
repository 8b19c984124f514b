/** What each colour stands for. */
import type { Legend } from "./colouring.ts";

interface LegendProps {
  readonly legend: Legend;
  /** The one name whose points are not faint; null = no point is. */
  readonly focus: string | null;
  readonly onFocus: (name: string | null) => void;
}

export function LegendOf({ legend, focus, onFocus }: LegendProps) {
  if (legend.kind === "scale") {
    return (
      <div class="legend-scale">
        <div style={{ background: `linear-gradient(to right, ${legend.colours.join(", ")})` }} />
        <p>
          {legend.labels.map((label, at) => (
            <span key={at}>{label}</span>
          ))}
        </p>
      </div>
    );
  }
  return (
    <fieldset class="legend-names">
      <legend class="unseen">Genres; press one to see its items alone</legend>
      {legend.names.map(({ name, colour }) => (
        <button
          type="button"
          key={name}
          aria-pressed={focus === name}
          onClick={() => onFocus(focus === name ? null : name)}
        >
          <span class="swatch" style={{ background: colour }} />
          {name}
        </button>
      ))}
    </fieldset>
  );
}
