/**
 * Dispatch of attention over neighbours.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { AttentionState, Kernels, RowSet, SparseRows } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSameSize } from "./checks.ts";
import { listChunks, rowChunks } from "./rows.ts";

type AttentionKernels = Pick<Kernels, "attend" | "attendGradient">;

const lightGrain = 16384;

export function attentionKernels(host: CpuHost): AttentionKernels {
  const { pool } = host;
  const countOf = (set: RowSet) => host.integers(set.count)[0]!;

  /** Room for a row's neighbours and their weights, for each thread. */
  const withScratch = (graph: SparseRows, work: (...scratch: [number, number]) => void) => {
    const mark = host.mark();
    const longest = graph.scratch.shape[1]!;
    work(host.allocate(4 * pool.threads * 2 * longest), longest);
    host.release(mark);
  };

  return {
    attend(state, graph, z, scores, rows) {
      const [width, heads] = checkShapes(state, graph, z, scores);
      const chunks = rows ? listChunks(countOf(rows), pool.threads) : graph.chunks;
      withScratch(graph, (...scratch) =>
        pool.run(
          "attend",
          chunks,
          ...[state.out.handle, state.upper.handle, state.sums.handle, z.handle, scores.handle],
          ...[width, heads, state.slope, graph.indptr.handle, graph.indices.handle],
          ...[rows?.list.handle ?? 0, ...scratch],
        ),
      );
    },
    attendGradient(gradZ, gradScores, gradOut, state, graph, z, scores, rows) {
      const [width, heads] = checkShapes(state, graph, z, scores);
      requireSameSize("attendGradient", z, gradZ, gradOut);
      requireSameSize("attendGradient", scores, gradScores);
      const mark = host.mark();
      const moments = host.allocate(4 * graph.rowCount * heads);
      // Rows outside the batch attended to nobody.
      if (rows) {
        const units = gradScores.size;
        pool.run("fill", { units, grain: lightGrain }, gradScores.handle, 0);
      }
      pool.run(
        "attendGradientOfRows",
        rowChunks(rows ? countOf(rows) : graph.rowCount, width, lightGrain),
        ...[moments, gradScores.handle, gradOut.handle, state.out.handle, state.upper.handle],
        ...[state.sums.handle, width, heads, state.slope, rows?.list.handle ?? 0],
      );
      withScratch(graph, (...scratch) =>
        pool.run(
          "attendGradientOfNeighbours",
          graph.chunks,
          ...[gradZ.handle, gradScores.handle, gradOut.handle, z.handle, scores.handle],
          ...[state.sums.handle, moments, width, heads, state.slope],
          ...[graph.indptr.handle, graph.indices.handle, rows?.mask.handle ?? 0, ...scratch],
        ),
      );
      host.release(mark);
    },
  };
}

function checkShapes(
  { out, upper, sums }: AttentionState,
  graph: SparseRows,
  z: Tensor,
  scores: Tensor,
): [width: number, heads: number] {
  const [rows, width] = requireMatrix("attend", z);
  const [scored, twice] = requireMatrix("attend", scores);
  const heads = twice / 2;
  if (rows !== graph.rowCount || scored !== rows || !Number.isInteger(width / heads)) {
    throw new ShapeError(
      `attend: z is ${shapeText(z.shape)}, scores are ${shapeText(scores.shape)}, ` +
        `expected ${graph.rowCount} rows of each, and columns of z that ${heads} heads divide`,
    );
  }
  requireSameSize("attend", z, out, upper);
  requireSameSize("attend", scores, sums);
  return [width, heads];
}
