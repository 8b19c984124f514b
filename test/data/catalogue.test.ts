/** The list of datasets, the demo and its fallback, and the real counts. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import {
  type CatalogueEntry,
  catalogue,
  findEntry,
  listDatasets,
} from "../../src/data/catalogue.ts";
import { quietContext } from "../../src/data/context.ts";
import { demoDataset, loadDataset } from "../../src/data/load.ts";
import { locate } from "../../src/data/locate.ts";
import { obtain } from "../../src/data/obtain.ts";
import { dataOptionsSchema } from "../../src/data/options.ts";
import { recordingContext, rejectsInput, scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();
const fresh = () => mkdtempSync(join(scratch, "place-"));

/** Writes empty files with these paths below a folder. */
function touch(folder: string, ...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
}

function entry(name: string): CatalogueEntry {
  const found = findEntry(name);
  assert.ok(found);
  return found;
}

describe("the list", () => {
  test("names every dataset, with where it is", async () => {
    const root = fresh();
    touch(root, "ncf/ml-1m.train.rating", "ncf/ml-1m.test.rating", "ncf/ml-1m.test.negative");
    const list = await listDatasets({ LUMIERE_DATA: root, XDG_CACHE_HOME: fresh() });
    assert.equal(list.length, catalogue.length);
    const found = list.filter((dataset) => dataset.found !== "download");
    assert.deepEqual(
      found.map(({ name, found: where, path }) => [name, where, path]),
      [["ncf-ml-1m", "folder", join(root, "ncf")]],
    );
    for (const { licence, path, counts, title } of list) {
      assert.ok(licence && title && path && counts.users > 0);
    }
  });
});

describe("the demo", () => {
  /** Runs work with other variables, and puts the old ones back. */
  async function withEnvironment(
    variables: Readonly<Record<string, string | undefined>>,
    work: () => Promise<void>,
  ): Promise<void> {
    const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    const set = (name: string, value: string | undefined) => {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    };
    for (const [name, value] of Object.entries(variables)) set(name, value);
    try {
      await work();
    } finally {
      for (const [name, value] of before) set(name, value);
    }
  }

  test("takes MovieLens 100K from LUMIERE_DATA", async () => {
    const root = fresh();
    mkdirSync(join(root, "ml-100k"));
    writeFileSync(join(root, "ml-100k/u.data"), "1\t10\t5\t100\n");
    writeFileSync(join(root, "ml-100k/u.item"), "10|Ten (1990)|||||0\n");
    await withEnvironment({ LUMIERE_DATA: root }, async () => {
      const { context, notices } = recordingContext();
      const dataset = await demoDataset(context);
      assert.deepEqual([dataset.name, dataset.synthetic, notices.length], ["ml-100k", false, 0]);
    });
  });

  test("says in one line that it makes data up where none can be had", async () => {
    // A fetch that fails as it does without a network; nothing leaves this machine.
    const { fetch } = globalThis;
    globalThis.fetch = () => {
      const cause = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
      return Promise.reject(new TypeError("fetch failed", { cause }));
    };
    try {
      await withEnvironment({ LUMIERE_DATA: undefined, XDG_CACHE_HOME: fresh() }, async () => {
        const { context, notices } = recordingContext();
        const dataset = await demoDataset(context);
        assert.ok(dataset.synthetic);
        assert.match(notices.at(-1)!, /cannot be downloaded .* MADE-UP data/);
        assert.ok(!notices.at(-1)!.includes("\n"));
      });
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test("warns of a wrong LUMIERE_DATA, and goes on to the cache", async () => {
    const cache = fresh();
    const folder = join(cache, "lumiere/datasets/ml-100k");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "u.data"), "1\t10\t5\t100\n");
    writeFileSync(join(folder, "u.item"), "10|Ten (1990)|||||0\n");
    writeFileSync(join(cache, "file"), "");
    for (const wrong of [join(scratch, "nowhere"), join(cache, "file")]) {
      const { context, notices } = recordingContext();
      const environment = { LUMIERE_DATA: wrong, XDG_CACHE_HOME: cache };
      assert.equal((await demoDataset(context, environment)).name, "ml-100k");
      assert.equal(notices.length, 1);
      assert.match(
        notices[0]!,
        /^WARNING: LUMIERE_DATA names .*or unset it\. Going on without it\.$/,
      );
      // Who names the dataset is told instead of served from elsewhere.
      await rejectsInput(obtain(entry("ml-100k"), context, environment), "data-root");
    }
  });
});

describe("published counts", () => {
  const { LUMIERE_DATA, CI } = process.env;

  test("LUMIERE_DATA is set in continuous integration", () => {
    assert.ok(LUMIERE_DATA || !CI, "set LUMIERE_DATA to the folder of datasets");
  });

  for (const { name, counts } of catalogue) {
    test(name, async (context) => {
      const location = LUMIERE_DATA && (await locate(entry(name), { LUMIERE_DATA }));
      if (!location) return context.skip(`${name} is not in LUMIERE_DATA`);
      const data = location.path;
      const dataset = await loadDataset(dataOptionsSchema.parse({ data }), quietContext);
      assert.deepEqual(
        {
          users: dataset.users.size,
          items: dataset.items.size,
          interactions: dataset.interactions.users.length,
        },
        counts,
      );
      for (const split of dataset.shippedSplits) {
        const { train, test } = await split.load();
        const sizes = [train.users.length, test.users.length];
        const expected = SPLIT_SIZES[`${name} ${split.name}`];
        if (expected) assert.deepEqual(sizes, expected);
        assert.equal(sizes[0]! + sizes[1]!, counts.interactions);
      }
    });
  }

  /** From the READMEs of the publishers. */
  const SPLIT_SIZES: Readonly<Record<string, readonly number[]>> = {
    "ml-100k u1": [80_000, 20_000],
    "ml-100k ua": [90_570, 9_430],
    "ml-100k ub": [90_570, 9_430],
    "gowalla official": [810_128, 217_242],
    "yelp2018 official": [1_237_259, 324_147],
    "amazon-book official": [2_380_730, 603_378],
    "ncf-ml-1m ncf": [994_169, 6_040],
  };
});
