/**
 * MovieLens 1M and 10M, and MovieTweetings: `ratings.dat` and `movies.dat` with
 * "::" between fields, and (1M alone) `users.dat` with gender, age, occupation
 * and zip code.
 *
 * @module
 */

import { join } from "node:path";
import type { UserFeatures, Vocabulary } from "../interactions.ts";
import { hasFiles } from "../locate.ts";
import type { ReadingOptions } from "../options.ts";
import {
  FOUR_COLUMNS,
  genresOf,
  type ItemFacts,
  itemFeaturesOf,
  type Layout,
  readRatings,
  readRecords,
  userFeaturesOf,
} from "./layout.ts";

const READING: ReadingOptions = { ...FOUR_COLUMNS, delimiter: "::", quote: "none" };

/** Meaning of the age codes, from the README of MovieLens 1M. */
const AGES: Readonly<Record<string, string>> = {
  1: "under 18",
  18: "18-24",
  25: "25-34",
  35: "35-44",
  45: "45-49",
  50: "50-55",
  56: "56+",
};

/** Meaning of the occupation codes 0 … 20, from the README of MovieLens 1M. */
const OCCUPATIONS = [
  "other",
  "academic/educator",
  "artist",
  "clerical/admin",
  "college/grad student",
  "customer service",
  "doctor/health care",
  "executive/managerial",
  "farmer",
  "homemaker",
  "K-12 student",
  "lawyer",
  "programmer",
  "retired",
  "sales/marketing",
  "scientist",
  "self-employed",
  "technician/engineer",
  "tradesman/craftsman",
  "unemployed",
  "writer",
];

export const movielensDat: Layout = {
  requiredFiles: ["ratings.dat", "movies.dat"],

  async load(folder, filters, context) {
    const rows = await readRatings(folder, "ratings.dat", READING, filters, context);
    const facts = new Map<string, ItemFacts>();
    for (const record of await readRecords(join(folder, "movies.dat"), "::", "none")) {
      // A title may hold "::" itself: the id is the first field, the genres are the last.
      const [id = "", ...rest] = record;
      const genres = genresOf(rest.length > 1 ? rest.at(-1) : undefined);
      facts.set(id, { title: rest.slice(0, Math.max(1, rest.length - 1)).join("::"), genres });
    }
    return {
      ...rows,
      shippedSplits: [],
      itemFeatures: itemFeaturesOf(rows.items, facts),
      userFeatures: (await hasFiles(folder, ["users.dat"]))
        ? await readUsers(folder, rows.users)
        : {},
    };
  },
};

async function readUsers(folder: string, users: Vocabulary): Promise<UserFeatures> {
  const records = await readRecords(join(folder, "users.dat"), "::", "none");
  // MovieTweetings has a users.dat of two fields: an account number, which is no feature.
  if (records[0]?.length !== 5) return {};
  const facts = new Map<string, readonly string[]>();
  for (const [id = "", gender = "", age = "", occupation = "", zip = ""] of records) {
    facts.set(id, [AGES[age] ?? age, gender, OCCUPATIONS[Number(occupation)] ?? occupation, zip]);
  }
  return userFeaturesOf(users, ["age", "gender", "occupation", "zip"], facts);
}
