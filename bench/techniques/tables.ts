/**
 * Tables of a step of LightGCN as it is trained here, K = 3, in whatever order of the nodes.
 *
 * @module
 */

import type { Device } from "../../src/engine/device.ts";
import type { RowSet } from "../../src/engine/kernels.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { emptyRowSet } from "../../src/graph/bipartite.ts";
import { inverseOrder, rowsInOrder, tableOrder } from "../../src/graph/node-order.ts";
import { batchSize, width } from "../data.ts";
import type { Ground } from "./technique.ts";

export const layers = 3;
/** α_0 … α_K of LightGCN's uniform mean. */
export const alpha: readonly number[] = Array.from({ length: layers + 1 }, () => 1 / (layers + 1));

/** The order in which LightGCN keeps its tables of this graph; null = the file's. */
export function orderHere({ graph }: Ground): Int32Array | null {
  return tableOrder(graph, width);
}

/** The neutral starting embeddings, nodes × 64. */
export function uploadEmbedding({ device, graph, neutral }: Ground, order: Int32Array | null) {
  const { initial } = neutral;
  return device.upload([graph.nodeCount, width], order ? rowsInOrder(initial, order) : initial);
}

/** A tensor's rows in the graph's own order. */
export async function readRows(
  device: Device,
  table: Tensor,
  order: Int32Array | null,
): Promise<Float32Array> {
  const values = (await device.read(table)) as Float32Array;
  return order ? rowsInOrder(values, inverseOrder(order)) : values;
}

/** The first batch of the check, as numbers of nodes. */
export interface Batch {
  readonly users: Tensor;
  /** Numbers of nodes, so that offsets are 0. */
  readonly positives: Tensor;
  readonly negatives: Tensor;
  /** All of them. */
  readonly rows: RowSet;
}

export function uploadBatch(
  { device, graph, neutral }: Ground,
  order: Int32Array | null,
  size = Math.min(batchSize, neutral.check.users.length),
): Batch {
  const places = order && inverseOrder(order);
  const upload = (column: Int32Array, first: number) => {
    const nodes = column.subarray(0, size).map((index) => index + first);
    return device.upload([size], places ? nodes.map((node) => places[node]!) : nodes);
  };
  const { check } = neutral;
  const users = upload(check.users, 0);
  const positives = upload(check.positives, graph.userCount);
  const negatives = upload(check.negatives, graph.userCount);
  const rows = emptyRowSet(device, graph.nodeCount, 3 * size);
  device.kernels.collectRows(
    rows,
    [users, positives, negatives].map((index) => ({ index, offset: 0 })),
  );
  return { users, positives, negatives, rows };
}

/** A table that is zero outside the batch's rows, as the gradient of a step is. */
export function uploadGradient(ground: Ground, batch: Batch): Tensor {
  const { device, graph } = ground;
  const gradient = device.allocate([graph.nodeCount, width]);
  device.kernels.fill(gradient, 0);
  const size = batch.users.size;
  const source = device.upload([size, width], ground.neutral.initial.subarray(0, size * width));
  for (const index of [batch.users, batch.positives, batch.negatives]) {
    device.kernels.scatterAddRows(gradient, index, 0, source, 1);
  }
  return gradient;
}

/** What a step reads of a result: the rows of the batch, in the order of its nodes. */
export async function readBatchRows(device: Device, table: Tensor, batch: Batch) {
  const { users, positives, negatives } = batch;
  const mark = device.mark();
  const rows: Float32Array[] = [];
  for (const index of [users, positives, negatives]) {
    const out = device.allocate([index.size, width]);
    device.kernels.gatherRows(out, table, index, 0);
    rows.push((await device.read(out)) as Float32Array);
  }
  device.release(mark);
  return Float32Array.from(rows.flatMap((row) => Array.from(row)));
}
