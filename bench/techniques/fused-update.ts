/**
 * The last backward layer hands each row of the gradient to Adam as it is made, so that there is
 * no table of the gradient.
 *
 * @module
 */

import type { RowUpdate } from "../../src/engine/kernels.ts";
import { Propagation } from "../../src/graph/propagation.ts";
import { width } from "../data.ts";
import {
  alpha,
  orderHere,
  readRows,
  uploadBatch,
  uploadEmbedding,
  uploadGradient,
} from "./tables.ts";
import type { Technique } from "./technique.ts";

const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 1 };

export const fusedUpdate: Technique = {
  key: "update",
  title: "three layers backward and Adam, row by row",
  ways(ground) {
    const { device, graph } = ground;
    const { kernels } = device;
    const order = orderHere(ground);
    const propagation = new Propagation(device, graph, "symmetric", width, { order });
    const batch = uploadBatch(ground, order);
    const g = uploadGradient(ground, batch);
    const start = uploadEmbedding(ground, order);
    const gradient = device.allocate(g.shape);
    const way = (title: string, run: (parameter: typeof g, update: RowUpdate) => void) => {
      const [parameter, mean, variance] = [g, g, g].map(({ shape }) => device.allocate(shape));
      const reset = () => {
        kernels.scaleAdd(parameter!, start, 1, 0);
        kernels.fill(mean!, 0);
        kernels.fill(variance!, 0);
      };
      const once = () => run(parameter!, { mean: mean!, variance: variance!, options });
      reset();
      const result = () => {
        reset();
        once();
        return readRows(device, parameter!, order);
      };
      return { title, run: once, result, tolerance: 0 };
    };
    return [
      way("", (parameter, update) => {
        propagation.adjointUpdate(alpha, parameter, g, batch.rows, update, null);
      }),
      way("Adam in a pass of its own, over a table of the gradient", (parameter, update) => {
        propagation.adjoint(alpha, gradient, g, batch.rows);
        kernels.adam(parameter, gradient, update.mean, update.variance, options, null);
      }),
    ];
  },
};
