/**
 * The validation part of every split by interactions, cut from train alone in
 * the way that fits the split (table in `splits.ts`).
 *
 * @module
 */

import { RandomStream } from "../base/random.ts";
import {
  applyCut,
  type Cut,
  chooseLatest,
  chooseRandom,
  cutSparingUsers,
  shareBelow,
  shareOf,
  TRAIN,
  VALIDATION,
} from "./cuts.ts";
import { markedPositions } from "./grouping.ts";
import type { Dataset } from "./interactions.ts";
import { type InteractionSplit, nothingFor, roundsDown, shapeOf, timesOf } from "./test-part.ts";

/** Marks the validation interactions among those that are marked TRAIN. */
export function markValidation(
  dataset: Dataset,
  specification: InteractionSplit,
  { seed, validation }: { readonly seed: number; readonly validation: number },
  marks: Uint8Array,
): void {
  const { users } = dataset.interactions;
  const random = new RandomStream(seed, "split/validation");
  const { groups, chronological } = shapeOf(specification);
  if (groups === "everything" && !chronological) {
    const train = markedPositions(marks, TRAIN).length;
    const count = shareOf(train, validation, 1, train - 1);
    cutSparingUsers(random, count, users, dataset.users.size, marks, VALIDATION);
  } else {
    const cut: Cut = {
      groups,
      choose: chronological ? chooseLatest(timesOf(dataset, specification)) : chooseRandom(random),
      count: (n, total) => {
        if (specification.kind === "loo") return n > 1 ? 1 : 0;
        if (roundsDown(specification)) {
          const share = validation * specification.ratio;
          return Math.min(shareBelow(total, share), Math.max(n - 1, 0));
        }
        const least = groups === "everything" ? 1 : 0;
        return Math.max(shareOf(n, validation, least, n - 1), 0);
      },
    };
    applyCut(cut, users, dataset.users.size, marks, VALIDATION);
  }
  if (!marks.includes(VALIDATION)) throw nothingFor("validation", dataset, specification);
}
