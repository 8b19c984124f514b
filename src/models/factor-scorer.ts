/**
 * Scores that are a product of sparse matrices, made on a device for many people at once: a
 * row of one factor per person, times the other, which is laid out once.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import { uploadPattern, type WeightedRows } from "../graph/weighted-rows.ts";
import type { BlockScorer } from "./recommender.ts";

export type ScorerFactory = (device: Device) => Promise<BlockScorer>;

/**
 * Rows without values count 1 an entry.
 * @param ofUsers rows of known people
 * @param ofHistories rows of strangers
 * @param right the factor that all share; its columns are items
 */
export function factorScorer(
  ofUsers: (users: Int32Array) => Rows | WeightedRows,
  ofHistories: (histories: Rows) => Rows | WeightedRows,
  right: Rows | WeightedRows,
  itemCount: number,
): ScorerFactory {
  return async (device) => {
    const laidOut = uploadPattern(device, right, itemCount);
    return {
      blockSize: null,
      score(out, audience) {
        const mark = device.mark();
        const rows =
          "users" in audience ? ofUsers(audience.users) : ofHistories(audience.histories);
        device.kernels.multiplyRows(out, uploadPattern(device, rows, laidOut.rowCount), laidOut);
        device.release(mark);
      },
    };
  };
}
