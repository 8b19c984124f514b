/**
 * The retrieval index of a bundle: how it is built, measured against exact ranking,
 * kept beside the model, and found again.
 *
 * `index.json` says what it is and what it was measured to be; HNSW's graph lies in
 * `index.usearch`. LSH's tables follow from the settings and the seed, so they are
 * made again when a bundle is opened.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import type { Recommender } from "../models/recommender.ts";
import type { CandidateIndex } from "../retrieval/candidates.ts";
import { HnswIndex, hnswSchema } from "../retrieval/hnsw.ts";
import { LshIndex, lshSchema } from "../retrieval/lsh.ts";
import { writeFileAtomically } from "./atomic.ts";
import type { Manifest } from "./manifest.ts";

const DESCRIPTION = "index.json";
const GRAPH = "index.usearch";

/** Settings of each kind of index. */
export const indexSchemas = { lsh: lshSchema, hnsw: hnswSchema } as const;

export const indexKinds = ["exact", "lsh", "hnsw"] as const;

const measured = {
  /** Users that it was measured on. */
  users: z.int().min(1),
  k: z.int().min(1),
  /** Share of the exact k best items that its lists hold. */
  recall: z.number().min(0).max(1),
  usersPerSecond: z.number().positive(),
  exactUsersPerSecond: z.number().positive(),
  /** Items scored for a user, on average. */
  candidates: z.number().min(0),
};

const descriptionSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("lsh"), settings: lshSchema, model: z.string(), ...measured }),
  z.object({
    kind: z.literal("hnsw"),
    settings: hnswSchema,
    model: z.string(),
    /** SHA-256 of the graph's file. */
    graph: z.string(),
    ...measured,
  }),
]);

export type IndexDescription = z.infer<typeof descriptionSchema>;

/** A description before what writing finds out. */
export type IndexToWrite =
  | Extract<IndexDescription, { kind: "lsh" }>
  | Omit<Extract<IndexDescription, { kind: "hnsw" }>, "graph">;

/** What an index was measured to be. */
export type IndexMeasurement = Pick<
  IndexDescription,
  "users" | "k" | "recall" | "usersPerSecond" | "exactUsersPerSecond" | "candidates"
>;

/**
 * Keeps an index in a bundle's folder, in the place of one that is there.
 * @param model checksum of the model's file: the index is of no use to another
 */
export async function writeItemIndex(
  folder: string,
  index: CandidateIndex,
  description: IndexToWrite,
): Promise<void> {
  const path = join(folder, GRAPH);
  if (!(index instanceof HnswIndex)) {
    describe(folder, description);
    await rm(path, { force: true });
    return;
  }
  const partial = `${path}.${process.pid}.tmp`;
  index.save(partial);
  const graph = await checksum(partial);
  await rename(partial, path);
  describe(folder, { ...description, graph });
}

function describe(folder: string, description: object): void {
  writeFileAtomically(join(folder, DESCRIPTION), `${JSON.stringify(description, null, 2)}\n`);
}

/** SHA-256 of a file. */
async function checksum(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest("hex");
}

/** Takes the index out of a bundle's folder: every item is scored again. */
export async function removeItemIndex(folder: string): Promise<void> {
  await rm(join(folder, DESCRIPTION), { force: true });
  await rm(join(folder, GRAPH), { force: true });
}

/**
 * The index of a bundle and what it was measured to be; null where it has none.
 * @throws BadInputError where it is damaged or of another model
 */
export async function readItemIndex(
  folder: string,
  manifest: Manifest,
  { embeddings }: Recommender,
): Promise<{ readonly index: CandidateIndex; readonly description: IndexDescription } | null> {
  const path = join(folder, DESCRIPTION);
  if (!existsSync(path) || !embeddings) return null;
  const parsed = descriptionSchema.safeParse(parsedJson(await readFile(path, "utf8")));
  if (!parsed.success) throw unusable(path, "is damaged");
  const description = parsed.data;
  if (description.model !== manifest.files["model.safetensors"].sha256) {
    throw unusable(path, "belongs to another model");
  }
  const { items, width } = embeddings;
  if (description.kind === "lsh") {
    return { index: LshIndex.build(items, width, description.settings), description };
  }
  const graph = join(folder, GRAPH);
  if (!existsSync(graph) || (await checksum(graph)) !== description.graph) {
    throw unusable(graph, "is missing or damaged");
  }
  const index = HnswIndex.load(graph, items.length / width, width, description.settings);
  return { index, description };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unusable(path: string, what: string): BadInputError {
  return new BadInputError(
    "item-index",
    `${path} ${what}; build it again with lumiere index, or delete it to score every item`,
  );
}
