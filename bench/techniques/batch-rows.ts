/**
 * A step reads the batch's rows of P·x alone, and its gradient is zero outside them: the last
 * layer forward computes, and the first layer backward gathers from, these rows alone.
 *
 * @module
 */

import type { RowSet } from "../../src/engine/kernels.ts";
import { Propagation } from "../../src/graph/propagation.ts";
import { width } from "../data.ts";
import {
  alpha,
  orderHere,
  readBatchRows,
  readRows,
  uploadBatch,
  uploadEmbedding,
  uploadGradient,
} from "./tables.ts";
import type { Technique } from "./technique.ts";

export const forwardRows: Technique = {
  key: "forward-rows",
  title: "three layers forward, the last for the batch's rows alone",
  ways(ground) {
    const { device, graph } = ground;
    const order = orderHere(ground);
    const propagation = new Propagation(device, graph, "symmetric", width, { order });
    const x = uploadEmbedding(ground, order);
    const out = device.allocate(x.shape);
    const batch = uploadBatch(ground, order);
    const way = (title: string, rows: RowSet | null) => {
      const run = () => propagation.forward(alpha, out, x, rows);
      const result = () => {
        device.kernels.fill(out, Number.NaN);
        run();
        return readBatchRows(device, out, batch);
      };
      return { title, run, result, tolerance: 0 };
    };
    return [way("", batch.rows), way("for all rows", null)];
  },
};

export const gradientRows: Technique = {
  key: "gradient-rows",
  title: "three layers backward, the first from the batch's rows alone",
  ways(ground) {
    const { device, graph } = ground;
    const order = orderHere(ground);
    const propagation = new Propagation(device, graph, "symmetric", width, { order });
    const batch = uploadBatch(ground, order);
    const g = uploadGradient(ground, batch);
    const out = device.allocate(g.shape);
    const way = (title: string, rows: RowSet | null) => {
      const run = () => propagation.adjoint(alpha, out, g, rows);
      const result = () => {
        device.kernels.fill(out, Number.NaN);
        run();
        return readRows(device, out, order);
      };
      return { title, run, result, tolerance: 0 };
    };
    return [way("", batch.rows), way("from all rows", null)];
  },
};
