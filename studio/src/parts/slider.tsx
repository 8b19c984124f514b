/** A slider that tells its value at once and passes it on when it rests. */
import { useEffect, useId, useRef, useState } from "preact/hooks";

/** Milliseconds without a move after which the value counts. */
const REST = 120;

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** The value in words; also what screen readers say. */
  readonly say: (value: number) => string;
  readonly onChange: (value: number) => void;
}

export function Slider({ label, value, min, max, step = 1, say, onChange }: SliderProps) {
  const id = useId();
  const [shown, setShown] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setShown(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div class="slider">
      <label for={id}>
        <span>
          {label} <b>{say(shown)}</b>
        </span>
      </label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={shown}
        aria-valuetext={say(shown)}
        onInput={(event) => {
          const next = event.currentTarget.valueAsNumber;
          setShown(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(next), REST);
        }}
      />
    </div>
  );
}
