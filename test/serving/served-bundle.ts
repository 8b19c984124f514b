/**
 * A bundle of 12 users and 30 items with LightGCN's fold-in, its vectors drawn at
 * random: small enough to rank by brute force.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BundleContents, writeBundle } from "../../src/artifact/bundle.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Rows, rowsByUser, Vocabulary } from "../../src/data/interactions.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../src/serving/server.ts";
import { smallBundle } from "../artifact/small-bundle.ts";

const USERS = 12;
const ITEMS = 30;
const WIDTH = 4;

export const GENRES = ["Comedy", "Drama", "Horror"];

/** @param seed another seed is another model of the same people and items */
export function servedBundle(seed = 1): BundleContents {
  const random = new RandomStream(seed, "served bundle");
  const vectors = (rows: number) => ({
    shape: [rows, WIDTH],
    data: Float32Array.from({ length: rows * WIDTH }, () => random.uniform() - 0.5),
  });
  // Users 0 … 9 have training items; the last item has no user.
  const pairs = Array.from({ length: 10 }, (_, user) =>
    Array.from({ length: 5 }, (_, at) => [user, (7 * user + 3 * at) % (ITEMS - 1)] as const),
  ).flat();
  const train: Rows = rowsByUser(
    {
      users: Int32Array.from(pairs, ([user]) => user),
      items: Int32Array.from(pairs, ([, item]) => item),
      values: null,
      times: null,
    },
    USERS,
  );
  const { manifest } = smallBundle();
  const hyperparameters = { width: WIDTH };
  return {
    manifest: {
      ...manifest,
      model: { name: "lightgcn", title: "LightGCN" },
      hyperparameters,
      dataset: { ...manifest.dataset, users: USERS, items: ITEMS, interactions: pairs.length },
    },
    recommender: lightgcn.load(
      {
        "user.embedding": vectors(USERS),
        "item.embedding": vectors(ITEMS),
        "item.message": vectors(ITEMS),
      },
      lightgcn.hyperparameters.parse(hyperparameters),
      { userCount: USERS, itemCount: ITEMS, seen: train },
    ),
    users: new Vocabulary(Array.from({ length: USERS }, (_, user) => `u${user}`)),
    items: new Vocabulary(Array.from({ length: ITEMS }, (_, item) => `i${item}`)),
    itemFeatures: {
      titles: Array.from({ length: ITEMS }, (_, item) => `Title ${item}`),
      years: Array.from({ length: ITEMS }, (_, item) => (item % 10 === 9 ? null : 1980 + item)),
      genres: Array.from({ length: ITEMS }, (_, item) => [GENRES[item % 3]!]),
    },
    train,
    seen: train,
    validation: null,
    test: null,
  };
}

/** A folder of its own with the bundle in it. */
export async function bundleFolder(contents = servedBundle()): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), "lumiere-serve-")), "bundle");
  await writeBundle(folder, contents);
  return folder;
}

/** A server on a free port, which does not look for new bundles by itself. */
export function serveFolder(
  directory: string,
  options: Partial<ServerOptions> = {},
): Promise<RunningServer> {
  return startServer({ directory, port: 0, watchEvery: 0, logLevel: "off", ...options });
}

export interface Reply<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** One request with a JSON answer. */
export async function call<Body = Record<string, unknown>>(
  { url }: Pick<RunningServer, "url">,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply<Body>> {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}
