/**
 * A dataset's portrait: all that the Data view draws, aggregated to a size that
 * does not grow with the data.
 *
 * @module
 */

import { activityOverTime } from "../../data/activity.ts";
import { findEntry } from "../../data/catalogue.ts";
import { checkStopped, type DataContext } from "../../data/context.ts";
import { degreeDistribution } from "../../data/degree-distribution.ts";
import { countByKey } from "../../data/grouping.ts";
import type { Dataset } from "../../data/interactions.ts";
import { rowLengths } from "../../data/rows.ts";
import { datasetStatistics } from "../../data/statistics.ts";
import { createCpuDevice } from "../../engine/cpu/device.ts";
import { adjacencyPicture } from "../../graph/adjacency-picture.ts";
import { buildGraph } from "../../graph/bipartite.ts";
import {
  DECILES,
  popularityDeciles,
  sampledPopularity,
} from "../../training/sampled-popularity.ts";
import type { Portrait } from "../schemas.ts";

/** Cells along a side of the adjacency picture. */
const PICTURE_SIDE = 400;

/** Pairs drawn of each way of sampling. */
const MOST_PAIRS = 1_000_000;

const EXPONENTS = [0, 0.25, 0.5, 0.75, 1];

const SEED = 1;

/** @throws StoppedError on abort */
export async function portraitOf(
  dataset: Dataset,
  { progress, signal }: Omit<DataContext, "notice">,
): Promise<Portrait> {
  const { name, licence, synthetic, source, filterNotes, interactions } = dataset;
  const [users, items] = [dataset.users.size, dataset.items.size];
  const step = (done: number) => {
    checkStopped(signal);
    progress({ stage: "describe", done, total: 3, unit: "steps" });
  };
  step(0);
  const { perUser, perItem, ...counts } = datasetStatistics(dataset);
  const distributions = {
    perUser: degreeDistribution(countByKey(interactions.users, users)),
    perItem: degreeDistribution(countByKey(interactions.items, items)),
    activity: activityOverTime(interactions.times),
  };
  step(1);
  const picture = (order: "id" | "degree") =>
    adjacencyPicture(interactions, users, items, { side: PICTURE_SIDE, order });
  const [byId, byDegree] = [picture("id"), picture("degree")];
  step(2);
  const sampling = await describeSampling(dataset, signal);
  step(3);
  return {
    name,
    title: findEntry(name)?.title ?? name,
    source,
    licence,
    synthetic,
    filterNotes: [...filterNotes],
    ...counts,
    valueHistogram: counts.valueHistogram && [...counts.valueHistogram],
    ...distributions,
    adjacency: {
      rows: byId.rows,
      columns: byId.columns,
      byId: [...byId.counts],
      byDegree: [...byDegree.counts],
    },
    sampling,
  };
}

/** Null where nobody leaves anything unseen, so that there are no negatives. */
async function describeSampling(
  { interactions, users, items }: Dataset,
  signal: AbortSignal | undefined,
): Promise<Portrait["sampling"]> {
  const graph = buildGraph(interactions, users.size, items.size);
  const trainable = rowLengths(graph.userItems).some((count) => count > 0 && count < items.size);
  if (!trainable) return null;
  const deciles = popularityDeciles(graph);
  const device = await createCpuDevice({ threads: 1 });
  try {
    const draw = async (positives: "interaction" | "user", popularityExponent: number | null) => {
      checkStopped(signal);
      const options = { seed: SEED, positives, popularityExponent };
      return sampledPopularity(device, graph, deciles, options, MOST_PAIRS);
    };
    const byUser = await draw("user", null);
    const negatives: { exponent: number; draws: number[] }[] = [];
    let byInteraction = byUser;
    for (const exponent of EXPONENTS) {
      byInteraction = await draw("interaction", exponent === 0 ? null : exponent);
      negatives.push({ exponent, draws: [...byInteraction.negatives] });
    }
    const itemsOf = new Array<number>(DECILES).fill(0);
    for (const decile of deciles) itemsOf[decile]!++;
    return {
      seed: SEED,
      pairs: graph.edgeCount,
      drawn: byInteraction.drawn,
      items: itemsOf,
      positives: { interaction: [...byInteraction.positives], user: [...byUser.positives] },
      negatives,
    };
  } finally {
    await device.close();
  }
}
