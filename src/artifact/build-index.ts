/**
 * Builds the retrieval index of a bundle, measures it against exact lists, and
 * keeps both beside the model.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { BadInputError } from "../base/errors.ts";
import { type ProgressReporter, silent } from "../base/progress.ts";
import type { Rows } from "../data/interactions.ts";
import type { Recommender } from "../models/recommender.ts";
import { HnswIndex } from "../retrieval/hnsw.ts";
import { LshIndex } from "../retrieval/lsh.ts";
import { type IndexDescription, type IndexToWrite, writeItemIndex } from "./item-index.ts";
import type { Manifest } from "./manifest.ts";
import { type MeasureOptions, measureIndex } from "./measure-index.ts";

/** A kind of index with its settings. */
export type IndexChoice =
  | Pick<Extract<IndexDescription, { kind: "lsh" }>, "kind" | "settings">
  | Pick<Extract<IndexDescription, { kind: "hnsw" }>, "kind" | "settings">;

/** The bundle that is indexed. */
export interface IndexedBundle {
  /** Where the index goes. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly recommender: Recommender;
  /** What not to recommend to each user. */
  readonly seen: Rows;
}

/** @throws BadInputError where the model has no embeddings */
export async function addItemIndex(
  { folder, manifest, recommender, seen }: IndexedBundle,
  choice: IndexChoice,
  { progress = silent, ...measure }: MeasureOptions & { readonly progress?: ProgressReporter },
): Promise<IndexToWrite> {
  const { embeddings, itemCount: total } = recommender;
  if (!embeddings) {
    throw new BadInputError(
      "no-embeddings",
      `${manifest.model.title} has no embeddings, so there is nothing to index; its lists are exact`,
    );
  }
  const { items, width } = embeddings;
  const added = (done: number) => progress({ stage: "index", done, total, unit: "items" });
  const index =
    choice.kind === "lsh"
      ? LshIndex.build(items, width, choice.settings)
      : HnswIndex.build(items, width, choice.settings, availableParallelism(), added);
  const measured = await measureIndex(recommender, seen, index, measure);
  const model = manifest.files["model.safetensors"].sha256;
  const description: IndexToWrite = { ...choice, model, ...measured };
  await writeItemIndex(folder, index, description);
  return description;
}
