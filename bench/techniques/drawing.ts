/**
 * Drawing a batch: all of it that overlapping it with a step could save. That is not built: the
 * thread that would draw is one of those that compute. Pairs are drawn from the rows of the
 * adjacency matrix, in the tables' order, or from rows kept for it alone.
 *
 * @module
 */

import type { UserItems } from "../../src/engine/kernels.ts";
import { uploadUserItems } from "../../src/graph/bipartite.ts";
import { Propagation } from "../../src/graph/propagation.ts";
import { PairSampler } from "../../src/training/sampling.ts";
import { batchSize, width } from "../data.ts";
import { orderHere } from "./tables.ts";
import type { Technique } from "./technique.ts";

const options = {
  ...({ seed: 1, positives: "interaction", negativeCount: 1, ratings: false } as const),
  ...{ popularityExponent: null, candidates: null },
};
/** Of which the drawn pairs are compared. */
const comparedBatches = 4;

export const drawing: Technique = {
  key: "drawing",
  title: `a batch of ${batchSize} drawn from the adjacency matrix`,
  ways(ground) {
    const { device, graph } = ground;
    const order = orderHere(ground);
    const propagation = new Propagation(device, graph, "symmetric", width, { order });
    const way = (title: string, liked: UserItems) => {
      const sampler = new PairSampler(device, graph, options, liked);
      const batches = Math.floor(sampler.epochLength / batchSize);
      let drawn = 0;
      const run = () => {
        const mark = device.mark();
        sampler.batch(0, (drawn++ % batches) * batchSize, batchSize);
        device.release(mark);
      };
      const result = async () => {
        const numbers: number[] = [];
        const mark = device.mark();
        for (let batch = 0; batch < comparedBatches; batch++) {
          const pairs = sampler.batch(0, batch * batchSize, batchSize);
          for (const column of [pairs.users, pairs.positives, pairs.negatives!]) {
            numbers.push(...(await device.read(column)));
          }
        }
        device.release(mark);
        return Float32Array.from(numbers);
      };
      return { title, run, result, tolerance: 0 };
    };
    return [
      way("", propagation.userItems),
      way("from rows of each user's items of their own, ascending", uploadUserItems(device, graph)),
    ];
  },
};
