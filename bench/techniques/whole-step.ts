/**
 * A whole step of LightGCN on a given batch, from the engine's parts: with all exact savings, and
 * with all of them taken away. Drawing the batch is not in it.
 *
 * @module
 */

import { createOptimiser } from "../../src/engine/optimisers.ts";
import { Tape } from "../../src/engine/tape.ts";
import { Propagation } from "../../src/graph/propagation.ts";
import { propagated, propagatedWithNorm } from "../../src/models/propagated.ts";
import { width } from "../data.ts";
import { gatheredLoss, gatheredPenalty, indexedLoss, weighted } from "./loss-parts.ts";
import { alpha, orderHere, readRows, uploadBatch, uploadEmbedding } from "./tables.ts";
import { type Ground, roundingTolerance, type Technique, type Way } from "./technique.ts";

const learningRate = 1e-3;

/** @param saves whether the batch's rows, the node order, the fused update and the loss by index do */
export function stepWay(ground: Ground, title: string, saves: boolean): Way {
  const { device, graph } = ground;
  const order = saves ? orderHere(ground) : null;
  const propagation = new Propagation(device, graph, "symmetric", width, { order });
  const start = uploadEmbedding(ground, order);
  const value = device.allocate(start.shape);
  const batch = uploadBatch(ground, order);
  const parameters = { embedding: { value } };
  const optimiser = createOptimiser("adam", device, parameters, { learningRate });
  const reset = () => {
    device.kernels.scaleAdd(value, start, 1, 0);
    for (const moment of Object.values(optimiser.state())) device.kernels.fill(moment, 0);
    optimiser.updates = 0;
  };
  const run = () => {
    const mark = device.mark();
    const tape = new Tape(device, parameters);
    const embedding = tape.parameters.embedding!;
    if (saves) {
      const rows = [batch.rows, batch.rows] as const;
      const { final, norm } = propagatedWithNorm(propagation, alpha, embedding, ...rows);
      const terms = [indexedLoss(final, batch), weighted(norm, batch)];
      optimiser.update(tape.backward(terms, optimiser.rowUpdates()));
    } else {
      const final = propagated(propagation, alpha, embedding, null);
      const norm = gatheredPenalty(embedding, batch);
      optimiser.update(tape.backward([gatheredLoss(final, batch), weighted(norm, batch)]));
    }
    device.release(mark);
  };
  const result = () => {
    reset();
    run();
    return readRows(device, value, order);
  };
  reset();
  return { title, run, result, tolerance: saves ? 0 : roundingTolerance };
}

export const wholeStep: Technique = {
  key: "step",
  title: "a whole step but for drawing its batch",
  ways: (ground) => [
    stepWay(ground, "", true),
    stepWay(ground, "all rows, the file's order, Adam apart, rows of the batch laid out", false),
  ],
};
