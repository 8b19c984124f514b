/**
 * Brings a dataset of the catalogue onto this machine: found where it lies, or
 * downloaded from its publisher into the cache, whole or not at all.
 *
 * @module
 */

import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LumiereError } from "../base/errors.ts";
import type { Checksum } from "./checksum.ts";
import type { DataContext } from "./context.ts";
import { type DownloadPatience, downloadFile } from "./download.ts";
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
  const { name, title, licence, download } = dataset;
  context.notice(
    `Downloading ${title} (not in LUMIERE_DATA, not in the cache). Licence: ${licence}`,
  );
  const incoming = join(cacheRoot(environment), "downloads", name);
  const target = cachedFolder(name, environment);
  await mkdir(dirname(target), { recursive: true });
  if (download.kind === "files") {
    for (const { name: file, url, checksum } of download.files) {
      // A file that has its name is whole: an earlier run got this far.
      if (await hasFiles(incoming, [file])) continue;
      await downloadFile({ url, path: join(incoming, file), checksum }, context, patience);
    }
    await moveInto(incoming, target);
  } else {
    const archive = join(incoming, basename(new URL(download.url).pathname));
    const { url, checksum } = download;
    await downloadFile({ url, path: archive, checksum }, context, patience);
    // Unpacked beside its place, so that it gets there by one rename.
    const unpacked = await mkdtemp(`${target}.tmp-`);
    try {
      await extractZip(archive, unpacked, context);
      await moveInto(unpacked, target);
      await rm(incoming, { recursive: true, force: true });
    } catch (error) {
      // An archive that cannot be unpacked would only fail again.
      if (error instanceof LumiereError && error.code === "archive")
        await rm(archive, { force: true });
      throw error;
    } finally {
      await rm(unpacked, { recursive: true, force: true });
    }
  }
  const cached = await locate(dataset, { ...environment, LUMIERE_DATA: undefined });
  if (cached) return cached.path;
  throw new LumiereError(
    "archive",
    `${title}: the download does not hold ${dataset.requiredFiles.join(", ")}; the publisher may have changed it: delete ${target}, and point LUMIERE_DATA to a copy of the official files`,
  );
}

/** Moves a finished folder to its place; what another process put there meanwhile stays. */
async function moveInto(folder: string, target: string): Promise<void> {
  try {
    await rename(folder, target);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
