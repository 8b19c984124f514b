/**
 * The neutral input of every contender: a folder of raw little-endian columns
 * that TypeScript, Python and C read alike, and that none of them favours.
 *
 * - `meta.json`: name, users, items, interactions, source, synthetic
 * - `train_users.bin`, `train_items.bin`: int32, one per interaction, by user then item
 * - `initial.bin`: float32, (users + items) × 64, N(0, 0.1)
 * - `check_users.bin`, `check_positives.bin`, `check_negatives.bin`: int32, 4 batches of 2048
 *   triples. Each contender first takes four steps on them from `initial.bin` and
 *   prints the losses: they must agree, or the comparison is not one.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RandomStream } from "../src/base/random.ts";
import { compressRows } from "../src/data/interactions.ts";

export const width = 64;
export const batchSize = 2048;
export const checkBatches = 4;
const seed = 1;

export interface NeutralDataset {
  readonly folder: string;
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly source: string;
  /** True where the real file was not found and a graph of its shape was made up. */
  readonly synthetic: boolean;
}

interface Pairs {
  readonly users: Int32Array;
  readonly items: Int32Array;
}

interface Shape {
  readonly file: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  read(text: string): Pairs;
}

/** Where each dataset lies below `LUMIERE_DATA`, and the shape to imitate where it is absent. */
const shapes: Readonly<Record<string, Shape>> = {
  "ml-100k": {
    file: "ml-100k/u.data",
    users: 943,
    items: 1682,
    interactions: 80_000,
    read: (text) => keepFourFifths(readRatings(text, "\t")),
  },
  "ml-1m": {
    file: "ml-1m/ratings.dat",
    users: 6040,
    items: 3706,
    interactions: 800_168,
    read: (text) => keepFourFifths(readRatings(text, "::")),
  },
  gowalla: {
    file: "lightgcn/gowalla/train.txt",
    users: 29_858,
    items: 40_981,
    interactions: 810_128,
    read: readAdjacencyLists,
  },
  yelp2018: {
    file: "lightgcn/yelp2018/train.txt",
    users: 31_668,
    items: 38_048,
    interactions: 1_237_259,
    read: readAdjacencyLists,
  },
};

export const datasetNames: readonly string[] = Object.keys(shapes);

/** Writes the neutral folder of a dataset below `root` unless it is there already. */
export function prepareDataset(name: string, root: string): NeutralDataset {
  const shape = shapes[name];
  if (!shape) throw new Error(`no dataset "${name}" (${datasetNames.join(", ")})`);
  const folder = join(root, name);
  const path = join(process.env.LUMIERE_DATA ?? "", shape.file);
  const real = process.env.LUMIERE_DATA !== undefined && existsSync(path);
  const metaPath = join(folder, "meta.json");
  if (existsSync(metaPath)) {
    const known = JSON.parse(readFileSync(metaPath, "utf8")) as Omit<NeutralDataset, "folder">;
    if (known.synthetic !== real) return { ...known, folder };
  }
  const raw = real ? shape.read(readFileSync(path, "latin1")) : imitate(shape);
  const users = real ? largest(raw.users) + 1 : shape.users;
  const items = real ? largest(raw.items) + 1 : shape.items;
  const rows = compressRows(raw.users, raw.items, users);
  const meta = {
    name,
    users,
    items,
    interactions: rows.indices.length,
    source: real ? shape.file : "made up, same shape",
    synthetic: !real,
  };
  writeFolder(folder, meta, rows.indptr, rows.indices);
  return { ...meta, folder };
}

