/** The picture of the matrix in a few numbers: how full R is, by fifths of users and items. */

import { FigureHead } from "../../parts/figure-head.tsx";
import { percent } from "../../parts/format.ts";
import type { MatrixBlock } from "./paint-matrix.ts";

const PARTS = 5;

/** The part in which the middle of a cell lies. */
const partOf = (cell: number, cells: number): number =>
  Math.floor(((cell + 0.5) * Math.min(PARTS, cells)) / cells);

interface FillTableProps extends MatrixBlock {
  readonly users: number;
  readonly items: number;
}

export function FillTable({ rows, columns, counts, users, items }: FillTableProps) {
  const [down, across] = [Math.min(PARTS, rows), Math.min(PARTS, columns)];
  const found = Array.from({ length: down }, () => new Array<number>(across).fill(0));
  const possible = found.map((row) => row.map(() => 0));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [y, x] = [partOf(row, rows), partOf(column, columns)];
      found[y]![x]! += counts[row * columns + column]!;
      possible[y]![x]! += (users / rows) * (items / columns);
    }
  }
  const name = (part: number, parts: number) => `${part + 1} of ${parts}`;
  return (
    <details>
      <summary>How full each part is</summary>
      <section class="scroll" tabindex={0} aria-label="How full each part of R is">
        <table>
          <thead>
            <tr>
              <th scope="col">Users \ items, in the order above</th>
              {found[0]?.map((_, part) => (
                <FigureHead key={part}>{name(part, across)}</FigureHead>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.map((row, part) => (
              <tr key={part}>
                <th scope="row">{name(part, down)}</th>
                {row.map((count, at) => (
                  <td class="figure" key={at}>
                    {percent(count / possible[part]![at]!)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
