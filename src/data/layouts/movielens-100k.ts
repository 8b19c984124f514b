/**
 * MovieLens 100K: `u.data` (user, item, rating, time; tabs), `u.item` (Latin-1,
 * "|", 19 genre marks), `u.user`, `u.genre`, and the cuts u1 … u5, ua, ub.
 *
 * @module
 */

import { access } from "node:fs/promises";
import { join } from "node:path";
import type { ShippedSplit, Vocabulary } from "../interactions.ts";
import type { ReadingOptions } from "../options.ts";
import {
  FOUR_COLUMNS,
  type ItemFacts,
  inIndicesOf,
  itemFeaturesOf,
  type Layout,
  readRatings,
  readRecords,
  userFeaturesOf,
} from "./layout.ts";

const READING: ReadingOptions = { ...FOUR_COLUMNS, delimiter: "\t", quote: "none" };

/** Fields of u.item before the genre marks. */
const FIELDS_BEFORE_GENRES = 5;

const SPLITS: readonly (readonly [name: string, description: string])[] = [
  ...[1, 2, 3, 4, 5].map(
    (fold) =>
      [
        `u${fold}`,
        `fold ${fold} of 5: 80,000 ratings to train, 20,000 to test, shipped by GroupLens`,
      ] as const,
  ),
  ["ua", "10 ratings of each user to test, shipped by GroupLens"],
  ["ub", "10 other ratings of each user to test, shipped by GroupLens"],
];

export const movielens100k: Layout = {
  requiredFiles: ["u.data", "u.item"],

  async load(folder, filters, context) {
    const rows = await readRatings(folder, "u.data", READING, filters, context);
    const { users, items, interactions, filterNotes } = rows;
    const shippedSplits: ShippedSplit[] = [];
    for (const [name, description] of SPLITS) {
      if (!(await exists(join(folder, `${name}.base`)))) continue;
      if (!(await exists(join(folder, `${name}.test`)))) continue;
      const part = async (suffix: string) =>
        inIndicesOf(
          await readRatings(folder, `${name}.${suffix}`, READING, filters, context),
          users,
          items,
        );
      shippedSplits.push({
        name,
        isDefault: false,
        description,
        load: async () => ({
          train: await part("base"),
          test: await part("test"),
          candidates: null,
        }),
      });
    }
    return {
      users,
      items,
      interactions,
      filterNotes,
      shippedSplits,
      itemFeatures: itemFeaturesOf(items, await readItems(folder)),
      userFeatures: (await exists(join(folder, "u.user"))) ? await readUsers(folder, users) : {},
    };
  },
};

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readItems(folder: string): Promise<Map<string, ItemFacts>> {
  const genreFile = join(folder, "u.genre");
  const names = (await exists(genreFile))
    ? (await readRecords(genreFile, "|", "none")).map(([name = ""]) => name)
    : [];
  const facts = new Map<string, ItemFacts>();
  for (const [id = "", title = "", ...rest] of await readRecords(
    join(folder, "u.item"),
    "|",
    "none",
  )) {
    const marks = rest.slice(FIELDS_BEFORE_GENRES - 2);
    const genres = names.filter((name, at) => marks[at] === "1" && name !== "unknown");
    facts.set(id, { title: title.trim(), genres });
  }
  return facts;
}

async function readUsers(folder: string, users: Vocabulary) {
  const facts = new Map<string, readonly string[]>();
  for (const [id = "", ...rest] of await readRecords(join(folder, "u.user"), "|", "none")) {
    facts.set(id, rest);
  }
  return userFeaturesOf(users, ["age", "gender", "occupation", "zip"], facts);
}
