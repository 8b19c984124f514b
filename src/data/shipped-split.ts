/**
 * Splits that a dataset ships (`file:ua`): which one is meant, and its parts
 * without the repeats that would let a model see what it is asked for.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { withoutDuplicates } from "./duplicates.ts";
import { groupPositions, markedPositions } from "./grouping.ts";
import {
  type Dataset,
  type Interactions,
  interactionCount,
  type Rows,
  type ShippedSplit,
  selectInteractions,
} from "./interactions.ts";

/** The parts of a shipped split, and what had to be mended. */
export interface ShippedParts {
  readonly train: Interactions;
  readonly test: Interactions;
  readonly candidates: Rows | null;
  readonly warnings: readonly string[];
}

/** The shipped split of that name. @throws BadInputError "split" that lists those there are */
export function findShipped(dataset: Dataset, name: string): ShippedSplit {
  const found = dataset.shippedSplits.find((split) => split.name === name);
  if (found) return found;
  const names = dataset.shippedSplits.map((split) => `file:${split.name}`);
  throw new BadInputError(
    "split",
    `split "file:${name}": dataset "${dataset.name}" ships ` +
      (names.length > 0
        ? `${names.join(", ")}; choose one of these`
        : "no split; choose another kind, for instance random:0.8"),
  );
}

/** Reads a shipped split; repeated pairs go, and pairs of train go from test. */
export async function loadShipped(dataset: Dataset, split: ShippedSplit): Promise<ShippedParts> {
  const loaded = await split.load();
  const [userCount, itemCount] = [dataset.users.size, dataset.items.size];
  const train = withoutDuplicates(loaded.train, userCount, itemCount);
  const unique = withoutDuplicates(loaded.test, userCount, itemCount);
  const test = withoutPairsOf(unique.interactions, train.interactions, userCount, itemCount);
  const warnings: string[] = [];
  const repeats = train.removed + unique.removed;
  if (repeats > 0) {
    warnings.push(`${repeats} repeated (user, item) pairs of file:${split.name} count once`);
  }
  const shared = interactionCount(unique.interactions) - interactionCount(test);
  if (shared > 0) {
    warnings.push(
      `${shared} test interactions of file:${split.name} are in its training part too and were ` +
        "left out of the test: training items are never recommended",
    );
  }
  if (interactionCount(train.interactions) === 0 || interactionCount(test) === 0) {
    throw new BadInputError(
      "split",
      `split "file:${split.name}" of dataset "${dataset.name}" has ` +
        `${interactionCount(train.interactions)} training and ${interactionCount(test)} test ` +
        "interactions after the filters; filter less, or choose another split",
    );
  }
  return { train: train.interactions, test, candidates: loaded.candidates, warnings };
}

/** The interactions whose (user, item) pair is not among the others; in order. */
function withoutPairsOf(
  interactions: Interactions,
  others: Interactions,
  userCount: number,
  itemCount: number,
): Interactions {
  const own = groupPositions(interactions.users, userCount);
  const other = groupPositions(others.users, userCount);
  const stamp = new Int32Array(itemCount).fill(-1);
  const kept = new Uint8Array(interactionCount(interactions)).fill(1);
  for (let user = 0; user < userCount; user++) {
    for (let at = other.indptr[user]!; at < other.indptr[user + 1]!; at++) {
      stamp[others.items[other.positions[at]!]!] = user;
    }
    for (let at = own.indptr[user]!; at < own.indptr[user + 1]!; at++) {
      const position = own.positions[at]!;
      if (stamp[interactions.items[position]!] === user) kept[position] = 0;
    }
  }
  return kept.includes(0)
    ? selectInteractions(interactions, markedPositions(kept, 1))
    : interactions;
}
