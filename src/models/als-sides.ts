/**
 * Users and items of an ALS problem on a device: the pairs by rows of either, and
 * the factors that change in turn.
 *
 * @module
 */

import { type Rows, trainedUsers } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import type { SparseRows } from "../engine/kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { uploadRows } from "../graph/bipartite.ts";
import { type Pairs, rowRegularisation } from "./als-objective.ts";
import type { AlsHyperparameters } from "./als-schema.ts";

export interface Side {
  readonly rows: SparseRows;
  readonly weights: Tensor;
  /** One per pair; with biases, less the mean and the bias of the other side. */
  readonly targets: Tensor;
  /** λ of each row. */
  readonly ridge: Float32Array;
  /** Rows × padded width. */
  readonly factors: Tensor;
  /** One per row; zeros where there are none. */
  readonly biases: Float32Array;
  /** Column of each entry. */
  readonly columns: Int32Array;
  /** Position of each entry among the pairs by users; null = the same. */
  readonly order: Int32Array | null;
}

/**
 * |U| in the λ of items are the users in training.
 * @param padded columns of the factors
 */
export function buildSides(
  settings: AlsHyperparameters,
  device: Device,
  pairs: Pairs,
  padded: number,
): { readonly users: Side; readonly items: Side } {
  const { userItems, itemUsers, userCount, itemCount } = pairs.graph;
  const side = (
    rows: Rows,
    columnCount: number,
    others: number,
    order: Int32Array | null,
  ): Side => {
    const count = rows.indptr.length - 1;
    const weights = inOrder(pairs.weights, order);
    const ridge = Float32Array.from({ length: count }, (_, row) => {
      const own = weights.subarray(rows.indptr[row]!, rows.indptr[row + 1]!);
      const weight = own.reduce((sum, value) => sum + value, 0);
      return rowRegularisation(settings, weight, others);
    });
    const targets = inOrder(pairs.targets, order);
    return {
      rows: uploadRows(device, rows, columnCount),
      weights: device.upload([weights.length], weights),
      targets: device.upload([targets.length], targets),
      ridge,
      factors: device.allocate([count, padded]),
      biases: new Float32Array(count),
      columns: rows.indices,
      order,
    };
  };
  return {
    users: side(userItems, itemCount, itemCount, null),
    items: side(
      itemUsers,
      userCount,
      trainedUsers(userItems).length,
      itemOrder(userItems, itemUsers),
    ),
  };
}

/** Targets of a side's pairs less the mean and what the other side's biases explain. */
export function withoutBiases({ targets, mean }: Pairs, side: Side, other: Side): Float32Array {
  const { columns, order } = side;
  return inOrder(targets, order).map((target, at) => target - mean - other.biases[columns[at]!]!);
}

function inOrder(values: Float32Array, order: Int32Array | null): Float32Array {
  if (!order) return values.slice();
  const out = new Float32Array(values.length);
  for (let at = 0; at < out.length; at++) out[at] = values[order[at]!]!;
  return out;
}

/** For each pair by items its position among the pairs by users. */
function itemOrder(userItems: Rows, itemUsers: Rows): Int32Array {
  const next = itemUsers.indptr.slice(0, -1);
  const order = new Int32Array(userItems.indices.length);
  for (let at = 0; at < order.length; at++) order[next[userItems.indices[at]!]!++] = at;
  return order;
}
