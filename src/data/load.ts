/**
 * The single door to data: a name of the catalogue, "synthetic", a file, a
 * folder, a URL or a query becomes an indexed, filtered dataset.
 *
 * @module
 */

import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { LumiereError } from "../base/errors.ts";
import { type CatalogueEntry, catalogue, datasetNames, findEntry } from "./catalogue.ts";
import type { DataContext } from "./context.ts";
import { explainFileError, folderInstead } from "./file-errors.ts";
import { filterRows } from "./filter-rows.ts";
import { applyFilters } from "./filters.ts";
import type { Dataset } from "./interactions.ts";
import type { Layout } from "./layouts/layout.ts";
import { lightgcnFiles } from "./layouts/lightgcn-files.ts";
import { movielens100k } from "./layouts/movielens-100k.ts";
import { movielensCsv } from "./layouts/movielens-csv.ts";
import { movielensDat } from "./layouts/movielens-dat.ts";
import { ncfFiles } from "./layouts/ncf-files.ts";
import { type Environment, hasFiles, withoutBrokenRoot } from "./locate.ts";
import { obtain } from "./obtain.ts";
import { type DataOptions, dataOptionsSchema, type RowFilters } from "./options.ts";
import { refuseReadingFlags } from "./reading-flags.ts";
import { describeSource, type Source, sourceOf } from "./source.ts";
import { syntheticDataset } from "./synthetic.ts";

/** Layouts a folder is tried for, beside those of the catalogue's names. */
const LAYOUTS: readonly Layout[] = [
  movielens100k,
  movielensDat,
  movielensCsv,
  lightgcnFiles,
  ncfFiles("ml-1m"),
  ncfFiles("pinterest-20", "pins"),
];

/**
 * Loads a dataset.
 * @throws BadInputError that names the file, row, column or flag, and the fix
 * @throws LumiereError "download…" where a dataset of the catalogue is nowhere and cannot be fetched
 * @throws StoppedError on abort
 *
 * @example
 * const options = dataOptionsSchema.parse({ data: "ml-100k", minRating: 3 });
 * const dataset = await loadDataset(options, { progress: silent, notice: console.error });
 */
export async function loadDataset(options: DataOptions, context: DataContext): Promise<Dataset> {
  return applyFilters(await readDataset(options, context), options);
}

/**
 * MovieLens 100K for a first look: from LUMIERE_DATA, the cache or its official download; where none
 * can be reached, one line says so and the synthetic dataset takes its place. A LUMIERE_DATA that
 * names no folder is a loud warning, and the cache and the download are tried all the same.
 */
export async function demoDataset(
  context: DataContext,
  environment: Environment = process.env,
): Promise<Dataset> {
  const options = dataOptionsSchema.parse({ data: "ml-100k" });
  const entry = findEntry(options.data)!;
  try {
    const usable = await withoutBrokenRoot(environment, context.notice);
    const folder = await obtain(entry, context, usable);
    return applyFilters(await loadEntry(entry, folder, options, context), options);
  } catch (error) {
    if (!(error instanceof LumiereError && error.code.startsWith("download"))) throw error;
    context.notice(
      `MovieLens 100K is not in LUMIERE_DATA, not in the cache and cannot be downloaded (${error.message}): using MADE-UP data instead`,
    );
    return syntheticDataset();
  }
}

/** A dataset before the filters on its shape, whose errors `loadDataset` has too. */
export async function readDataset(options: DataOptions, context: DataContext): Promise<Dataset> {
  const { data } = options;
  const entry = findEntry(data);
  if (entry) {
    refuseReadingFlags(options, `the dataset ${data}`);
    return loadEntry(entry, await obtain(entry, context), options, context);
  }
  if (data === "synthetic") {
    refuseReadingFlags(options, "the synthetic dataset");
    return filterRows(syntheticDataset(), options);
  }
  const source = sourceOf(data);
  if (source.kind === "path") {
    const folder = await folderAt(source.path);
    if (folder !== null) {
      refuseReadingFlags(options, `the folder ${data}`);
      return loadFolder(folder, options, context);
    }
  }
  // Loaded here for the sake of who never reads ratings: see layouts/layout.ts.
  const { ingest } = await import("./ingest.ts");
  const rows = await ingest(source, options, options, context);
  return {
    ...rows,
    name: nameOf(source),
    itemFeatures: {},
    userFeatures: {},
    source: describeSource(source),
    licence: null,
    synthetic: false,
    shippedSplits: [],
  };
}

async function loadEntry(
  entry: CatalogueEntry,
  folder: string,
  filters: RowFilters,
  context: DataContext,
): Promise<Dataset> {
  return {
    ...(await entry.layout.load(folder, filters, context)),
    name: entry.name,
    source: folder,
    licence: entry.licence,
    synthetic: false,
  };
}

/** The path where it is a folder, null where it is a file. @throws BadInputError */
async function folderAt(path: string): Promise<string | null> {
  try {
    return (await stat(path)).isDirectory() ? resolve(path) : null;
  } catch (error) {
    // A bare word may be a mistyped name of a dataset.
    throw await explainFileError(path, error, /[\\/]/.test(path) ? [] : datasetNames());
  }
}

/** A folder: a dataset of the catalogue by its name and files, else any known layout by its files. */
async function loadFolder(
  folder: string,
  filters: RowFilters,
  context: DataContext,
): Promise<Dataset> {
  for (const entry of catalogue) {
    const named = entry.folders.some((name) => basename(name) === basename(folder));
    if (named && (await hasFiles(folder, entry.requiredFiles))) {
      return loadEntry(entry, folder, filters, context);
    }
  }
  for (const layout of LAYOUTS) {
    if (!(await hasFiles(folder, layout.requiredFiles))) continue;
    return {
      ...(await layout.load(folder, filters, context)),
      name: basename(folder),
      source: folder,
      licence: null,
      synthetic: false,
    };
  }
  throw await folderInstead(folder).catch((error: unknown) => explainFileError(folder, error));
}

/** A short name for reports: the file without its folder and endings. */
function nameOf(source: Source): string {
  switch (source.kind) {
    case "sql":
      return "query";
    case "path":
      return withoutEndings(source.path);
    default:
      return withoutEndings(new URL(source.url).pathname) || source.kind;
  }
}

function withoutEndings(path: string): string {
  const name = basename(path).replace(/\.(gz|zst)$/i, "");
  return basename(name, extname(name));
}
