/**
 * Brings a dataset of the catalogue onto this machine: found where it lies, or
 * downloaded from its publisher into the cache, whole or not at all.
 *
 * @module
 */

import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LumiereError } from "../base/errors.ts";
import { makeFolder } from "../base/folders.ts";
import type { Checksum } from "./checksum.ts";
import type { DataContext } from "./context.ts";
import { type DownloadPatience, downloadFile } from "./download.ts";
import { systemCode } from "./file-errors.ts";
import { withLock } from "./folder-lock.ts";
import {
  cachedFolder,
  cacheRoot,
  type Environment,
  type FolderSigns,
  hasFiles,
  locate,
} from "./locate.ts";
import { extractZip } from "./zip.ts";

/** The publisher's files: one zip archive, or the files themselves. */
export type OfficialDownload =
  | { readonly kind: "archive"; readonly url: string; readonly checksum: Checksum | null }
  | { readonly kind: "files"; readonly files: readonly OfficialFile[] };

/** One file of a publisher. */
export interface OfficialFile {
  readonly name: string;
  readonly url: string;
  readonly checksum: Checksum | null;
}

/** A dataset that can be found or fetched. */
export interface Obtainable extends FolderSigns {
  readonly title: string;
  readonly licence: string;
  readonly download: OfficialDownload;
}

/**
 * The folder of a dataset; downloads it where it is neither in LUMIERE_DATA nor in the cache. The
 * licence is shown when it is downloaded, that is, once.
 * @throws LumiereError "download…", "archive"
 */
export async function obtain(
  dataset: Obtainable,
  context: DataContext,
  environment: Environment = process.env,
  patience?: DownloadPatience,
): Promise<string> {
  const found = await locate(dataset, environment);
  if (found) return found.path;
  const { name, title, licence } = dataset;
  const { notice, signal } = context;
  const target = cachedFolder(name, environment);
  const findCached = () => locate(dataset, { ...environment, LUMIERE_DATA: undefined });
  const isWhole = async () => (await findCached()) !== null;
  const incoming = join(cacheRoot(environment), "downloads", name);
  const onWait = () => notice(`Another program is downloading ${title}; waiting for it.`);
  try {
    await withLock(`${incoming}.lock`, { onWait, signal }, async () => {
      if (await isWhole()) return;
      const told = onFirstBytes(context, () =>
        notice(`Downloading ${title} (not in LUMIERE_DATA, not in the cache). Licence: ${licence}`),
      );
      await fetchInto(target, dataset.download, { isWhole, incoming, context: told, patience });
    });
  } catch (error) {
    const code = systemCode(error);
    if (error instanceof LumiereError || code === null) throw error;
    throw new LumiereError(
      "download-cache",
      `${cacheRoot(environment)}: cannot keep ${title} there (${code}); make it a folder with room that you may write to, set XDG_CACHE_HOME to another, or point LUMIERE_DATA to a copy of the official files`,
      1,
      { cause: error },
    );
  }
  const cached = await findCached();
  if (cached) return cached.path;
  throw new LumiereError(
    "archive",
    `${title}: the download does not hold ${dataset.requiredFiles.join(", ")}; the publisher may have changed it: delete ${target}, and point LUMIERE_DATA to a copy of the official files`,
  );
}

/** The same context, which also calls back once when data begin to come: not where nobody answers. */
function onFirstBytes(context: DataContext, callback: () => void): DataContext {
  let come = false;
  const progress: DataContext["progress"] = (event) => {
    if (!come && event.done > 0) callback();
    come ||= event.done > 0;
    context.progress(event);
  };
  return { ...context, progress };
}

interface Fetching {
  /** Whether the target holds the dataset. */
  readonly isWhole: () => Promise<boolean>;
  /** Where files wait until all have come. */
  readonly incoming: string;
  readonly context: DataContext;
  readonly patience: DownloadPatience | undefined;
}

/** Fills the folder `target` by one rename. */
async function fetchInto(
  target: string,
  download: OfficialDownload,
  { isWhole, incoming, context, patience }: Fetching,
): Promise<void> {
  makeFolder(dirname(target));
  if (download.kind === "files") {
    for (const { name, url, checksum } of download.files) {
      // A file that has its name is whole: an earlier run got this far.
      if (await hasFiles(incoming, [name])) continue;
      await downloadFile({ url, path: join(incoming, name), checksum }, context, patience);
    }
    await moveInto(incoming, target, isWhole);
    return;
  }
  const { url, checksum } = download;
  const archive = join(incoming, basename(new URL(url).pathname));
  await downloadFile({ url, path: archive, checksum }, context, patience);
  // Unpacked beside its place, so that it gets there by one rename.
  const unpacked = await mkdtemp(`${target}.tmp-`);
  try {
    await extractZip(archive, unpacked, context);
    await moveInto(unpacked, target, isWhole);
    await rm(incoming, { recursive: true, force: true });
  } catch (error) {
    // An archive that cannot be unpacked would only fail again.
    if (error instanceof LumiereError && error.code === "archive") {
      await rm(archive, { force: true });
    }
    throw error;
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** Moves a finished folder to its place; what another process finished there meanwhile stays. */
async function moveInto(folder: string, target: string, isWhole: () => Promise<boolean>) {
  try {
    await rename(folder, target);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    if (await isWhole()) return;
    // Files are missing from what is there, or the dataset would have been found.
    await rm(target, { recursive: true });
    await rename(folder, target);
  }
}
