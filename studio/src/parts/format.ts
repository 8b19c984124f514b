/** Numbers and times as people read them, the same in every view. */

/** A metric: ".3547"; "–" where there is none. */
export const figure = (value: number | null | undefined): string =>
  value === null || value === undefined
    ? "–"
    : Math.abs(value) < 1
      ? value
          .toFixed(4)
          .replace(/^(-?)0\./, "$1.")
          .replace("-", "−")
      : value.toFixed(value < 100 ? 2 : 1);

/** A number at an axis, no longer than it has to be: ".05", "12", "0". */
export const tick = (value: number): string =>
  String(Number(value.toPrecision(3))).replace(/^(-?)0\./, "$1.");

/** "1,027,370" */
export const count = (value: number): string => value.toLocaleString("en");

/** "21 Nov 2026, 10:03" in the reader's own time zone. */
export const date = (iso: string): string =>
  new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** "4 min 9 s" */
export function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A share of one: "6.3 %", ".084 %"; two digits that matter. */
export function percent(share: number): string {
  const value = 100 * share;
  const text =
    value >= 10 || value === 0 ? value.toFixed(0) : Number(value.toPrecision(2)).toString();
  return `${text.replace(/^0\./, ".")} %`;
}
