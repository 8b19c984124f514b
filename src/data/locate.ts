/**
 * Where a dataset of the catalogue is on this machine: the folder LUMIERE_DATA
 * names, else the cache.
 *
 * @module
 */

import { access, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { BadInputError } from "../base/errors.ts";
import { explainFileError, systemCode } from "./file-errors.ts";

/** Variables of the environment that say where data are. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a dataset's folder is recognised. */
export interface FolderSigns {
  readonly name: string;
  /** Folder names it goes by, the official one first; also paths such as snapshots/10K. */
  readonly folders: readonly string[];
  /** Files that must be there. */
  readonly requiredFiles: readonly string[];
}

/** A dataset on this machine. */
export interface Location {
  readonly kind: "folder" | "cache";
  readonly path: string;
}

/** Lumière's cache folder: XDG_CACHE_HOME/lumiere, LOCALAPPDATA\lumiere or ~/.cache/lumiere. */
export function cacheRoot(environment: Environment = process.env): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  const base =
    XDG_CACHE_HOME ||
    (process.platform === "win32" && LOCALAPPDATA) ||
    join(environment.HOME || homedir(), ".cache");
  return resolve(base, "lumiere");
}

/** Where the cache keeps a dataset. */
export function cachedFolder(name: string, environment: Environment = process.env): string {
  return join(cacheRoot(environment), "datasets", name);
}

/**
 * Finds a dataset.
 * @throws BadInputError "data-root" where LUMIERE_DATA names a folder that cannot be read
 */
export async function locate(
  signs: FolderSigns,
  environment: Environment = process.env,
): Promise<Location | null> {
  const root = environment.LUMIERE_DATA;
  if (root) {
    for (const path of await candidates(resolve(root), signs.folders)) {
      if (await hasFiles(path, signs.requiredFiles)) return { kind: "folder", path };
    }
  }
  const cached = cachedFolder(signs.name, environment);
  for (const path of [cached, ...signs.folders.map((folder) => join(cached, folder))]) {
    if (await hasFiles(path, signs.requiredFiles)) return { kind: "cache", path };
  }
  return null;
}

/**
 * The environment for commands that should work without a folder of data: a LUMIERE_DATA that names
 * none is left out, and the notice says so loudly.
 */
export async function withoutBrokenRoot(
  environment: Environment,
  notice: (text: string) => void,
): Promise<Environment> {
  const root = environment.LUMIERE_DATA;
  try {
    if (root) await foldersIn(resolve(root));
    return environment;
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    notice(`WARNING: ${error.message}. Going on without it.`);
    return { ...environment, LUMIERE_DATA: undefined };
  }
}

/** The root itself if it bears a name of the dataset, then its folders, then one level deeper. */
async function candidates(root: string, folders: readonly string[]): Promise<readonly string[]> {
  const inside = await foldersIn(root);
  return [
    ...folders.filter((folder) => root.endsWith(join("/", folder))).map(() => root),
    ...folders.map((folder) => join(root, folder)),
    ...inside.flatMap((deeper) => folders.map((folder) => join(root, deeper, folder))),
  ];
}

/** Names of the folders in LUMIERE_DATA. @throws BadInputError "data-root" */
async function foldersIn(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const reason =
      systemCode(error) === "ENOTDIR"
        ? "it is not a folder"
        : (await explainFileError(root, error)).message;
    throw new BadInputError(
      "data-root",
      `LUMIERE_DATA names ${root}: ${reason}; point it to the folder that holds your datasets, or unset it`,
    );
  }
}

/** Whether a folder holds all of the files. */
export async function hasFiles(folder: string, files: readonly string[]): Promise<boolean> {
  try {
    await Promise.all(files.map((file) => access(join(folder, file))));
    return true;
  } catch {
    return false;
  }
}
