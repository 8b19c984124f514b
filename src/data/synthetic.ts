/**
 * The dataset Lumière makes up: MovieLens-like in size, popularity, ratings and
 * times, with taste groups that a collaborative model can find and popularity
 * cannot. Films get names, years and genres that fit their group.
 *
 * @module
 */

import { RandomStream } from "../base/random.ts";
import { filmTitles } from "./film-titles.ts";
import { type GeneratedGraph, generateInteractions, tasteGroups } from "./generate.ts";
import { type Dataset, type Interactions, Vocabulary } from "./interactions.ts";

/** Size and seed; about MovieLens 100K by default. */
export interface SyntheticSize {
  readonly users?: number;
  readonly items?: number;
  readonly interactions?: number;
  readonly seed?: number;
}

/** One taste group each: what its films are about, and what else they may be. */
const GENRES: readonly (readonly [string, ...string[]])[] = [
  ["Action", "Adventure", "Thriller"],
  ["Adventure", "Action", "Fantasy"],
  ["Animation", "Children", "Comedy"],
  ["Children", "Animation", "Musical"],
  ["Comedy", "Romance", "Drama"],
  ["Crime", "Thriller", "Drama"],
  ["Documentary", "War", "Drama"],
  ["Drama", "Romance", "War"],
  ["Fantasy", "Adventure", "Children"],
  ["Horror", "Thriller", "Mystery"],
  ["Musical", "Comedy", "Romance"],
  ["Mystery", "Crime", "Thriller"],
  ["Romance", "Drama", "Comedy"],
  ["Science Fiction", "Action", "Thriller"],
  ["War", "Drama", "Action"],
  ["Western", "Action", "Drama"],
];

/** Chance of a second genre. */
const SECOND_GENRE = 0.6;

/** Makes the dataset; the same size and seed give the same bits. */
export function syntheticDataset(size: SyntheticSize = {}): Dataset {
  const { users = 943, items = 1682, interactions = 100_000, seed = 1 } = size;
  const groups = Math.max(1, Math.min(GENRES.length, Math.floor(items / 4)));
  const graph: GeneratedGraph = { users, items, interactions, groups, seed };
  const random = new RandomStream(seed, "synthetic/genres");
  const films = filmTitles(items, seed);
  const genres = Array.from(tasteGroups(graph).items, (group) => {
    const [first, ...others] = GENRES[group]!;
    const second = others[random.below(others.length)];
    return second !== undefined && random.uniform() < SECOND_GENRE ? [first, second] : [first];
  });
  const numbered = (count: number) =>
    new Vocabulary(Array.from({ length: count }, (_, index) => String(index + 1)));
  return {
    name: "synthetic",
    users: numbered(users),
    items: numbered(items),
    interactions: collect(graph),
    itemFeatures: {
      titles: films.map(({ title }) => title),
      years: films.map(({ year }) => year),
      genres,
    },
    userFeatures: {},
    source: `synthetic (seed ${seed})`,
    licence: null,
    synthetic: true,
    filterNotes: [],
    shippedSplits: [],
  };
}

function collect(graph: GeneratedGraph): Interactions {
  const count = graph.interactions;
  const users = new Int32Array(count);
  const items = new Int32Array(count);
  const values = new Float32Array(count);
  const times = new Float64Array(count);
  let filled = 0;
  for (const block of generateInteractions(graph)) {
    users.set(block.users, filled);
    items.set(block.items, filled);
    values.set(block.values, filled);
    times.set(block.times, filled);
    filled += block.users.length;
  }
  return { users, items, values, times };
}
