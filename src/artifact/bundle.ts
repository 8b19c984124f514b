/**
 * A model bundle: one folder that holds everything needed to recommend and to
 * judge again. What its files hold is described in docs/bundle.md.
 *
 * A bundle is written whole or not at all: into a folder beside it, flushed,
 * then renamed. While a new bundle takes the place of an old one, the old one is
 * `<name>.previous` for the moment between two renames; a crash in that moment
 * loses nothing, since `openBundle` looks there too.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { BadInputError } from "../base/errors.ts";
import { firstNonFinite } from "../base/finite.ts";
import { flushFolder, makeFolder } from "../base/folders.ts";
import { type EvaluationPart, Vocabulary } from "../data/interactions.ts";
import type { SavedTensor } from "../models/recommender.ts";
import { findCard } from "../models/registry.ts";
import { writeFileAtomically } from "./atomic.ts";
import {
  itemColumns,
  partColumns,
  readItemFeatures,
  readPart,
  readRows,
  readText,
  rowColumns,
  userColumns,
} from "./bundle-columns.ts";
import { type IndexDescription, readItemIndex } from "./item-index.ts";
import { type BundleFile, type Manifest, parseManifest } from "./manifest.ts";
import type { RecommendationSource } from "./recommendation-source.ts";
import {
  readSafetensors,
  savedTensor,
  type TensorsToWrite,
  writeSafetensors,
} from "./safetensors.ts";

/** What a folder holds that is a bundle. */
export const MANIFEST_FILE = "manifest.json";
const HELD_OUT = "held-out.safetensors";

/** Name of the bundle's folder inside a run's folder, beside the report. */
export const BUNDLE_FOLDER = "bundle";

/** Everything that goes into a bundle. */
export interface BundleContents extends RecommendationSource {
  /** The manifest, but for what writing finds out. */
  readonly manifest: Omit<Manifest, "files" | "format" | "formatVersion">;
  readonly validation: EvaluationPart | null;
  readonly test: EvaluationPart | null;
}

/** A bundle in memory. */
export interface Bundle extends RecommendationSource {
  readonly directory: string;
  readonly manifest: Manifest;
  /** What the index was measured to be; null where every item is scored. */
  readonly indexDescription: IndexDescription | null;
  /** What was held out; read when it is asked for. */
  heldOut(): Promise<{
    readonly validation: EvaluationPart | null;
    readonly test: EvaluationPart | null;
  }>;
}

export interface OpenOptions {
  /** Whether to load the retrieval index, where the bundle has one; default true. */
  readonly index?: boolean;
}

/**
 * Refuses a folder that a bundle could not take the place of.
 * @throws BadInputError where it holds something that is not a bundle
 */
export async function checkBundleTarget(directory: string): Promise<void> {
  if (!existsSync(directory) || existsSync(join(directory, MANIFEST_FILE))) return;
  const [found] = await readdir(directory);
  if (found === undefined) return;
  throw new BadInputError(
    "bundle-target",
    `${directory} holds "${found}" and no ${MANIFEST_FILE}, so it is not a bundle and is not replaced; name another folder`,
  );
}

/**
 * Writes a bundle; one that is there already stays until the new one is whole.
 * @param complete adds what else belongs into the folder before it takes its place; a throw leaves
 *   the old bundle where it is
 * @throws BadInputError where the folder holds something that is not a bundle
 */
