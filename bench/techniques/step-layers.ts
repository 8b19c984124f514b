/**
 * The six sparse products of a step: three layers forward, three backward.
 *
 * @module
 */

import { type MessageType, Propagation } from "../../src/graph/propagation.ts";
import { width } from "../data.ts";
import {
  alpha,
  orderHere,
  readRows,
  uploadBatch,
  uploadEmbedding,
  uploadGradient,
} from "./tables.ts";
import type { Ground, Way } from "./technique.ts";

/** @param order of the nodes in the tables; default: as LightGCN keeps them */
export function stepLayers(
  ground: Ground,
  title: string,
  {
    messages = "float32",
    order = orderHere(ground),
    tolerance = 0,
  }: { messages?: MessageType; order?: Int32Array | null; tolerance?: number } = {},
): Way {
  const { device, graph } = ground;
  const propagation = new Propagation(device, graph, "symmetric", width, { order, messages });
  const x = uploadEmbedding(ground, order);
  const out = device.allocate(x.shape);
  const batch = uploadBatch(ground, order);
  const g = uploadGradient(ground, batch);
  return {
    title,
    tolerance,
    run() {
      propagation.forward(alpha, out, x, batch.rows);
      propagation.adjoint(alpha, out, g, batch.rows);
    },
    /** All of P·x. */
    result() {
      propagation.forward(alpha, out, x, null);
      return readRows(device, out, order);
    },
  };
}
