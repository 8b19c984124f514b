import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { type BundleContents, openBundle, writeBundle } from "../../src/artifact/bundle.ts";
import { rowOf, seenRows } from "../../src/artifact/bundle-columns.ts";
import { bundleFiles, isSampled } from "../../src/artifact/manifest.ts";
import { packText, unpackText } from "../../src/artifact/packed-text.ts";
import { BadInputError } from "../../src/base/errors.ts";
import type { Interactions } from "../../src/data/interactions.ts";
import { smallBundle } from "./small-bundle.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-bundle-"));
after(() => rmSync(folder, { recursive: true }));

const pairs = ({ users, items }: Interactions): number[][] =>
  Array.from(users, (user, at) => [user, items[at]!]);

describe("bundle", () => {
  it("knows whether its metrics are sampled, also from before a field said so", () => {
    const { manifest } = smallBundle();
    const { evaluation } = manifest;
    const warned = {
      ...manifest.split,
      warnings: [
        "the test part ranks a few candidates a user, not all items: its metrics are sampled and not comparable with full ranking",
      ],
    };
    const cases = [
      [manifest.split, evaluation, false],
      [warned, evaluation, true],
      [manifest.split, { ...evaluation!, sampled: true }, true],
      [warned, { ...evaluation!, sampled: false }, false],
      [warned, null, false],
    ] as const;
    for (const [split, evaluation, expected] of cases) {
      assert.equal(isSampled({ split, evaluation }), expected);
    }
  });

  it("gives back what was written", async () => {
    const path = join(folder, "round-trip");
    const contents = smallBundle();
    const written = await writeBundle(path, contents);
    const bundle = await openBundle(path);
    assert.deepEqual(bundle.manifest, written);
    assert.equal(bundle.manifest.metrics["recall@2"], 0.75);
    assert.deepEqual(bundle.users.ids, contents.users.ids);
    assert.deepEqual(bundle.items.ids, contents.items.ids);
    assert.deepEqual(bundle.itemFeatures, contents.itemFeatures);
    assert.equal(bundle.items.indexOf('quo"te, \\ é漢🎬'), 2);
    // Train is (0,0) (0,1) (1,2) (2,0); validation (0,3); seen is both.
    assert.deepEqual([...rowOf(bundle.train, 0)], [0, 1]);
    assert.deepEqual([...rowOf(bundle.seen, 0)], [0, 1, 3]);
    assert.deepEqual([...rowOf(bundle.seen, 1)], [2]);
    const { validation, test } = await bundle.heldOut();
    assert.deepEqual(validation && pairs(validation.targets), [[0, 3]]);
    assert.deepEqual(test && pairs(test.targets), [
      [1, 0],
      [1, 3],
      [2, 1],
    ]);
    assert.equal(test?.history, null);
    assert.equal(test?.candidates, null);
    const [before, afterwards] = await Promise.all(
      [contents.recommender, bundle.recommender].map((model) =>
        model.scoreUsers(Int32Array.of(0, 1, 2)),
      ),
    );
    assert.deepEqual(afterwards, before);
  });

  it("keeps folded-in histories and candidates", async () => {
    const path = join(folder, "strangers");
    const small = smallBundle();
    const history = {
      users: Int32Array.of(1),
      items: Int32Array.of(1),
      values: null,
      times: null,
    };
    const candidates = { indptr: Int32Array.of(0, 0, 3, 4), indices: Int32Array.of(0, 1, 3, 2) };
    const test = { ...small.test!, history, candidates };
    await writeBundle(path, { ...small, validation: null, test });
    const bundle = await openBundle(path);
    const held = await bundle.heldOut();
    assert.equal(held.validation, null);
    assert.deepEqual(held.test?.history && pairs(held.test.history), [[1, 1]]);
    assert.deepEqual(held.test?.candidates, candidates);
  });

  it("hides from everybody what was trained, validated or folded in", () => {
    const part = (user: number, target: number, history: number | null) => ({
      targets: one(user, target),
      history: history === null ? null : one(user, history),
      candidates: null,
    });
    const one = (user: number, item: number) => ({
      users: Int32Array.of(user),
      items: Int32Array.of(item),
      values: null,
      times: null,
    });
    const split = {
      train: one(0, 2),
      validation: part(1, 3, 0),
      test: part(2, 0, 1),
      specification: "",
      description: "",
      warnings: [],
    };
    // User 2's target, item 0, is what is to be found: it stays.
    assert.deepEqual(seenRows(split, 3), {
      indptr: Int32Array.of(0, 1, 3, 4),
      indices: Int32Array.of(2, 0, 3, 1),
    });
  });

  it("is refused where its arrays have another shape than the manifest says", async () => {
    const path = join(folder, "narrow");
    const small = smallBundle();
    const save = () => ({ counts: { shape: [3], data: Float32Array.of(2, 1, 1) } });
    await writeBundle(path, { ...small, recommender: { ...small.recommender, save } });
    await assert.rejects(openBundle(path), (error: Error) => {
      assert.match(error.message, /"counts" of the saved model is \[3\].*expected \[4\]/);
      return error instanceof BadInputError;
    });
  });

  it("is refused where its model holds numbers that are none", async () => {
    const path = join(folder, "diverged");
    const small = smallBundle();
    const counts = { shape: [4], data: Float32Array.of(2, Number.NaN, 1, 0) };
    await writeBundle(path, {
      ...small,
      recommender: { ...small.recommender, save: () => ({ counts }) },
    });
    await assert.rejects(openBundle(path), (error: Error) => {
      assert.match(error.message, /model\.safetensors is damaged: number 2 of "counts" is NaN/);
      return error instanceof BadInputError;
    });
  });

  it("works without titles, years, genres or anything held out", async () => {
    const path = join(folder, "bare");
    await writeBundle(path, { ...smallBundle(), itemFeatures: {}, validation: null, test: null });
    const bundle = await openBundle(path);
    assert.deepEqual(bundle.itemFeatures, {});
    assert.deepEqual(await bundle.heldOut(), { validation: null, test: null });
  });

  it("is found inside a run's folder", async () => {
    const run = join(folder, "run");
    await writeBundle(join(run, "bundle"), smallBundle());
    assert.equal((await openBundle(run)).directory, join(run, "bundle"));
  });

  it("says what to do where there is none", async () => {
    await assert.rejects(openBundle(join(folder, "nowhere")), (error) => {
      assert.ok(error instanceof BadInputError);
      assert.match(error.message, /nowhere does not exist.*lumiere train.*--out/);
      return true;
    });
  });

  for (const file of [...bundleFiles, "manifest.json"]) {
    const damages: [string, (path: string) => void][] = [
      ["missing", (path) => rmSync(path)],
      ["cut off", (path) => writeFileSync(path, readFileSync(path).subarray(0, -3))],
      ["empty", (path) => writeFileSync(path, "")],
      [
        "changed in one bit",
        (path) => {
          const bytes = readFileSync(path);
          // The manifest has no checksum of its own: its first brace goes.
          bytes[file === "manifest.json" ? 0 : bytes.length - 1]! ^= 1;
          writeFileSync(path, bytes);
        },
      ],
    ];
    for (const [damage, inflict] of damages) {
      it(`names ${file} when it is ${damage}`, async () => {
        const path = join(folder, "damaged");
        rmSync(path, { recursive: true, force: true });
        await writeBundle(path, smallBundle());
        inflict(join(path, file));
        await assert.rejects(
          // A changed bit of what was held out is found by who reads it, all else by opening.
          damage === "changed in one bit"
            ? openBundle(path).then((bundle) => bundle.heldOut())
            : openBundle(path),
          (error) => {
            assert.ok(error instanceof BadInputError, String(error));
            assert.ok(error.message.includes(file), error.message);
            return true;
          },
        );
      });
    }
  }

  it("refuses a field that is wrong, a newer format and an unknown model", async () => {
    const path = join(folder, "wrong");
    await writeBundle(path, smallBundle());
    const text = readFileSync(join(path, "manifest.json"), "utf8");
    const changes: [string, string, RegExp][] = [
      ['"formatVersion": 1', '"formatVersion": 2', /bundle format 2.*update lumiere/],
      ['"seed": 1', '"seed": "one"', /field "seed"/],
      ['"users": 3', '"users": 4', /users\.safetensors is damaged.*manifest counts/],
      ['"name": "popularity"', '"name": "popularty"', /did you mean "popularity"/],
    ];
    for (const [from, to, message] of changes) {
      assert.ok(text.includes(from));
      writeFileSync(join(path, "manifest.json"), text.replace(from, to));
      await assert.rejects(openBundle(path), message);
    }
  });

  it("does not replace a folder that is not a bundle", async () => {
    const path = join(folder, "photos");
    mkdirSync(path);
    writeFileSync(join(path, "summer.jpg"), "!");
    await assert.rejects(
      writeBundle(path, smallBundle()),
      /photos holds "summer.jpg".*not replaced/,
    );
    assert.deepEqual(readdirSync(path), ["summer.jpg"]);
  });

  it("keeps the old bundle when writing the new one fails", async () => {
    const path = join(folder, "kept");
    await writeBundle(path, smallBundle());
    const small = smallBundle();
    const failing: BundleContents = {
      ...small,
      recommender: {
        ...small.recommender,
        save: () => ({ x: { shape: [2], data: new Float32Array(1) } }),
      },
    };
    await assert.rejects(writeBundle(path, failing), RangeError);
    assert.equal((await openBundle(path)).manifest.metrics["recall@2"], 0.75);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("kept")),
      ["kept"],
    );
  });

  it("opens what a crash between the two renames left, and the next write mends it", async () => {
    const path = join(folder, "crashed");
    await writeBundle(path, smallBundle(0.5));
    renameSync(path, `${path}.previous`);
    assert.equal((await openBundle(path)).manifest.metrics["recall@2"], 0.5);
    await writeBundle(path, smallBundle(0.25));
    assert.equal((await openBundle(path)).manifest.metrics["recall@2"], 0.25);
    assert.equal(existsSync(`${path}.previous`), false);
  });

  it("survives SIGKILL at any moment of replacing it: old or new, never a mixture", async () => {
    const path = join(folder, "killed");
    await writeBundle(path, smallBundle(0));
    for (let round = 0; round < 6; round++) {
      const writer = spawn(process.execPath, [join(import.meta.dirname, "small-bundle.ts"), path], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((ready) => writer.stdout.once("data", ready));
      await new Promise((later) => setTimeout(later, 7 * round));
      const ended = new Promise((end) => writer.once("exit", end));
      writer.kill("SIGKILL");
      await ended;
      const bundle = await openBundle(path);
      await bundle.heldOut();
      // The writer puts the same number into the manifest's metric and the first title.
      assert.equal(
        bundle.itemFeatures.titles?.[0],
        `version ${bundle.manifest.metrics["recall@2"]}`,
      );
    }
  });

  it("is readable from Python by the manifest and the format's definition", async () => {
    const path = join(folder, "python");
    await writeBundle(path, smallBundle());
    const script = `
import json, os, struct, sys
folder = sys.argv[1]
def load(name):
    raw = open(os.path.join(folder, name), "rb").read()
    (n,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + n])
    sizes = {"F32": ("f", 4), "I32": ("i", 4), "U8": ("B", 1)}
    arrays = {}
    for key, entry in header.items():
        begin, end = (8 + n + offset for offset in entry["data_offsets"])
        code, size = sizes[entry["dtype"]]
        arrays[key] = list(struct.unpack("<%d%s" % ((end - begin) // size, code), raw[begin:end]))
    return arrays
def text(columns, name):
    raw, at = bytes(columns[name + ".bytes"]), columns[name + ".offsets"]
    return [raw[a:b].decode() for a, b in zip(at, at[1:])]
manifest = json.load(open(os.path.join(folder, "manifest.json")))
items, seen = load("items.safetensors"), load("seen.safetensors")
print(json.dumps({
    "model": manifest["model"]["name"],
    "users": text(load("users.safetensors"), "id"),
    "items": text(items, "id"),
    "titles": text(items, "title"),
    "seen": [seen["seen.indices"][a:b] for a, b in zip(seen["seen.indptr"], seen["seen.indptr"][1:])],
    "counts": load("model.safetensors")["counts"],
}))`;
    const python = spawnSync("python3", ["-c", script, path], { encoding: "utf8" });
    assert.equal(python.status, 0, python.stderr);
    assert.deepEqual(JSON.parse(python.stdout), {
      model: "popularity",
      users: ["u-1", "ü", "3"],
      items: ["10", "20", 'quo"te, \\ é漢🎬', "40"],
      titles: ["version 0.75", "", "Amélie (2001)", "Plain"],
      seen: [[0, 1, 3], [2], [0]],
      counts: [2, 1, 1, 0],
    });
  });

  it("copies anywhere", async () => {
    const path = join(folder, "original");
    await writeBundle(path, smallBundle());
    cpSync(path, join(folder, "copy"), { recursive: true });
    assert.equal((await openBundle(join(folder, "copy"))).manifest.model.name, "popularity");
  });
});

describe("packed text", () => {
  it("lays texts out one after the other", () => {
    const { bytes, offsets } = packText(["ab", "", null, "é"]);
    assert.deepEqual([...bytes], [0x61, 0x62, 0xc3, 0xa9]);
    assert.deepEqual([...offsets], [0, 2, 2, 2, 4]);
  });

  it("gives every text back", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        assert.deepEqual(unpackText(packText(texts)), texts);
      }),
    );
  });

  it("refuses offsets and bytes that make no sense", () => {
    const good = packText(["ab", "cd"]);
    const bytes = good.bytes;
    assert.equal(unpackText({ bytes, offsets: Int32Array.of(0, 3, 2) }), null);
    assert.equal(unpackText({ bytes, offsets: Int32Array.of(0, 5, 4) }), null);
    assert.equal(unpackText({ bytes, offsets: Int32Array.of(1, 4) }), null);
    assert.equal(unpackText({ bytes: Uint8Array.of(0xff), offsets: Int32Array.of(0, 1) }), null);
  });
});
