import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { dataFolder } from "../../src/cli/machine.ts";
import { catalogue } from "../../src/data/catalogue.ts";
import { settingRows } from "../../src/experiment/settings.ts";
import { models } from "../../src/models/registry.ts";
import { lumiere, start, writeRatings } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-looking-around-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

describe("commands that train nothing", { concurrency: 2 }, () => {
  it("split writes the cut that train uses", async () => {
    const words = [
      "--data",
      ratings,
      "--split",
      "random:0.8",
      "--validation",
      "0.1",
      "--seed",
      "5",
    ];
    const [{ code, stdout }, second] = await Promise.all([
      lumiere("split", ...words, "--out", at("cut"), "--json"),
      lumiere("split", ...words, "--out", at("cut-again")),
    ]);
    assert.equal(code, 0);
    assert.equal(second.code, 0);
    const { split, files } = JSON.parse(stdout);
    assert.deepEqual(files, ["train.csv", "validation.csv", "test.csv"]);
    const lines = files.map((file: string) => {
      const text = readFileSync(at("cut", file), "utf8");
      assert.equal(text, readFileSync(at("cut-again", file), "utf8"));
      return text.trimEnd().split("\n").length - 1;
    });
    assert.deepEqual(lines, [split.train, split.validation, split.test]);
    assert.equal(split.train + split.validation + split.test, 960);
  });

  it("split counts what its files hold, and what of it can be ranked", async () => {
    // Ten users in train; after the cut at 80 %, two of them and a newcomer.
    const rows = Array.from({ length: 24 }, (_, at) => `u${at % 10},i${at % 3},${1000 + at}`);
    rows.push(
      "u0,i9,2000",
      "u1,i9,2001",
      "new,i1,2002",
      "new,i2,2003",
      "new,i3,2004",
      "u2,i9,2005",
    );
    writeFileSync(at("late.csv"), `user,item,timestamp\n${rows.join("\n")}\n`);
    const words = ["split", "--data", at("late.csv"), "--split", "temporal:0.8"];
    const [asJson, asText] = await Promise.all([
      lumiere(...words, "--out", at("late"), "--json"),
      lumiere(...words, "--out", at("late-again")),
    ]);
    const { split } = JSON.parse(asJson.stdout);
    const lines = readFileSync(at("late", "test.csv"), "utf8").trimEnd().split("\n").slice(1);
    assert.deepEqual([split.train, split.validation, split.test], [24, 0, lines.length]);
    assert.equal(lines.length, 6);
    assert.deepEqual(split.rankable, { validation: 0, test: 3 });
    assert.match(asText.stdout, /^24 train, 0 validation, 6 test \(3 can be ranked\)$/m);
  });

  it("models shows every model with its paper and the table of its settings", async () => {
    const { code, stdout } = await lumiere("models");
    assert.equal(code, 0);
    for (const { name, title, paper, hyperparameters } of models) {
      const start = stdout.indexOf(`${name}: ${title}\n`);
      assert.ok(start >= 0, name);
      const block = stdout.slice(start, stdout.indexOf("\n\n", start));
      if (paper !== null) assert.ok(block.replace(/\s+/g, " ").includes(paper), name);
      for (const { name: setting, defaultValue, type } of settingRows(hyperparameters)) {
        const row = [setting, defaultValue ?? "", type].join(" ").replace(/\s+/g, " ");
        assert.ok(block.replace(/\s+/g, " ").includes(row), `${name}: ${row}`);
      }
    }
    assert.match(stdout, /\n {2}layers +3 +integer ≥ 1, ≤ 16\n/);
    assert.match(stdout, /lumiere models NAME says what/);
  });

  it("models as JSON says what each setting means", async () => {
    const { code, stdout } = await lumiere("models", "--json");
    assert.equal(code, 0);
    const { models } = JSON.parse(stdout);
    const names = models.map(({ name }: { name: string }) => name);
    for (const name of ["lightgcn", "bpr", "popularity", "random"]) assert.ok(names.includes(name));
    const { paper, settings } = models[names.indexOf("lightgcn")];
    assert.match(paper, /SIGIR 2020/);
    for (const { name, type, description } of settings) {
      assert.ok(name && type && description, name);
    }
    const one = await lumiere("models", "lightgcn");
    assert.match(one.stdout, /layers=3 +integer ≥ 1/);
  });

  it("datasets lists names, counts, places and licences, as text and as JSON", async () => {
    const data = at("data");
    mkdirSync(join(data, "ml-100k"), { recursive: true });
    for (const name of ["u.data", "u.item"]) writeFileSync(join(data, "ml-100k", name), "");
    const environment = { LUMIERE_DATA: data, XDG_CACHE_HOME: at("no-cache") };
    const [asText, asJson, wrong] = await Promise.all([
      start(["datasets"], environment).finished,
      start(["datasets", "--json"], environment).finished,
      start(["datasets", "--json"], { ...environment, LUMIERE_DATA: ratings }).finished,
    ]);
    assert.deepEqual([asText.code, asJson.code, wrong.code], [0, 0, 0]);
    const { datasets, warnings } = JSON.parse(asJson.stdout);
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      datasets.map(({ name }: { name: string }) => name),
      catalogue.map(({ name }) => name),
    );
    assert.deepEqual(
      [datasets[0].name, datasets[0].found, datasets[0].path, datasets[0].counts.interactions],
      ["ml-100k", "folder", join(data, "ml-100k"), 100_000],
    );
    assert.match(asText.stdout, /^ml-100k +943 +1,682 +100,000 +\S+ml-100k$/m);
    assert.match(asText.stdout, /^gowalla .* to download$/m);
    for (const { name, licence } of datasets) {
      assert.ok(asText.stdout.includes(name) && licence.length > 0, name);
    }
    // A wrong folder is a warning on stderr and in the JSON; the list is there all the same.
    const ignored = JSON.parse(wrong.stdout);
    assert.equal(ignored.datasets.length, catalogue.length);
    assert.match(ignored.warnings[0], /LUMIERE_DATA names .*it is not a folder/);
    assert.equal(wrong.stderr, `${ignored.warnings[0]}\n`);
  });

  it("doctor explains every wrong LUMIERE_DATA", () => {
    const said = (folder: string) => {
      const { state, found, advice } = dataFolder(folder);
      return [state, found, advice];
    };
    const advice = "point it to the folder that holds your datasets, or unset it";
    const missing = at("missing");
    assert.deepEqual(said(ratings), [
      "gap",
      `LUMIERE_DATA names ${ratings}, which is not a folder`,
      advice,
    ]);
    assert.deepEqual(said(missing), [
      "gap",
      `LUMIERE_DATA names ${missing}, which does not exist`,
      advice,
    ]);
    assert.equal(dataFolder(folder).state, "ok");
    assert.equal(dataFolder(undefined).state, "gap");
  });

  it("doctor looks at the machine", async () => {
    const { code, stdout } = await lumiere("doctor", "--json");
    assert.equal(code, 0);
    const { healthy, findings } = JSON.parse(stdout);
    assert.equal(healthy, true);
    for (const { state, advice } of findings) assert.equal(advice === null, state === "ok");
    const names = findings.map(({ name }: { name: string }) => name);
    for (const name of ["Node", "Threads", "SIMD", "OpenBLAS", "Data folder"]) {
      assert.ok(names.includes(name), name);
    }
  });
});
