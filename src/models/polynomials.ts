/**
 * Polynomials in one matrix, by their coefficients c_0 … c_n, and what a solver
 * makes of a linear differential equation with such a right-hand side.
 *
 * @module
 */

export type Polynomial = readonly number[];

export const solvers = ["euler", "rk4"] as const;

export type Solver = (typeof solvers)[number];

/** p + q */
export function sumOf(p: Polynomial, q: Polynomial): number[] {
  return Array.from({ length: Math.max(p.length, q.length) }, (_, j) => (p[j] ?? 0) + (q[j] ?? 0));
}

/** p·q */
export function productOf(p: Polynomial, q: Polynomial): number[] {
  const product = new Array<number>(p.length + q.length - 1).fill(0);
  p.forEach((left, i) => {
    q.forEach((right, j) => {
      product[i + j]! += left * right;
    });
  });
  return product;
}

/** c·p */
export function scaled(p: Polynomial, factor: number): number[] {
  return p.map((coefficient) => factor * coefficient);
}

/**
 * One step of length h on dy/dt = y·g(P), as the polynomial that y is multiplied
 * with. For a linear equation every Runge–Kutta method of four stages and order
 * four is the Taylor series of the exponential up to h⁴, Euler's up to h.
 */
export function solverStep(solver: Solver, g: Polynomial, h: number): number[] {
  let step: number[] = [1];
  let term: number[] = [1];
  for (let order = 1; order <= (solver === "rk4" ? 4 : 1); order++) {
    term = scaled(productOf(term, g), h / order);
    step = sumOf(step, term);
  }
  return step;
}

/** What y is multiplied with up to the end of each of `steps` equal steps from 0 to `time`. */
export function trajectory(solver: Solver, g: Polynomial, time: number, steps: number): number[][] {
  const step = solverStep(solver, g, time / steps);
  const points: number[][] = [];
  let point: number[] = [1];
  for (let at = 0; at < steps; at++) {
    point = productOf(point, step);
    points.push(point);
  }
  return points;
}
