/**
 * Figures for Prometheus, in its text format (version 0.0.4).
 *
 * @module
 */

/** Upper bounds of the latency histogram, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

type Labels = Readonly<Record<string, string>>;

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

export class Metrics {
  readonly #counters = new Map<string, Map<string, number>>();
  readonly #help = new Map<string, string>();
  readonly #durations = new Map<string, Histogram>();
  readonly #gauges: { name: string; help: string; read: () => readonly [Labels, number][] }[] = [];

  /** A figure that is read when somebody asks. */
  gauge(name: string, help: string, read: () => readonly [Labels, number][]): void {
    this.#gauges.push({ name, help, read });
  }

  /** Adds to a counter; labels come from small fixed sets. */
  count(name: string, help: string, labels: Labels, amount = 1): void {
    const series = this.#counters.get(name) ?? new Map<string, number>();
    const key = labelText(labels);
    series.set(key, (series.get(key) ?? 0) + amount);
    this.#counters.set(name, series);
    this.#help.set(name, help);
  }

  /** One request that was answered. */
  request(method: string, path: string, status: number, seconds: number): void {
    this.count("lumiere_requests_total", "Requests by endpoint and status.", {
      method,
      path,
      status: String(status),
    });
    const key = labelText({ method, path });
    const histogram = this.#durations.get(key) ?? { counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) histogram.counts[bucket]!++;
    histogram.sum += seconds;
    histogram.count++;
    this.#durations.set(key, histogram);
  }

  /** Everything, as Prometheus reads it. */
  text(): string {
    const lines: string[] = [];
    for (const [name, series] of this.#counters) {
      lines.push(`# HELP ${name} ${this.#help.get(name)}`, `# TYPE ${name} counter`);
      for (const [labels, value] of series) lines.push(`${name}${braces(labels)} ${value}`);
    }
    const duration = "lumiere_request_seconds";
    lines.push(`# HELP ${duration} Time to answer.`, `# TYPE ${duration} histogram`);
    for (const [labels, { counts, sum, count }] of this.#durations) {
      let below = 0;
      BOUNDS.forEach((bound, at) => {
        below += counts[at]!;
        lines.push(`${duration}_bucket${braces(`${labels},le="${bound}"`)} ${below}`);
      });
      lines.push(`${duration}_bucket${braces(`${labels},le="+Inf"`)} ${count}`);
      lines.push(`${duration}_sum${braces(labels)} ${sum}`);
      lines.push(`${duration}_count${braces(labels)} ${count}`);
    }
    for (const { name, help, read } of this.#gauges) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
      for (const [labels, value] of read())
        lines.push(`${name}${braces(labelText(labels))} ${value}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

const braces = (labels: string): string => (labels === "" ? "" : `{${labels}}`);

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