export async function writeBundle(
  directory: string,
  contents: BundleContents,
  complete: (folder: string, manifest: Manifest) => Promise<void> = async () => {},
): Promise<Manifest> {
  const target = resolve(directory);
  await checkBundleTarget(target);
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  makeFolder(partial);
  try {
    const manifest = await writeFiles(partial, contents);
    await complete(partial, manifest);
    await flushFolder(partial);
    await replaceFolder(partial, target);
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function writeFiles(folder: string, contents: BundleContents): Promise<Manifest> {
  const { recommender, users, items, itemFeatures, train, seen, validation, test } = contents;
  const tensors: Record<BundleFile, TensorsToWrite> = {
    "model.safetensors": recommender.save(),
    "users.safetensors": userColumns(users.ids),
    "items.safetensors": itemColumns(items.ids, itemFeatures),
    "seen.safetensors": {
      ...rowColumns("seen", seen),
      ...rowColumns("train", train),
    },
    [HELD_OUT]: {
      ...partColumns("validation", validation, users.size),
      ...partColumns("test", test, users.size),
    },
  };
  const files: Partial<Manifest["files"]> = {};
  for (const name of Object.keys(tensors) as BundleFile[]) {
    files[name] = await writeSafetensors(join(folder, name), tensors[name]);
  }
  const manifest = {
    format: "lumiere-bundle" as const,
    formatVersion: 1 as const,
    ...contents.manifest,
    files: files as Manifest["files"],
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  // Nobody should find out at the next start that what was written cannot be read.
  parseManifest(text, join(folder, MANIFEST_FILE));
  writeFileAtomically(join(folder, MANIFEST_FILE), text);
  return manifest;
}

/** Puts a finished folder in the place of another. */
async function replaceFolder(finished: string, target: string): Promise<void> {
  const previous = `${target}.previous`;
  if (existsSync(target)) {
    await rm(previous, { recursive: true, force: true });
    await rename(target, previous);
  }
  await rename(finished, target);
  await flushFolder(dirname(target));
  await rm(previous, { recursive: true, force: true });
}

/** The folder in which the manifest lies: the one named, its `bundle/`, or what a crash left of either. */
function locate(directory: string): string {
  const target = resolve(directory);
  const inside = join(target, BUNDLE_FOLDER);
  const candidates = [target, inside, `${inside}.previous`, `${target}.previous`];
  const found = candidates.find((folder) => existsSync(join(folder, MANIFEST_FILE)));
  if (found !== undefined) return found;
  const state = existsSync(target) ? "has no" : "does not exist, so there is no";
  throw new BadInputError(
    "bundle-missing",
    `${directory} ${state} ${MANIFEST_FILE} or ${BUNDLE_FOLDER}/${MANIFEST_FILE}; name the folder that lumiere train wrote with --out`,
  );
}

/**
 * Opens a bundle, or the run folder that it lies in.
 * @throws BadInputError where it is missing or damaged; the message names the broken file
 *
 * @example
 * const bundle = await openBundle("lumiere-runs/demo");
 * bundle.manifest.metrics["recall@20"];
 */
export async function openBundle(directory: string, options: OpenOptions = {}): Promise<Bundle> {
  for (let attempt = 1; ; attempt++) {
    const folder = locate(directory);
    const path = join(folder, MANIFEST_FILE);
    const text = await readFile(path, "utf8");
    try {
      return await readBundle(folder, parseManifest(text, path), options);
    } catch (error) {
      // A bundle that was replaced while it was read is read again.
      const replaced = (await readFile(path, "utf8").catch(() => "")) !== text;
      if (!replaced || attempt === 3) throw error;
    }
  }
}

async function readBundle(
  folder: string,
  manifest: Manifest,
  { index = true }: OpenOptions,
): Promise<Bundle> {
  const { users: userCount, items: itemCount } = manifest.dataset;
  const [modelFile, userFile, itemFile, seenFile] = await Promise.all([
    readChecked(folder, "model.safetensors", manifest),
    readChecked(folder, "users.safetensors", manifest),
    readChecked(folder, "items.safetensors", manifest),
    readChecked(folder, "seen.safetensors", manifest),
    // Read only when somebody judges again.
    checkSize(folder, HELD_OUT, manifest.files[HELD_OUT].bytes),
  ]);
  const expect = <T>(value: T | null | undefined, file: BundleFile, what: string): T => {
    if (value !== null && value !== undefined) return value;
    throw damaged(folder, file, `${what} missing or not as the manifest counts them`);
  };
  const userIds = expect(readText(userFile, "id", userCount), "users.safetensors", "ids");
  const itemIds = expect(readText(itemFile, "id", itemCount), "items.safetensors", "ids");
  const itemFeatures = readItemFeatures(itemFile, itemCount);
  const rows = (name: string) => readRows(seenFile, name, userCount, itemCount);
  const seen = expect(rows("seen"), "seen.safetensors", "seen items");
  const train = expect(rows("train"), "seen.safetensors", "training items");
  const tensors: Record<string, SavedTensor> = {};
  for (const [name, stored] of modelFile) {
    const tensor = savedTensor(name, stored, join(folder, "model.safetensors"));
    const at = firstNonFinite(tensor.data);
    if (at >= 0) {
      const found = `number ${at + 1} of "${name}" is ${tensor.data[at]}, as after training that diverged`;
      throw damaged(folder, "model.safetensors", found);
    }
    tensors[name] = tensor;
  }
  const definition = findCard(manifest.model.name);
  const hyperparameters = definition.hyperparameters.safeParse(manifest.hyperparameters);
  if (!hyperparameters.success) {
    const [issue] = hyperparameters.error.issues;
    throw new BadInputError(
      "bundle-manifest",
      `${join(folder, MANIFEST_FILE)}: hyperparameter "${issue?.path.join(".")}" of ${definition.name}: ${issue?.message}; train again`,
    );
  }
  const recommender = definition.load(tensors, hyperparameters.data, {
    userCount,
    itemCount,
    seen: train,
  });
  const indexed = index ? await readItemIndex(folder, manifest, recommender) : null;
  return {
    directory: folder,
    manifest,
    recommender,
    index: indexed?.index ?? null,
    indexDescription: indexed?.description ?? null,
    users: new Vocabulary(userIds),
    items: new Vocabulary(itemIds),
    itemFeatures: expect(itemFeatures, "items.safetensors", "titles, years or genres"),
    train,
    seen,
    async heldOut() {
      const columns = await readChecked(folder, HELD_OUT, manifest);
      const part = (name: string): EvaluationPart | null => {
        const read = readPart(columns, name, userCount, itemCount);
        if (read === undefined) throw damaged(folder, HELD_OUT, `its ${name} part makes no sense`);
        return read;
      };
      return { validation: part("validation"), test: part("test") };
    },
  };
}

function damaged(folder: string, file: BundleFile, found: string): BadInputError {
  return new BadInputError(
    "bundle-damaged",
    `${join(folder, file)} is damaged: ${found}; train again or restore ${basename(folder)} from a copy`,
  );
}

async function checkSize(folder: string, file: BundleFile, bytes: number): Promise<void> {
  const found = await stat(join(folder, file)).catch(() => null);
  if (found === null) throw damaged(folder, file, "the file is missing");
  if (found.size !== bytes) {
    throw damaged(folder, file, `${found.size} bytes, expected ${bytes}`);
  }
}

/** The arrays of a file whose bytes are those that the manifest vouches for. */
async function readChecked(folder: string, file: BundleFile, { files }: Manifest) {
  await checkSize(folder, file, files[file].bytes);
  const read = await readSafetensors(join(folder, file));
  if (read.sha256 !== files[file].sha256) {
    throw damaged(folder, file, "its SHA-256 differs from the manifest's");
  }
  return read.tensors;
}
