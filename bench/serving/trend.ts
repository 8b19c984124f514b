/**
 * Whether memory is flat: what is left between collections of garbage (the least
 * sample of each stretch of time), and of that the slope of Theil and Sen, the median
 * of the slopes between all pairs, which no single stretch can sway.
 */

export interface Sample {
  readonly seconds: number;
  readonly bytes: number;
}

export interface Trend {
  /** Bytes that the series grew by from its first sample to its last, along the slope. */
  readonly growth: number;
  readonly median: number;
  readonly isFlat: boolean;
}

/** Growth that is taken for noise, as a share of the median. */
const TOLERANCE = 0.05;

const STRETCHES = 10;

/** The least sample of each tenth of a series. */
export function floorsOf(samples: readonly Sample[]): Sample[] {
  const length = Math.ceil(samples.length / STRETCHES);
  const stretches = Array.from({ length: Math.ceil(samples.length / length) }, (_, at) =>
    samples.slice(at * length, (at + 1) * length),
  );
  return stretches.map((stretch) => stretch.reduce((a, b) => (b.bytes < a.bytes ? b : a)));
}

export function trendOf(samples: readonly Sample[]): Trend {
  const slopes = samples.flatMap((one, at) =>
    samples.slice(at + 1).map((other) => (other.bytes - one.bytes) / (other.seconds - one.seconds)),
  );
  const median = middle(samples.map(({ bytes }) => bytes));
  const growth = middle(slopes) * (samples.at(-1)!.seconds - samples[0]!.seconds);
  return { growth, median, isFlat: growth <= TOLERANCE * median };
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
