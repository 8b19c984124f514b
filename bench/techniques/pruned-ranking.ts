/**
 * One user's list at a time, as a server makes it: norm-ordered search beside scoring every item.
 * The vectors are PureSVD's, because a random table has nothing to prune.
 *
 * @module
 */

import { rowsByUser } from "../../src/data/interactions.ts";
import { exclusively } from "../../src/engine/exclusive.ts";
import { randomisedSvd } from "../../src/engine/randomised-svd.ts";
import { InteractionMatrix } from "../../src/graph/interaction-matrix.ts";
import { PrunedRanking } from "../../src/models/pruned-ranking.ts";
import { rank, sliceRows } from "../../src/models/rank.ts";
import { width } from "../data.ts";
import { vectorsOnly } from "../ours/vectors-only.ts";
import { type Ground, roundingTolerance, type Technique } from "./technique.ts";

const k = 20;
const people = 32;
/** Below this the product scores every item anyhow (`src/models/pruned-ranking.ts`). */
const fewestItems = 8192;

/** PureSVD's user and item vectors. */
export async function singularEmbeddings({ device, graph }: Ground) {
  const mark = device.mark();
  const matrix = new InteractionMatrix(device, graph, { users: 0, items: 0 });
  const options = { width, powerIterations: 1, oversampling: 8, seed: 1 };
  const { right: items } = await randomisedSvd(matrix, options);
  const out = device.allocate([graph.userCount, width]);
  matrix.multiply(out, device.upload([graph.itemCount, width], items));
  const users = (await device.read(out)) as Float32Array;
  device.release(mark);
  return { width, users, items };
}

export const prunedRanking: Technique = {
  key: "pruned",
  title: `lists of ${k} for ${people} users, one at a time, by norm-ordered search`,
  absent: ({ itemCount }) =>
    itemCount < fewestItems
      ? `Pruned lists are not used below ${fewestItems.toLocaleString("en")} items: every item is scored`
      : null,
  async ways(ground) {
    const { device, graph, neutral } = ground;
    const { users, items } = await singularEmbeddings(ground);
    const seen = rowsByUser(neutral.train, graph.userCount);
    const pruned = new PrunedRanking({ items, width });
    await pruned.prepare();
    const listOf = {
      pruned(query: Float32Array, user: number) {
        const masked = sliceRows(seen, user, user + 1);
        return exclusively(device, () => pruned.rank(query, k, masked, device));
      },
      every(query: Float32Array, user: number) {
        // A new table every time, so that ranking it never turns to pruning by itself.
        const recommender = vectorsOnly({ width, users: query, items });
        const masked = sliceRows(seen, user, user + 1);
        return rank(recommender, { users: Int32Array.of(0) }, k, masked, null, device);
      },
    };
    const way = (title: string, how: keyof typeof listOf) => {
      const lists = async () => {
        const found: Float32Array[] = [];
        for (let person = 0; person < people; person++) {
          const user = Math.floor((person * graph.userCount) / people);
          const query = users.subarray(user * width, (user + 1) * width);
          const list = await listOf[how](query, user);
          // As large as scores are, and exact: one other item is more than rounding, and so is a wrong score.
          found.push(
            Float32Array.from(list.items, (item) => item / 2 ** 16),
            list.scores,
          );
        }
        return found;
      };
      const run = async () => void (await lists());
      const result = async () => Float32Array.from((await lists()).flatMap((x) => Array.from(x)));
      // With AVX-512, OpenBLAS rounds a score by how many it makes at once.
      return { title, run, result, tolerance: how === "pruned" ? 0 : roundingTolerance };
    };
    return [way("", "pruned"), way("every item scored", "every")];
  },
};
