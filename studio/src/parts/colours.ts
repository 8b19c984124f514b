/** The page's colours, as `rgb(…)`, for what is drawn rather than laid out. */
import { useEffect, useState } from "preact/hooks";

export interface Colours {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly card: string;
  /** One a series, in order. */
  readonly series: readonly string[];
}

const SERIES = 10;

function readColours(): Colours {
  // A custom property holds its text (`light-dark(…)`); only a painted element knows which it is.
  const probe = document.body.appendChild(document.createElement("span"));
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: colour("ink"),
    muted: colour("muted"),
    line: colour("line"),
    card: colour("card"),
    series: Array.from({ length: SERIES }, (_, at) => colour(`series-${at}`)),
  };
  probe.remove();
  return colours;
}

/** Red, green and blue of `rgb(…)`, 0 … 255. */
export function rgb(colour: string): readonly [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

/** The colours now, and again whenever the theme changes. */
export function useColours(): Colours {
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const read = () => setColours(readColours());
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", read);
    addEventListener("lumiere-theme", read);
    return () => {
      system.removeEventListener("change", read);
      removeEventListener("lumiere-theme", read);
    };
  }, []);
  return colours;
}
