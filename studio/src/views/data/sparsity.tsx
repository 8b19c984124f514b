/** The adjacency matrix of the graph, its two empty blocks and all. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Portrait } from "../../../../src/studio/schemas.ts";
import { useColours } from "../../parts/colours.ts";
import { count, percent } from "../../parts/format.ts";
import { useQuery } from "../../parts/use-query.ts";
import { FillTable } from "./fill-table.tsx";
import { paintMatrix } from "./paint-matrix.ts";

type SparsityProps = Pick<Portrait, "adjacency" | "users" | "items" | "density">;

export function Sparsity({ adjacency, users, items, density }: SparsityProps) {
  const [query, change] = useQuery();
  const byId = query.order === "id";
  const { rows, columns } = adjacency;
  const counts = byId ? adjacency.byId : adjacency.byDegree;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const colours = useColours();
  useEffect(() => {
    paintMatrix(canvas.current!, { rows, columns, counts }, colours);
  }, [rows, columns, counts, colours]);
  const range = (cell: number, cells: number, nodes: number, name: string) => {
    const [first, last] = [
      Math.ceil((cell * nodes) / cells) + 1,
      Math.ceil(((cell + 1) * nodes) / cells),
    ];
    return first === last ? `${name} ${count(first)}` : `${name}s ${count(first)}–${count(last)}`;
  };
  const point = (event: PointerEvent) => {
    const { left, top, width } = canvas.current!.getBoundingClientRect();
    const cell = (offset: number) => Math.floor((offset / width) * (rows + columns));
    // Rᵀ is R mirrored.
    const [y, x] = [cell(event.clientY - top), cell(event.clientX - left)].sort((a, b) => a - b);
    const [row, column] = [y!, x! - rows];
    if (row < 0 || row >= rows || column < 0 || column >= columns) return setPointed(null);
    const found = counts[row * columns + column]!;
    setPointed(
      `${range(row, rows, users, "user")}, ${range(column, columns, items, "item")}: ${count(found)} interaction${found === 1 ? "" : "s"}`,
    );
  };
  const share = `${(100 * rows) / (rows + columns)}%`;
  return (
    <section class="card">
      <div class="row sparsity-head">
        <h2>Adjacency matrix</h2>
        <label>
          <span>Order</span>
          <select
            value={byId ? "id" : "degree"}
            onChange={(event) =>
              change({ order: event.currentTarget.value === "id" ? "id" : undefined })
            }
          >
            <option value="degree">most interactions first</option>
            <option value="id">as in the data</option>
          </select>
        </label>
      </div>
      <div class="sparsity" style={{ "--share": share }}>
        <div class="sparsity-across" aria-hidden="true">
          <span>users</span>
          <span>items</span>
        </div>
        <div class="sparsity-down" aria-hidden="true">
          <span>users</span>
          <span>items</span>
        </div>
        <div class="sparsity-place">
          <canvas
            ref={canvas}
            role="img"
            aria-label={`The ${count(users + items)} nodes' adjacency matrix in blocks 0, R, R transposed, 0. R has ${count(users)} users and ${count(items)} items and is filled to ${percent(density)}; the table below says where.`}
            onPointerMove={point}
            onPointerLeave={() => setPointed(null)}
          />
        </div>
      </div>
      <p class="muted sparsity-pointed">
        {pointed ?? "A = (0 R; Rᵀ 0): users meet only items, so two blocks are empty."}
      </p>
      <p class="muted">
        {users + items > rows + columns
          ? `${count(users)} × ${count(items)} pairs are gathered into ${count(rows)} × ${count(columns)} cells; a cell is the stronger, the more interactions lie in it (logarithmic).`
          : "A cell is a pair of a user and an item."}
      </p>
      <FillTable rows={rows} columns={columns} counts={counts} users={users} items={items} />
    </section>
  );
}
