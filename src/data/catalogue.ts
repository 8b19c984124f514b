/**
 * The datasets Lumière knows by name: their published counts, licence, official
 * files and loader.
 *
 * Counts are of what has interactions (MovieLens 1M lists 3,883 films and has
 * ratings of 3,706).
 *
 * @module
 */

import type { Checksum } from "./checksum.ts";
import type { Layout } from "./layouts/layout.ts";
import { lightgcnFiles } from "./layouts/lightgcn-files.ts";
import { movielens100k } from "./layouts/movielens-100k.ts";
import { movielensCsv } from "./layouts/movielens-csv.ts";
import { movielensDat } from "./layouts/movielens-dat.ts";
import { ncfFiles } from "./layouts/ncf-files.ts";
import { type Environment, locate } from "./locate.ts";
import type { Obtainable, OfficialDownload } from "./obtain.ts";

/** Users, items and interactions of a dataset. */
export interface DatasetCounts {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** A dataset of the catalogue. */
export interface CatalogueEntry extends Obtainable {
  readonly counts: DatasetCounts;
  readonly homepage: string;
  readonly layout: Layout;
}

/** A line of `lumiere datasets`. */
export interface ListedDataset {
  readonly name: string;
  readonly title: string;
  readonly counts: DatasetCounts;
  readonly licence: string;
  readonly homepage: string;
  /** Where it is: a folder of LUMIERE_DATA, the cache, or (nowhere yet) its official download. */
  readonly found: "folder" | "cache" | "download";
  /** The folder, or the address. */
  readonly path: string;
}

const GROUPLENS =
  "GroupLens: research use with citation; no redistribution and no commercial use without permission";
const GROUPLENS_LATEST =
  "GroupLens: research use with citation; redistribution under the same terms; no commercial use without permission";

/** A MovieLens archive and the MD5 that GroupLens publishes beside it. */
function movielensArchive(file: string, md5: string | null): OfficialDownload {
  return {
    kind: "archive",
    url: `https://files.grouplens.org/datasets/movielens/${file}`,
    checksum: md5 === null ? null : { algorithm: "md5", value: md5 },
  };
}

/** Files of a repository at a fixed commit, with the checksums its tree lists. */
function repositoryFiles(base: string, blobs: Readonly<Record<string, string>>): OfficialDownload {
  return {
    kind: "files",
    files: Object.entries(blobs).map(([name, blob]) => {
      const checksum: Checksum = { algorithm: "git-blob", value: blob };
      return { name, url: `https://raw.githubusercontent.com/${base}/${name}`, checksum };
    }),
  };
}

const LIGHTGCN = "gusye1234/LightGCN-PyTorch/947ca2b3b1d2d3545b114145710cb06c4e57b3d2/data";
const NCF =
  "hexiangnan/neural_collaborative_filtering/4aab159e81c44b062c091bdaed0ab54ac632371f/Data";
/** The commit that added each snapshot, and the blobs of its files. */
const MOVIETWEETINGS = {
  "10K": {
    commit: "a645287b5856975583467dac6432fb65f5386427",
    ratings: "41a058fcb51a9bb764cb4587093b4b8bcd61dd62",
    movies: "a4942be64d565ad20f06c6018a2e0ed1be0687dd",
  },
  "100K": {
    commit: "4d8280a3f1ea83e3e23f13d1710d19f43564274f",
    ratings: "a1e4320ba1588cab40479fba59ec5d6b959b0a43",
    movies: "abb922df810345702ee7193bd61d15693bd5692e",
  },
} as const;

/** Every dataset known by name. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: "ml-100k",
    title: "MovieLens 100K",
    counts: { users: 943, items: 1_682, interactions: 100_000 },
    licence: GROUPLENS,
    homepage: "https://grouplens.org/datasets/movielens/100k/",
    folders: ["ml-100k"],
    requiredFiles: movielens100k.requiredFiles,
    download: movielensArchive("ml-100k.zip", "0e33842e24a9c977be4e0107933c0723"),
    layout: movielens100k,
  },
  {
    name: "ml-1m",
    title: "MovieLens 1M",
    counts: { users: 6_040, items: 3_706, interactions: 1_000_209 },
    licence: GROUPLENS,
    homepage: "https://grouplens.org/datasets/movielens/1m/",
    folders: ["ml-1m"],
    requiredFiles: movielensDat.requiredFiles,
    download: movielensArchive("ml-1m.zip", "c4d9eecfca2ab87c1945afe126590906"),
    layout: movielensDat,
  },
  {
    name: "ml-10m",
    title: "MovieLens 10M",
    counts: { users: 69_878, items: 10_677, interactions: 10_000_054 },
    licence: GROUPLENS,
    homepage: "https://grouplens.org/datasets/movielens/10m/",
    folders: ["ml-10M100K", "ml-10m"],
    requiredFiles: movielensDat.requiredFiles,
    download: movielensArchive("ml-10m.zip", "ce571fd55effeba0271552578f2648bd"),
    layout: movielensDat,
  },
  {
    name: "ml-20m",
    title: "MovieLens 20M",
    counts: { users: 138_493, items: 26_744, interactions: 20_000_263 },
    licence: GROUPLENS,
    homepage: "https://grouplens.org/datasets/movielens/20m/",
    folders: ["ml-20m"],
    requiredFiles: movielensCsv.requiredFiles,
    download: movielensArchive("ml-20m.zip", "cd245b17a1ae2cc31bb14903e1204af3"),
    layout: movielensCsv,
  },
  {
    name: "ml-25m",
    title: "MovieLens 25M",
    counts: { users: 162_541, items: 59_047, interactions: 25_000_095 },
    licence: GROUPLENS,
    homepage: "https://grouplens.org/datasets/movielens/25m/",
    folders: ["ml-25m"],
    requiredFiles: movielensCsv.requiredFiles,
    download: movielensArchive("ml-25m.zip", "6b51fb2759a8657d3bfcbfc42b592ada"),
    layout: movielensCsv,
  },
  {
    name: "ml-latest-small",
    title: "MovieLens latest, small (2018; for development, not for reported results)",
    counts: { users: 610, items: 9_724, interactions: 100_836 },
    licence: GROUPLENS_LATEST,
    homepage: "https://grouplens.org/datasets/movielens/latest/",
    folders: ["ml-latest-small"],
    requiredFiles: movielensCsv.requiredFiles,
    download: movielensArchive("ml-latest-small.zip", null),
    layout: movielensCsv,
  },
  {
    name: "gowalla",
    title: "Gowalla check-ins, as cut for NGCF and LightGCN",
    counts: { users: 29_858, items: 40_981, interactions: 1_027_370 },
    licence: "no licence stated; derived from SNAP's Gowalla data, for research",
    homepage: "https://github.com/gusye1234/LightGCN-PyTorch",
    folders: ["gowalla"],
    requiredFiles: lightgcnFiles.requiredFiles,
    download: repositoryFiles(`${LIGHTGCN}/gowalla`, {
      "train.txt": "a27782bd7a1d4d0744148dc0460ea94da74763f2",
      "test.txt": "9ed5af4b5d21511f33740b4e22e3852f45671800",
    }),
    layout: lightgcnFiles,
  },
  {
    name: "yelp2018",
    title: "Yelp 2018, as cut for NGCF and LightGCN",
    counts: { users: 31_668, items: 38_048, interactions: 1_561_406 },
    licence: "no licence stated; derived from the Yelp Dataset, whose terms apply (academic use)",
    homepage: "https://github.com/gusye1234/LightGCN-PyTorch",
    folders: ["yelp2018"],
    requiredFiles: lightgcnFiles.requiredFiles,
    download: repositoryFiles(`${LIGHTGCN}/yelp2018`, {
      "train.txt": "cda12361055ba448ae4bd1070f6000c16dea8f22",
      "test.txt": "30dfbc3437b27b74cb2970b435a5ec93ad9f2468",
    }),
    layout: lightgcnFiles,
  },
  {
    name: "amazon-book",
    title: "Amazon books, as cut for NGCF and LightGCN",
    counts: { users: 52_643, items: 91_599, interactions: 2_984_108 },
    licence: "no licence stated; derived from the Amazon review data of J. McAuley, for research",
    homepage: "https://github.com/gusye1234/LightGCN-PyTorch",
    folders: ["amazon-book"],
    requiredFiles: lightgcnFiles.requiredFiles,
    download: repositoryFiles(`${LIGHTGCN}/amazon-book`, {
      "train.txt": "6ef55159c5f1fd7f6d86eb9ff290d0cc2854ac99",
      "test.txt": "09e5da4e0bf46c751c4ba0f4375e414fd13512cd",
    }),
    layout: lightgcnFiles,
  },
  {
    name: "ncf-ml-1m",
    title: "MovieLens 1M, leave-one-out with 99 negatives, as cut for NCF",
    counts: { users: 6_040, items: 3_706, interactions: 1_000_209 },
    licence: `NCF files: Apache 2.0; ratings: ${GROUPLENS}`,
    homepage: "https://github.com/hexiangnan/neural_collaborative_filtering",
    folders: ["ncf-ml-1m", "ncf", "Data"],
    requiredFiles: ncfFiles("ml-1m").requiredFiles,
    download: repositoryFiles(NCF, {
      "ml-1m.train.rating": "31ba384fd58dac8fbd09d2dfc6616431f3563ab5",
      "ml-1m.test.rating": "1b79e03c96710c3b0c35deb19155ef74f7965a02",
      "ml-1m.test.negative": "c82844fb99d021f94751a6f915a230a1e8b8da92",
    }),
    layout: ncfFiles("ml-1m"),
  },
  {
    name: "ncf-pinterest",
    title: "Pinterest pins, leave-one-out with 99 negatives, as cut for NCF",
    counts: { users: 55_187, items: 9_916, interactions: 1_500_809 },
    licence: "NCF files: Apache 2.0; pins: for research (Geng et al., ICCV 2015)",
    homepage: "https://github.com/hexiangnan/neural_collaborative_filtering",
    folders: ["ncf-pinterest", "ncf", "Data"],
    requiredFiles: ncfFiles("pinterest-20", "pins").requiredFiles,
    download: repositoryFiles(NCF, {
      "pinterest-20.train.rating": "99813f8ed7486c36fa0f405e3f400db5d6fed0be",
      "pinterest-20.test.rating": "87fdbd13bced61c51f2842e2a667e83b9b0084e3",
      "pinterest-20.test.negative": "b752ccdc14df423b9484771440ff4a73e4a4a304",
    }),
    layout: ncfFiles("pinterest-20", "pins"),
  },
  movieTweetings("10K", { users: 3_794, items: 3_096, interactions: 10_000 }),
  movieTweetings("100K", { users: 16_554, items: 10_506, interactions: 100_000 }),
];

function movieTweetings(snapshot: "10K" | "100K", counts: DatasetCounts): CatalogueEntry {
  const name = `movietweetings-${snapshot.toLowerCase()}`;
  const { commit, ratings, movies } = MOVIETWEETINGS[snapshot];
  return {
    name,
    title: `MovieTweetings, snapshot ${snapshot}`,
    counts,
    licence: "MIT",
    homepage: "https://github.com/sidooms/MovieTweetings",
    folders: [name, `movietweetings/snapshots/${snapshot}`, `snapshots/${snapshot}`],
    requiredFiles: movielensDat.requiredFiles,
    download: repositoryFiles(`sidooms/MovieTweetings/${commit}/snapshots/${snapshot}`, {
      "ratings.dat": ratings,
      "movies.dat": movies,
    }),
    layout: movielensDat,
  };
}

/** The entry of that name, or undefined. */
export function findEntry(name: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.name === name);
}

/** Every name that `--data` takes. */
export function datasetNames(): string[] {
  return [...catalogue.map((entry) => entry.name), "synthetic"];
}

/** Every dataset and where it is; reads folders, not data. */
export async function listDatasets(
  environment: Environment = process.env,
): Promise<readonly ListedDataset[]> {
  return Promise.all(
    catalogue.map(async (entry): Promise<ListedDataset> => {
      const { name, title, counts, licence, homepage, download } = entry;
      const location = await locate(entry, environment);
      const address = download.kind === "archive" ? download.url : homepage;
      return {
        name,
        title,
        counts,
        licence,
        homepage,
        found: location?.kind ?? "download",
        path: location?.path ?? address,
      };
    }),
  );
}