function writeFolder(
  folder: string,
  meta: Omit<NeutralDataset, "folder">,
  indptr: Int32Array,
  items: Int32Array,
): void {
  const users = new Int32Array(items.length);
  for (let user = 0; user < meta.users; user++) users.fill(user, indptr[user], indptr[user + 1]);
  const random = new RandomStream(seed, "bench");
  const initial = new Float32Array((meta.users + meta.items) * width);
  for (let at = 0; at < initial.length; at++) initial[at] = 0.1 * random.normal();
  const triples = batchSize * checkBatches;
  const checkUsers = new Int32Array(triples);
  const checkPositives = new Int32Array(triples);
  const checkNegatives = new Int32Array(triples);
  for (let at = 0; at < triples; at++) {
    const chosen = random.below(items.length);
    const user = users[chosen]!;
    const seen = items.subarray(indptr[user], indptr[user + 1]);
    let negative = random.below(meta.items);
    while (seen.includes(negative)) negative = random.below(meta.items);
    checkUsers[at] = user;
    checkPositives[at] = items[chosen]!;
    checkNegatives[at] = negative;
  }
  const temporary = `${folder}.${process.pid}.tmp`;
  mkdirSync(temporary, { recursive: true });
  const write = (file: string, data: NodeJS.ArrayBufferView | string): void =>
    writeFileSync(join(temporary, file), data);
  write("train_users.bin", users);
  write("train_items.bin", items);
  write("initial.bin", initial);
  write("check_users.bin", checkUsers);
  write("check_positives.bin", checkPositives);
  write("check_negatives.bin", checkNegatives);
  write("meta.json", `${JSON.stringify(meta, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
}

/** `user SEP item SEP …` a line; ids become dense indices in order of first appearance. */
function readRatings(text: string, separator: string): Pairs {
  const userIndex = new Map<string, number>();
  const itemIndex = new Map<string, number>();
  const dense = (known: Map<string, number>, id: string): number => {
    const index = known.get(id) ?? known.size;
    known.set(id, index);
    return index;
  };
  const lines = text.split("\n").filter((line) => line !== "");
  const users = new Int32Array(lines.length);
  const items = new Int32Array(lines.length);
  lines.forEach((line, at) => {
    const [user = "", item = ""] = line.split(separator);
    users[at] = dense(userIndex, user);
    items[at] = dense(itemIndex, item);
  });
  return { users, items };
}

/** `user item item …` a line. */
function readAdjacencyLists(text: string): Pairs {
  const users: number[] = [];
  const items: number[] = [];
  for (const line of text.split("\n")) {
    const [user, ...liked] = line.trim().split(" ");
    for (const item of liked) {
      users.push(Number(user));
      items.push(Number(item));
    }
  }
  return { users: Int32Array.from(users), items: Int32Array.from(items) };
}

/** A seeded random 80 % of the pairs. */
function keepFourFifths(pairs: Pairs): Pairs {
  const order = new RandomStream(seed, "bench-split").shuffle(
    Int32Array.from(pairs.users, (_, at) => at),
  );
  const kept = order.subarray(0, Math.round(order.length * 0.8)).sort();
  return {
    users: Int32Array.from(kept, (at) => pairs.users[at]!),
    items: Int32Array.from(kept, (at) => pairs.items[at]!),
  };
}

/** Distinct pairs whose users and items follow a power law; every user and item occurs. */
function imitate(shape: Shape): Pairs {
  const random = new RandomStream(seed, "bench-imitation");
  const skewed = (bound: number): number =>
    Math.min(bound - 1, Math.floor(bound * random.uniform() ** 2.2));
  const pairs = new Set<number>();
  for (let node = 0; node < Math.max(shape.users, shape.items); node++) {
    pairs.add((node % shape.users) * shape.items + (node % shape.items));
  }
  while (pairs.size < shape.interactions) {
    pairs.add(skewed(shape.users) * shape.items + skewed(shape.items));
  }
  const keys = Float64Array.from(pairs);
  return {
    users: Int32Array.from(keys, (key) => Math.floor(key / shape.items)),
    items: Int32Array.from(keys, (key) => key % shape.items),
  };
}

function largest(values: Int32Array): number {
  return values.reduce((best, value) => Math.max(best, value), -1);
}
