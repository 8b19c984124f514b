/** Cells of a matrix block as pixels of a canvas, mirrored into the other block. */
import { type Colours, rgb } from "../../parts/colours.ts";

export interface MatrixBlock {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns, row-major */
  readonly counts: readonly number[];
}

/** One interaction can be told from none. */
const LEAST = 0.22;

/** Paints (0 R; Rᵀ 0), one pixel a cell: card → first series → ink, by log(1 + count). */
export function paintMatrix(
  canvas: HTMLCanvasElement,
  { rows, columns, counts }: MatrixBlock,
  colours: Colours,
): void {
  const side = rows + columns;
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(side, side);
  const [none, some, much] = [rgb(colours.card), rgb(colours.series[0]!), rgb(colours.ink)];
  const paint = (y: number, x: number, strength: number) => {
    const [from, to, along] =
      strength < 0.6 ? [none, some, strength / 0.6] : [some, much, (strength - 0.6) / 0.4];
    const at = 4 * (y * side + x);
    for (let part = 0; part < 3; part++) {
      image.data[at + part] = from[part]! + (to[part]! - from[part]!) * along;
    }
    image.data[at + 3] = 255;
  };
  const most = counts.reduce((most, count) => Math.max(most, count), 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const count = counts[row * columns + column]!;
      if (count === 0) continue;
      const strength = LEAST + (1 - LEAST) * (Math.log1p(count) / Math.log1p(most));
      paint(row, rows + column, strength);
      paint(rows + column, row, strength);
    }
  }
  context.putImageData(image, 0, 0);
}
