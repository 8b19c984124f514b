/**
 * The items and users of a model on a plane.
 *
 * @module
 */

import type { Bundle } from "../../artifact/bundle.ts";
import { countByKey } from "../../data/grouping.ts";
import { rowLengths } from "../../data/rows.ts";
import { createCpuDevice } from "../../engine/cpu/device.ts";
import { byDegree } from "../../graph/adjacency-picture.ts";
import { Problem } from "../../serving/problem.ts";
import type { MapAnswer, VectorsAnswer } from "../schemas.ts";
import { coordinate, principalAxes } from "./principal-axes.ts";

/** Most items, and most users, of one map: those with most interactions. */
const MOST_POINTS = 100_000;

const SEED = 1;

/** Maps of the models that are open; they go with them. */
const maps = new WeakMap<Bundle, Promise<MapAnswer>>();

/** The two directions along which the items differ most, and where everybody lies along them. */
export function itemMap(bundle: Bundle): Promise<MapAnswer> {
  const made = maps.get(bundle) ?? makeMap(bundle);
  maps.set(bundle, made);
  return made;
}

async function makeMap(bundle: Bundle): Promise<MapAnswer> {
  const { recommender, manifest, items, users, itemFeatures, train } = bundle;
  const { embeddings } = recommender;
  if (!embeddings) return { state: "no-embeddings", model: manifest.model.title };
  const { width } = embeddings;
  const device = await createCpuDevice({ threads: 1 });
  try {
    const axes = await principalAxes(device, embeddings.items, width, 2, SEED);
    const place = (rows: Float32Array, chosen: Int32Array) => {
      const along = (direction: number) =>
        Array.from(chosen, (row) => short(coordinate(axes, rows, row, direction)));
      return { x: along(0), y: along(1) };
    };
    const itemDegrees = countByKey(train.indices, items.size);
    const shownItems = mapOrder(bundle);
    const userDegrees = rowLengths(train);
    const shownUsers = byDegree(userDegrees).subarray(0, MOST_POINTS);
    const { titles, years, genres } = itemFeatures;
    const genreNames = [...new Set(genres?.flat() ?? [])].sort();
    const genreAt = new Map(genreNames.map((name, at) => [name, at]));
    return {
      state: "ready",
      model: manifest.model.title,
      width,
      shares: [axes.shares[0]!, axes.shares[1]!],
      genreNames,
      itemCount: items.size,
      userCount: users.size,
      items: {
        ids: Array.from(shownItems, (item) => items.idOf(item)),
        titles: titles ? Array.from(shownItems, (item) => titles[item]!) : null,
        years: years ? Array.from(shownItems, (item) => years[item]!) : null,
        genres: genres
          ? Array.from(shownItems, (item) => genres[item]!.map((name) => genreAt.get(name)!))
          : null,
        popularity: Array.from(shownItems, (item) => itemDegrees[item]!),
        ...place(embeddings.items, shownItems),
      },
      users: {
        ids: Array.from(shownUsers, (user) => users.idOf(user)),
        activity: Array.from(shownUsers, (user) => userDegrees[user]!),
        ...place(embeddings.users, shownUsers),
      },
    };
  } finally {
    await device.close();
  }
}

/**
 * Vectors of the first items of the map, each of length 1, so that distances are those of cosines.
 * @throws Problem 404 where the model has none
 */
export function itemVectors(bundle: Bundle, count: number): VectorsAnswer {
  const { embeddings } = bundle.recommender;
  if (!embeddings) throw new Problem(404, "no-embeddings", "the model has no vectors of items");
  const { width, items } = embeddings;
  const shown = mapOrder(bundle).subarray(0, count);
  const data = new Float32Array(shown.length * width);
  shown.forEach((item, row) => {
    const vector = items.subarray(item * width, (item + 1) * width);
    const length = Math.hypot(...vector) || 1;
    for (let at = 0; at < width; at++) data[row * width + at] = vector[at]! / length;
  });
  return {
    count: shown.length,
    width,
    base64: Buffer.from(data.buffer).toString("base64"),
  };
}

/** Items of the map, the most popular first. */
function mapOrder({ train, items }: Bundle): Int32Array {
  return byDegree(countByKey(train.indices, items.size)).subarray(0, MOST_POINTS);
}

/** Four digits are finer than any screen. */
const short = (value: number): number => Number(value.toPrecision(4));
