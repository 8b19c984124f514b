/**
 * Progress for people: on a terminal one line that rewrites itself, elsewhere a
 * line every few seconds.
 *
 * @module
 */

import type { ProgressEvent } from "../base/progress.ts";
import { metricLabel } from "../experiment/metric-label.ts";

/** Milliseconds between two pictures of the line. */
const TERMINAL_INTERVAL = 100;
const FILE_INTERVAL = 5000;

const BAR_CELLS = 20;

/** Where the line goes. */
export interface ProgressTarget {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class ProgressLine {
  readonly #target: ProgressTarget;
  readonly #now: () => number;
  /** Stage and unit. */
  #stage = "";
  /** First event of the stage: rates count from there, also after a resume. */
  #first = { at: 0, done: 0 };
  #lastShown = Number.NEGATIVE_INFINITY;
  #visible = false;

  /** @param now milliseconds of a clock that never goes back */
  constructor(target: ProgressTarget, now: () => number = () => performance.now()) {
    this.#target = target;
    this.#now = now;
  }

  report(event: ProgressEvent): void {
    const now = this.#now();
    // A run within a run goes by one name while it prepares and while it trains.
    const stage = `${event.stage} ${event.unit}`;
    const fresh = stage !== this.#stage;
    if (fresh) {
      this.#stage = stage;
      this.#first = { at: now, done: event.done };
    }
    const terminal = this.#target.isTTY === true;
    // The first line in a file comes after the interval too: short stages stay silent there.
    if (fresh && !terminal) this.#lastShown = now;
    const due = now - this.#lastShown >= (terminal ? TERMINAL_INTERVAL : FILE_INTERVAL);
    if (!due && !(fresh && terminal)) return;
    this.#lastShown = now;
    const left = secondsLeft(event, this.#first, now);
    const text = describeProgress(event, left);
    if (!terminal) {
      this.#target.write(`${text}\n`);
      return;
    }
    // Some terminals say 0 for "unknown".
    const room = (this.#target.columns || 80) - 1;
    const fitting = text.length <= room ? text : describeProgress(event, left, false);
    this.#target.write(`\r\u001b[2K${fitting.slice(0, room)}`);
    this.#visible = true;
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (this.#visible) this.#target.write("\r\u001b[2K");
    this.#visible = false;
  }
}

function secondsLeft(
  { done, total }: ProgressEvent,
  first: { readonly at: number; readonly done: number },
  now: number,
): number | null {
  if (total === undefined || done <= first.done) return null;
  return ((now - first.at) / 1000 / (done - first.done)) * (total - done);
}

/** One event as a line: stage, bar (where there is room), amounts, figures, time left. */
export function describeProgress(
  event: ProgressEvent,
  left: number | null,
  withBar = true,
): string {
  const { stage, done, total, unit, figures = {}, sampled = false } = event;
  const share = total === undefined || total === 0 ? null : Math.min(1, done / total);
  // A comparison names the run first: "bpr, seed 1 (2 of 6): train".
  const training = /(^|: )train$/.test(stage);
  const parts = [
    stage.padEnd(8),
    ...(share === null || !withBar ? [] : [bar(share)]),
    amounts(done, total, unit),
    ...Object.entries(figures).map(([name, value]) => {
      const isMetric = name.includes("@");
      // Metrics that training shows are of the validation part, never of test.
      const part = training && isMetric ? "validation " : "";
      return `${part}${metricLabel(name, sampled && isMetric)} ${value.toFixed(4)}`;
    }),
    // Early stopping may end training sooner, never later.
    ...(left === null ? [] : [`${training ? "at most " : ""}${clock(left)} left`]),
  ];
  return parts.join("  ");
}

function bar(share: number): string {
  const full = Math.floor(share * BAR_CELLS);
  return "━".repeat(full) + "╌".repeat(BAR_CELLS - full);
}

function amounts(done: number, total: number | undefined, unit: string): string {
  const amount = (value: number) =>
    unit === "bytes" ? (value / 1e6).toFixed(1) : Math.floor(value).toLocaleString("en");
  const name = unit === "bytes" ? "MB" : unit;
  return total === undefined
    ? `${amount(done)} ${name}`
    : `${amount(done)}/${amount(total)} ${name}`;
}

/** Seconds as m:ss or h:mm:ss. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
