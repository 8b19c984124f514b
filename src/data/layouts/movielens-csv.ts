/**
 * MovieLens 20M, 25M and latest: `ratings.csv` (userId, movieId, rating,
 * timestamp) and `movies.csv` (movieId, title, genres), with headers.
 *
 * @module
 */

import { join } from "node:path";
import type { ReadingOptions } from "../options.ts";
import {
  genresOf,
  type ItemFacts,
  itemFeaturesOf,
  type Layout,
  readRatings,
  readRecords,
} from "./layout.ts";

const READING: ReadingOptions = {
  header: true,
  delimiter: ",",
  userColumn: "userId",
  itemColumn: "movieId",
  ratingColumn: "rating",
  timeColumn: "timestamp",
};

export const movielensCsv: Layout = {
  requiredFiles: ["ratings.csv", "movies.csv"],

  async load(folder, filters, context) {
    const rows = await readRatings(folder, "ratings.csv", READING, filters, context);
    const facts = new Map<string, ItemFacts>();
    const [, ...records] = await readRecords(join(folder, "movies.csv"), ",", "double");
    for (const [id = "", title = "", genres] of records) {
      facts.set(id, { title: title.trim(), genres: genresOf(genres) });
    }
    return {
      ...rows,
      shippedSplits: [],
      itemFeatures: itemFeaturesOf(rows.items, facts),
      userFeatures: {},
    };
  },
};
