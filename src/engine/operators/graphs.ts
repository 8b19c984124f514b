/**
 * Operators over the neighbours of the nodes of a graph.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Device } from "../device.ts";
import type { PropagateOptions, RowSet, SparseRows } from "../kernels.ts";
import type { Variable } from "../tape.ts";
import { shapeText, type Tensor } from "../tensor.ts";
import { matrix } from "./shapes.ts";

/** diag(p)·A·diag(q) */
export interface ScaledSparse {
  readonly matrix: SparseRows;
  /** Aᵀ; A itself where it is symmetric */
  readonly transposed: SparseRows;
  /** p: one float a row; null = 1 */
  readonly rowScale: Tensor | null;
  /** q: one float a column; null = 1 */
  readonly columnScale: Tensor | null;
}

/**
 * diag(p)·A·diag(q)·x
 * @param x columns of A × width
 * @param rows the only rows of the result that are read, and so computed; null = all
 */
export function sparseProduct(
  { matrix: a, transposed, rowScale, columnScale }: ScaledSparse,
  x: Variable,
  rows: RowSet | null = null,
): Variable {
  const { device } = x.tape;
  const [columns, width] = matrix("sparseProduct", x);
  if (columns !== a.columnCount) {
    throw new ShapeError(
      `sparseProduct: ${a.rowCount}×${a.columnCount} · ${shapeText(x.value.shape)}`,
    );
  }
  const out = device.allocate([a.rowCount, width]);
  multiplySparse(device, out, a, x.value, { rowScale, columnScale }, { outputRows: rows });
  return x.tape.record(
    out,
    [x],
    (gradient, sink) => {
      const scales = { rowScale: columnScale, columnScale: rowScale };
      sink.overwrite(x, (into) =>
        multiplySparse(device, into, transposed, gradient, scales, { inputRows: rows }),
      );
    },
    { rows },
  );
}

/** out = diag(p)·A·diag(q)·x */
function multiplySparse(
  device: Device,
  out: Tensor,
  matrix: SparseRows,
  x: Tensor,
  { rowScale, columnScale }: Pick<ScaledSparse, "rowScale" | "columnScale">,
  {
    outputRows = null,
    inputRows = null,
  }: Partial<Pick<PropagateOptions, "outputRows" | "inputRows">>,
): void {
  const options = {
    ...{ factor: 1, base: null, bias: 0, baseRows: null, outScale: null },
    ...{ rowScale, outputRows, inputRows },
  };
  if (!columnScale || outputRows || inputRows) {
    device.kernels.propagate(out, matrix, x, { ...options, columnScale });
    return;
  }
  // Where every entry is gathered, scaling each row once beforehand is cheaper than at each entry.
  const mark = device.mark();
  const scaled = device.allocate(x.shape);
  device.kernels.scaleRows(scaled, x, columnScale, false);
  device.kernels.propagate(out, matrix, scaled, { ...options, columnScale: null });
  device.release(mark);
}

/**
 * What a node has to say and to hear in attention, one number for each head:
 * [z_h·a_h | z_h·b_h] for the heads h, each width/heads columns of z.
 * @param z rows × width
 * @param a 2·width numbers: a of all heads, then b of all heads
 * @returns rows × 2·heads
 */
export function attentionScores(z: Variable, a: Variable, heads: number): Variable {
  const { device } = z.tape;
  const [rows, width] = matrix("attentionScores", z);
  if (a.value.size !== 2 * width || width % heads !== 0) {
    throw new ShapeError(
      `attentionScores: ${shapeText(z.value.shape)} with ${shapeText(a.value.shape)} ` +
        `in ${heads} heads, expected ${2 * width} numbers, and columns that the heads divide`,
    );
  }
  // One product with a matrix whose column h holds a_h at the head's own rows, and zeros elsewhere.
  const place = (at: number) => {
    const head = Math.floor((at % width) / (width / heads));
    return (at % width) * 2 * heads + (at < width ? 0 : heads) + head;
  };
  const places = device.upload(
    [2 * width],
    Int32Array.from({ length: 2 * width }, (_, at) => place(at)),
  );
  const blocks = device.allocate([width, 2 * heads]);
  const cells = { ...blocks, shape: [blocks.size, 1] };
  device.kernels.fill(blocks, 0);
  device.kernels.scatterAddRows(cells, places, 0, { ...a.value, shape: [2 * width, 1] }, 1);
  const out = device.allocate([rows, 2 * heads]);
  device.kernels.matmul(out, z.value, blocks, false, false, 1, 0);
  return z.tape.record(out, [z, a], (gradient, sink) => {
    const { kernels } = device;
    sink.write(z, (into, adds) =>
      kernels.matmul(into, gradient, blocks, false, true, 1, adds ? 1 : 0),
    );
    const slopes = device.allocate(blocks.shape);
    kernels.matmul(slopes, z.value, gradient, true, false, 1, 0);
    sink.overwrite(a, (into) =>
      kernels.gatherRows(
        { ...into, shape: [into.size, 1] },
        { ...slopes, shape: cells.shape },
        places,
        0,
      ),
    );
  });
}

/** Slope of the leaky ReLU over attention scores, as in the GAT paper. */
const attentionSlope = 0.2;

/**
 * out[v, h] = Σ_u α·z[u, h] over the neighbours u of v, with
 * α = softmax_u(leaky(scores[u, h] + scores[v, heads + h])) for each head h
 * (Veličković et al., ICLR 2018, equations 1 to 4).
 * @param graph symmetric; who attends to itself has an entry for that
 * @param z rows × width
 * @param scores rows × 2·heads, as `attentionScores` makes them
 * @param rows the only rows of the result that are read, and so computed; null = all
 */
export function attend(
  graph: SparseRows,
  z: Variable,
  scores: Variable,
  rows: RowSet | null = null,
): Variable {
  const { device } = z.tape;
  const state = {
    out: device.allocate(z.value.shape),
    upper: device.allocate(z.value.shape),
    sums: device.allocate(scores.value.shape),
    slope: attentionSlope,
  };
  device.kernels.attend(state, graph, z.value, scores.value, rows);
  return z.tape.record(
    state.out,
    [z, scores],
    (gradient, sink) => {
      const fill = (input: Variable, write: (into: Tensor) => void) => {
        if (input.needsGradient) sink.overwrite(input, write);
        else write(device.allocate(input.value.shape));
      };
      fill(z, (gradZ) =>
        fill(scores, (gradScores) =>
          device.kernels.attendGradient(
            ...([gradZ, gradScores, gradient, state] as const),
            ...([graph, z.value, scores.value, rows] as const),
          ),
        ),
      );
    },
    { rows },
  );
}
