/** Memory of the server under load over minutes: RSS and heap, and whether they stay flat. */

import { setTimeout as wait } from "node:timers/promises";
import { EVENT_SHARE, load, saturate } from "./requests.ts";
import { floorsOf, type Sample, trendOf } from "./trend.ts";

/** Time between samples, in seconds. */
const INTERVAL = 1;

/** Lines of the table that is printed. */
const LINES = 20;

const GAUGES = {
  RSS: "process_resident_memory_bytes",
  heap: "nodejs_heap_size_used_bytes",
  "outside the heap": "nodejs_external_memory_bytes",
};

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/**
 * Loads the server for so many minutes and prints what it holds.
 * @returns whether everything stayed flat once it was warm
 */
export async function watchMemory(
  url: string,
  connections: number,
  minutes: number,
): Promise<boolean> {
  await saturate(url);
  const series = new Map(Object.keys(GAUGES).map((name) => [name, [] as Sample[]]));
  const stop = new AbortController();
  const sampling = sample(url, series, minutes * 60, stop.signal);
  const { requests, non2xx, errors } = await load({
    url,
    connections,
    seconds: minutes * 60,
    varied: true,
  });
  stop.abort();
  await sampling;
  const lists = Math.round(requests.average * (1 - EVENT_SHARE));
  console.log(
    `${lists} lists/s of every kind; ${non2xx} not 2xx, ${errors} errors; the first quarter is warming up`,
  );
  let isFlat = non2xx + errors === 0;
  for (const [name, samples] of series) {
    const trend = trendOf(floorsOf(samples.filter(({ seconds }) => seconds >= minutes * 15)));
    isFlat &&= trend.isFlat;
    console.log(
      `${name}: ${megabytes(trend.median)} in the middle, ${megabytes(trend.growth)} of growth: ${trend.isFlat ? "flat" : "NOT FLAT"}`,
    );
  }
  return isFlat;
}

/** Fills the series until it is told to stop, and prints some of it. */
async function sample(
  url: string,
  series: ReadonlyMap<string, Sample[]>,
  duration: number,
  signal: AbortSignal,
): Promise<void> {
  const begin = performance.now();
  for (let lines = 0; !signal.aborted; await wait(INTERVAL * 1000)) {
    const seconds = (performance.now() - begin) / 1000;
    const text = await fetch(`${url}/metrics`).then((response) => response.text());
    for (const [name, gauge] of Object.entries(GAUGES)) {
      const bytes = Number(new RegExp(`^${gauge} (\\d+)$`, "m").exec(text)?.[1]);
      series.get(name)!.push({ seconds, bytes });
    }
    if (seconds < (lines * duration) / LINES) continue;
    lines++;
    const now = [...series].map(([name, samples]) => `${name} ${megabytes(samples.at(-1)!.bytes)}`);
    console.log(`${seconds.toFixed(0).padStart(5)} s  ${now.join(", ")}`);
  }
}
