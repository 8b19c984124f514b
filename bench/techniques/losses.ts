/**
 * What surrounds the layers of a step: scores, criterion and penalty, forward and backward.
 *
 * @module
 */

import { Tape, type Variable } from "../../src/engine/tape.ts";
import {
  countedPenalty,
  gatheredLoss,
  gatheredPenalty,
  indexedLoss,
  weighted,
} from "./loss-parts.ts";
import { type Batch, orderHere, readBatchRows, uploadBatch, uploadEmbedding } from "./tables.ts";
import { type Ground, roundingTolerance, type Technique } from "./technique.ts";

/** A scalar of the batch's rows of a table, and its gradient there. */
function onBatchRows(
  ground: Ground,
  ways: readonly (readonly [title: string, loss: (table: Variable, batch: Batch) => Variable])[],
) {
  const { device } = ground;
  const order = orderHere(ground);
  const table = uploadEmbedding(ground, order);
  const gradient = device.allocate(table.shape);
  const batch = uploadBatch(ground, order);
  const parameters = { table: { value: table, gradient, rows: batch.rows } };
  return ways.map(([title, loss], at) => {
    const run = () => {
      const mark = device.mark();
      const tape = new Tape(device, parameters);
      tape.backward([loss(tape.parameters.table!, batch)]);
      device.release(mark);
    };
    const result = () => {
      run();
      return readBatchRows(device, gradient, batch);
    };
    return { title, run, result, tolerance: at === 0 ? 0 : roundingTolerance };
  });
}

export const scores: Technique = {
  key: "scores",
  title: "scores, BPR and their gradient by index",
  ways: (ground) =>
    onBatchRows(ground, [
      ["", indexedLoss],
      ["rows gathered, multiplied and scattered", gatheredLoss],
    ]),
};

export const penalty: Technique = {
  key: "penalty",
  title: "the penalty and its gradient from nodes and counts",
  ways: (ground) =>
    onBatchRows(ground, [
      ["", (table, batch) => weighted(countedPenalty(table, batch), batch)],
      [
        "from three gathers, norms and scatters",
        (table, batch) => weighted(gatheredPenalty(table, batch), batch),
      ],
    ]),
};
