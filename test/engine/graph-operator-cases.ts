/**
 * The operators over neighbours beside naive code in double precision. The graphs
 * are small, irregular and made of the sizes alone; one has hubs and lonely nodes.
 */

import { compressRows, type Rows } from "../../src/data/interactions.ts";
import * as operators from "../../src/engine/operators/index.ts";
import type { Variable } from "../../src/engine/tape.ts";
import { uploadRows } from "../../src/graph/bipartite.ts";
import type { OperatorCase } from "./operator-case.ts";

/** Entries (r, c) of a rows × columns matrix, about a third of all. */
function entries(rows: number, columns: number, symmetric: boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [low, high] = symmetric ? [Math.min(r, c), Math.max(r, c)] : [r, c];
      // Every seventh node is alone, but for itself where the graph is symmetric.
      if (symmetric ? r === c : false) found.push([r, c]);
      else if (r % 7 !== 3 && c % 7 !== 3 && (low * 5 + high * 11) % 3 === 0) found.push([r, c]);
    }
  }
  return found;
}

function rowsOf(pairs: readonly [number, number][], rowCount: number): Rows {
  const column = (at: 0 | 1) => Int32Array.from(pairs, (pair) => pair[at]);
  return compressRows(column(0), column(1), rowCount);
}

const scale = (count: number, step: number) =>
  Float32Array.from({ length: count }, (_, at) => 0.5 + ((at * step) % 5) / 4);

/**
 * Numbers added to a fifth of each score, so that the sum of a neighbour's and one's own is at
 * least 0.2 away from the kink of the leaky ReLU, on either side of it for every node.
 */
const shift = (row: number, column: number, heads: number) =>
  column < heads ? 2 * ((row + column) % 4) - 3 : 2 * ((row + 2 * column) % 3) - 2;

const leaky = (x: number) => (x > 0 ? x : 0.2 * x);

/** Attention of `heads` heads over a symmetric graph, by its definition. */
function naiveAttention(z: Float64Array, raw: Float64Array, rows: number, heads: number) {
  const scores = raw.map(
    (score, at) => score / 5 + shift(Math.floor(at / (2 * heads)), at % (2 * heads), heads),
  );
  const width = z.length / rows;
  const out = new Float64Array(z.length);
  const neighbours = rowsOf(entries(rows, rows, true), rows);
  for (let v = 0; v < rows; v++) {
    const near = neighbours.indices.subarray(neighbours.indptr[v]!, neighbours.indptr[v + 1]!);
    for (let head = 0; head < heads; head++) {
      const own = scores[v * 2 * heads + heads + head]!;
      const powers = Array.from(near, (u) => Math.exp(leaky(scores[u * 2 * heads + head]! + own)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      for (let c = (head * width) / heads; c < ((head + 1) * width) / heads; c++) {
        near.forEach((u, at) => {
          out[v * width + c]! += (powers[at]! / total) * z[u * width + c]!;
        });
      }
    }
  }
  return Array.from(out);
}

function attentionGraph(x: Variable, rows: number) {
  return uploadRows(x.tape.device, rowsOf(entries(rows, rows, true), rows), rows);
}

export const graphCases: readonly OperatorCase[] = [
  {
    name: "sparseProduct",
    inputs: ({ inner, width }) => [[inner, width]],
    apply: ([x], { rows, inner }) => {
      const { device } = x!.tape;
      const pairs = entries(rows, inner, false);
      const turned = pairs.map(([r, c]): [number, number] => [c, r]);
      return operators.sparseProduct(
        {
          matrix: uploadRows(device, rowsOf(pairs, rows), inner),
          transposed: uploadRows(device, rowsOf(turned, inner), rows),
          rowScale: device.upload([rows], scale(rows, 2)),
          columnScale: device.upload([inner], scale(inner, 3)),
        },
        x!,
      );
    },
    naive: ([x], { rows, inner, width }) => {
      const out = new Array<number>(rows * width).fill(0);
      const [p, q] = [scale(rows, 2), scale(inner, 3)];
      for (const [r, c] of entries(rows, inner, false)) {
        for (let at = 0; at < width; at++) {
          out[r * width + at]! += p[r]! * q[c]! * x![c * width + at]!;
        }
      }
      return out;
    },
  },
  ...[1, 3].map(
    (heads): OperatorCase => ({
      name: `attentionScores, heads ${heads}`,
      inputs: ({ rows, width }) => [[rows, heads * width], [2 * heads * width]],
      apply: ([z, a]) => operators.attentionScores(z!, a!, heads),
      naive: ([z, a], { rows, width }) =>
        Array.from({ length: rows * 2 * heads }, (_, at) => {
          const row = Math.floor(at / (2 * heads));
          const head = at % heads;
          const half = at % (2 * heads) < heads ? 0 : heads * width;
          let sum = 0;
          for (let c = head * width; c < (head + 1) * width; c++) {
            sum += z![row * heads * width + c]! * a![half + c]!;
          }
          return sum;
        }),
    }),
  ),
  ...[1, 3].map(
    (heads): OperatorCase => ({
      name: `attend, heads ${heads}`,
      inputs: ({ rows, width }) => [
        [rows, heads * width],
        [rows, 2 * heads],
      ],
      between: [-2, 2],
      apply: ([z, scores], { rows }) => {
        const { device } = z!.tape;
        const shifts = Float32Array.from({ length: rows * 2 * heads }, (_, at) =>
          shift(Math.floor(at / (2 * heads)), at % (2 * heads), heads),
        );
        const shifted = operators.add(
          operators.scale(scores!, 1 / 5),
          z!.tape.constant(device.upload(scores!.value.shape, shifts)),
        );
        return operators.attend(attentionGraph(z!, rows), z!, shifted);
      },
      naive: ([z, scores], { rows }) => naiveAttention(z!, scores!, rows, heads),
    }),
  ),
];
