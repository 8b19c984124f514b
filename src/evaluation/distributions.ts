/**
 * Tail probabilities that the paired tests need: of the normal distribution and
 * of Student's t (Abramowitz and Stegun, "Handbook of Mathematical Functions",
 * 1964: 6.1.50, 6.5.29, 6.5.31 and 26.5.8), to about twelve digits.
 *
 * @module
 */

/** Terms of a series or a continued fraction; all end long before. */
const MOST_TERMS = 10_000;

/** Where the next term no longer changes a double. */
const NEGLIGIBLE = 1e-16;

/** Smallest denominator of a continued fraction in Lentz's form. */
const TINY = 1e-300;

/** P(Z > z) for a standard normal Z. */
export function normalTail(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  const upper = upperGamma(0.5, (z * z) / 2) / 2;
  return z >= 0 ? upper : 1 - upper;
}

/** P(T > t) for Student's t with so many degrees of freedom. */
export function studentTail(t: number, degrees: number): number {
  if (Number.isNaN(t) || !(degrees > 0)) return Number.NaN;
  const upper = regularisedBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t >= 0 ? upper : 1 - upper;
}

/** ln Γ(x) for x > 0: Stirling's series, after stepping up to where it is exact enough. */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 15) {
    shift += Math.log(at);
    at++;
  }
  const square = 1 / (at * at);
  const series =
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - shift;
}

/** Q(a, x) = Γ(a, x) / Γ(a). */
function upperGamma(a: number, x: number): number {
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < MOST_TERMS && Math.abs(term) > NEGLIGIBLE * sum; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - scale * sum;
  }
  return (
    scale *
    lentz(
      x + 1 - a,
      (n) => -n * (n - a),
      (n) => x + 2 * n + 1 - a,
    )
  );
}

/** Iₓ(a, b), the regularised incomplete beta function. */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean of the distribution; above it, the mirror does.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const scale = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  const coefficient = (n: number): number => {
    const m = Math.floor(n / 2);
    return n % 2 === 0
      ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
      : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  };
  return (scale / a) * lentz(1, coefficient, () => 1);
}

/** 1 / (b₀ + a₁ / (b₁ + a₂ / (b₂ + …))) by the modified method of Lentz. */
function lentz(first: number, a: (n: number) => number, b: (n: number) => number): number {
  const least = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let value = least(first);
  let c = value;
  let d = 0;
  for (let n = 1; n < MOST_TERMS; n++) {
    d = 1 / least(b(n) + a(n) * d);
    c = least(b(n) + a(n) / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < NEGLIGIBLE * 10) break;
  }
  return 1 / value;
}
