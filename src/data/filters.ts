/**
 * Filters on the shape of the data: repeated pairs, minimum interactions per
 * user and item, k-core. (Minimum rating and time window look at one row at a
 * time and are applied while rows are read.)
 *
 * They run in this order, each on what the one before left:
 * 1. `duplicates`: every (user, item) pair stays once;
 * 2. `minPerUser` and `minPerItem`: at the end of this step every user and every item that is
 *    left meets its minimum (with both given, removal goes on to the fixed point);
 * 3. `kCore`: the same with one minimum for users and items.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { compactDataset } from "./compaction.ts";
import { type DuplicateRule, markWithoutDuplicates } from "./duplicates.ts";
import { type Dataset, interactionCount } from "./interactions.ts";
import { peel, type Survivors, tallyOf } from "./k-core.ts";
import { describeTally, removalNote, removedBetween, type Tally } from "./removal.ts";

/** Which filters to apply; 0 or absent = that filter is off. Repeated pairs are always removed. */
export interface StructuralFilters {
  /** Least interactions of every user and of every item, to the fixed point. */
  readonly kCore?: number;
  /** Least interactions of every user. */
  readonly minPerUser?: number;
  /** Least interactions of every item. */
  readonly minPerItem?: number;
  /** Which of several interactions of a user with an item stays; "last" by default. */
  readonly duplicates?: DuplicateRule;
}

/**
 * Applies the filters; adds one line to `filterNotes` for each that is on. (Repeated pairs are
 * always removed; in the usual way, keeping the last, they are worth a line only where there are
 * some.) Users and items that are removed leave the vocabularies; the others keep their relative
 * order. The same dataset comes back where no filter is on and nothing was repeated.
 * @throws BadInputError "filter" for a bound that is not a whole number from 0,
 *   "filter-empty" where nothing would be left
 */
export function applyFilters(dataset: Dataset, filters: StructuralFilters): Dataset {
  const kCore = bound("kCore", filters.kCore);
  const minPerUser = bound("minPerUser", filters.minPerUser);
  const minPerItem = bound("minPerItem", filters.minPerItem);
  const rule = filters.duplicates ?? "last";
  if (rule !== "last" && rule !== "first" && rule !== "max") {
    throw new BadInputError(
      "filter",
      `duplicates: found ${JSON.stringify(rule)}, expected "last", "first" or "max"`,
    );
  }

  const { interactions } = dataset;
  const survivors: Survivors = {
    interactions:
      markWithoutDuplicates(interactions, dataset.users.size, dataset.items.size, rule) ??
      new Uint8Array(interactionCount(interactions)).fill(1),
    users: new Uint8Array(dataset.users.size).fill(1),
    items: new Uint8Array(dataset.items.size).fill(1),
  };
  const whole: Tally = {
    interactions: interactionCount(interactions),
    users: dataset.users.size,
    items: dataset.items.size,
  };
  const notes: string[] = [];
  let before = whole;
  const note = (filter: string) => {
    const after = tallyOf(survivors);
    notes.push(removalNote(filter, removedBetween(before, after)));
    before = after;
  };
  const core = (name: string, advice: string, perUser: number, perItem: number) => {
    if (perUser === 0 && perItem === 0) return;
    // A user or item without any interaction left is of no use to either side: at least 1.
    peel(interactions, survivors, Math.max(perUser, 1), Math.max(perItem, 1));
    if (!survivors.interactions.includes(1)) {
      throw new BadInputError(
        "filter-empty",
        `${name} removes every interaction of "${dataset.name}" (before it: ` +
          `${describeTally(before)}); ${advice}`,
      );
    }
    note(name);
  };

  if (rule !== "last" || survivors.interactions.includes(0)) note(`duplicates (keep ${rule})`);
  core(
    [minPerUser && `minimum per user ${minPerUser}`, minPerItem && `minimum per item ${minPerItem}`]
      .filter(Boolean)
      .join(" and "),
    "pass a smaller minimum per user or per item, or a looser minimum rating",
    minPerUser,
    minPerItem,
  );
  core(`k-core ${kCore}`, "pass a smaller k-core, or a looser minimum rating", kCore, kCore);
  if (notes.length === 0) return dataset;
  const { interactions: left, users, items } = removedBetween(whole, before);
  return left + users + items === 0
    ? { ...dataset, filterNotes: [...dataset.filterNotes, ...notes] }
    : compactDataset(dataset, survivors, notes);
}

function bound(name: string, value: number | undefined): number {
  if (value === undefined) return 0;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new BadInputError(
    "filter",
    `${name}: found ${value}, expected a whole number from 0 (0 = no such filter)`,
  );
}
