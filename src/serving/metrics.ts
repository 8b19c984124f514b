/**
 * Figures for Prometheus, in its text format (version 0.0.4).
 *
 * @module
 */

/** Upper bounds of the latency histogram, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

type Labels = Readonly<Record<string, string>>;

interface Counter {
  value: number;
}

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

export class Metrics {
  readonly #counters = new Map<string, Map<string, Counter>>();
  readonly #help = new Map<string, string>();
  readonly #durations = new Map<string, Histogram>();
  /** Where requests of one method, path and status are counted: found without writing labels. */
  readonly #requests = new Map<
    string,
    { readonly counter: Counter; readonly duration: Histogram }
  >();
  readonly #gauges: { name: string; help: string; read: () => readonly [Labels, number][] }[] = [];

  /** A figure that is read when somebody asks. */
  gauge(name: string, help: string, read: () => readonly [Labels, number][]): void {
    this.#gauges.push({ name, help, read });
  }

  /** Adds to a counter; labels come from small fixed sets. */
  count(name: string, help: string, labels: Labels, amount = 1): void {
    this.#counter(name, help, labels).value += amount;
  }

  /** One request that was answered. */
  request(method: string, path: string, status: number, seconds: number): void {
    const name = `${method} ${path} ${status}`;
    let known = this.#requests.get(name);
    if (!known) {
      const labels = { method, path, status: String(status) };
      known = {
        counter: this.#counter(
          "lumiere_requests_total",
          "Requests by endpoint and status.",
          labels,
        ),
        duration: this.#duration({ method, path }),
      };
      this.#requests.set(name, known);
    }
    const { counter, duration } = known;
    counter.value++;
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) duration.counts[bucket]!++;
    duration.sum += seconds;
    duration.count++;
  }

  #counter(name: string, help: string, labels: Labels): Counter {
    const series = this.#counters.get(name) ?? new Map<string, Counter>();
    const key = labelText(labels);
    const counter = series.get(key) ?? { value: 0 };
    series.set(key, counter);
    this.#counters.set(name, series);
    this.#help.set(name, help);
    return counter;
  }

  #duration(labels: Labels): Histogram {
    const key = labelText(labels);
    const duration = this.#durations.get(key) ?? { counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
    this.#durations.set(key, duration);
    return duration;
  }

  /** Everything, as Prometheus reads it. */
  text(): string {
    const lines: string[] = [];
    for (const [name, series] of this.#counters) {
      lines.push(`# HELP ${name} ${this.#help.get(name)}`, `# TYPE ${name} counter`);
      for (const [labels, { value }] of series) lines.push(`${name}${braces(labels)} ${value}`);
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
  let text = "";
  for (const name in labels) text += `${text && ","}${name}="${escaped(labels[name]!)}"`;
  return text;
}

function escaped(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
