/** Gauss's elimination with pivots, for reference values. */

/** x with A·x = b. */
export function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const m = a.map((row, at) => [...row, b[at]!]);
  const n = b.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column; row < n; row++) {
      if (Math.abs(m[row]![column]!) > Math.abs(m[pivot]![column]!)) pivot = row;
    }
    [m[column], m[pivot]] = [m[pivot]!, m[column]!];
    for (let row = 0; row < n; row++) {
      if (row === column) continue;
      const factor = m[row]![column]! / m[column]![column]!;
      for (let at = column; at <= n; at++) m[row]![at]! -= factor * m[column]![at]!;
    }
  }
  return m.map((row, at) => row[n]! / row[at]!);
}

/** The same for row-major arrays: n × n, and n. */
export function solveDense(matrix: ArrayLike<number>, right: ArrayLike<number>): Float64Array {
  const b = Array.from(right);
  const rows = b.map((_, row) => b.map((_, column) => matrix[row * b.length + column]!));
  return Float64Array.from(solve(rows, b));
}
