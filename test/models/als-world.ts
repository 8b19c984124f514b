/** A small world of ratings, and ALS fitted to it. */

import assert from "node:assert/strict";
import type { ProgressEvent } from "../../src/base/progress.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Interactions, selectInteractions } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { als } from "../../src/models/als.ts";
import { alsSchema } from "../../src/models/als-schema.ts";
import type { Hyperparameters, Recommender } from "../../src/models/recommender.ts";
import { fitContext } from "./fit.ts";

export const [userCount, itemCount] = [23, 17] as const;

/** Random pairs with ratings 1 … 5; user 4 and item 6 have none. */
export function ratings(density = 0.4): Interactions {
  const random = new RandomStream(5, "als test");
  const pairs: [number, number, number][] = [];
  for (let user = 0; user < userCount; user++) {
    for (let item = 0; item < itemCount; item++) {
      if (user === 4 || item === 6 || random.uniform() > density) continue;
      pairs.push([user, item, 1 + random.below(5)]);
    }
  }
  const ordered: Interactions = {
    users: Int32Array.from(pairs, ([user]) => user),
    items: Int32Array.from(pairs, ([, item]) => item),
    values: Float32Array.from(pairs, ([, , value]) => value),
    times: null,
  };
  return selectInteractions(ordered, random.shuffle(Int32Array.from(pairs.keys())));
}

export interface Fitted {
  readonly recommender: Recommender;
  readonly losses: readonly number[];
}

export async function fit(
  settings: Hyperparameters,
  train: Interactions = ratings(),
  signal = new AbortController().signal,
): Promise<Fitted> {
  const device = await createCpuDevice({ threads: 2 });
  const losses: number[] = [];
  const progress = ({ figures }: ProgressEvent) => {
    if (figures?.loss !== undefined) losses.push(figures.loss);
  };
  try {
    const context = { ...fitContext(userCount, itemCount, train), device, progress, signal };
    const recommender = await als.fit(alsSchema.parse(settings), context);
    return { recommender, losses };
  } finally {
    await device.close();
  }
}

/** What a user rated, by item. */
export function ratingsOf(train: Interactions, user: number): Map<number, number> {
  const own = new Map<number, number>();
  train.users.forEach((other, at) => {
    if (other === user) own.set(train.items[at]!, train.values![at]!);
  });
  return own;
}

export function assertNear(found: number, expected: number, tolerance: number): void {
  const bound = tolerance * (1 + Math.abs(expected));
  assert.ok(Math.abs(found - expected) <= bound, `found ${found}, expected ${expected}`);
}
