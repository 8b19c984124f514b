/** Folders of a published layout for tests, loaded and read back in external ids. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quietContext } from "../../src/data/context.ts";
import type { Dataset } from "../../src/data/interactions.ts";
import { loadDataset } from "../../src/data/load.ts";
import { type DataOptionsInput, dataOptionsSchema } from "../../src/data/options.ts";
import { externalRows, scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();

/** Writes files into a folder of that name. */
export function folderOf(
  name: string,
  files: Readonly<Record<string, string>>,
  encoding: "utf8" | "latin1" = "utf8",
): string {
  const folder = join(mkdtempSync(join(scratch, "layout-")), name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(folder, file), Buffer.from(text, encoding));
  }
  return folder;
}

/** Loads what `--data` takes. */
export function load(data: string, options: Omit<DataOptionsInput, "data"> = {}): Promise<Dataset> {
  return loadDataset(dataOptionsSchema.parse({ data, ...options }), quietContext);
}

/** A shipped split in external ids. */
export async function shipped(dataset: Dataset, name: string) {
  const split = dataset.shippedSplits.find((known) => known.name === name);
  assert.ok(split, `no split ${name}`);
  const { train, test, candidates } = await split.load();
  const { users, items } = dataset;
  return {
    train: externalRows({ users, items, interactions: train }),
    test: externalRows({ users, items, interactions: test }),
    candidates:
      candidates &&
      users.ids.map((_, user) =>
        Array.from(
          candidates.indices.subarray(candidates.indptr[user], candidates.indptr[user + 1]),
          (item) => items.idOf(item),
        ),
      ),
  };
}

/** NCF files of MovieLens 1M. */
export const ncf = {
  "ml-1m.train.rating": "0\t32\t4\t978824330\n0\t34\t2\t978824331\n1\t25\t5\t978300174\n",
  "ml-1m.test.rating": "0\t25\t5\t978824351\n1\t33\t3\t978300174\n",
  // A published list may hold the test item itself, and items nobody rated.
  "ml-1m.test.negative": "(0,25)\t33\t25\t999\n(1,33)\t32\t34\n",
};
