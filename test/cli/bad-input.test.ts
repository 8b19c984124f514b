import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { lumiere, writeRatings } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-command-line-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

describe("bad input", { concurrency: 2 }, () => {
  const photos = at("photos", "bundle");
  mkdirSync(photos, { recursive: true });
  writeFileSync(join(photos, "summer.jpg"), "!");
  mkdirSync(at("folder.csv"));
  writeFileSync(at("broken.json"), "{ nope");
  writeFileSync(at("list.json"), "[1]");
  writeFileSync(at("typo.json"), JSON.stringify({ data: ratings, sed: 2 }));
  const wrong = { model: 5, evaluation: 7, checkpoint: "x", hyperparameters: ["epochs"] };
  writeFileSync(at("wrong.json"), JSON.stringify({ data: ratings, ...wrong }));
  writeFileSync(at("data.json"), JSON.stringify({ data: 5 }));
  writeFileSync(at("space.json"), JSON.stringify({ data: ratings, space: "width" }));
  writeFileSync(
    at("models.json"),
    JSON.stringify({ data: ratings, models: ["bpr", "popularity"] }),
  );
  const train = ["train", "--data", ratings, "--out", at("never"), "--model", "popularity"];
  const cases: [string, string[], RegExp][] = [
    [
      "an unknown flag",
      [...train, "--sead", "1"],
      /unknown option '--sead' \(Did you mean --seed\?\)/,
    ],
    ["an unknown command", ["trian"], /unknown command 'trian' \(Did you mean train\?\)/],
    ["a missing argument", ["evaluate"], /missing required argument 'dir'/],
    ["a missing flag", ["similar", at("x")], /required option '--item/],
    ["no data", ["train"], /which data\? pass --data/],
    ["a missing file", ["train", "--data", at("absent.csv")], /absent\.csv/],
    ["epochs of a model without", [...train, "--epochs", "3"], /--set epochs=3/],
    ["a seed that is none", [...train, "--seed", "one"], /--seed one: expected a number/],
    [
      "two numbers of epochs",
      ["train", "--data", ratings, "--epochs", "1", "--set", "epochs=2"],
      /--set epochs=2: epochs is given twice, before as 1; leave one out/,
    ],
    [
      "a cut without threads",
      ["split", "--data", ratings, "--out", at("never"), "--threads", "0"],
      /"threads": found 0; .*>=1/,
    ],
    [
      "a cut with a regiment of threads",
      ["split", "--data", ratings, "--out", at("never"), "--threads", "99999"],
      /"threads": found 99999; .*<=256/,
    ],
    [
      "a row that no recipe has",
      ["reproduce", "ncf-ml-1m-popularity", "--row", "NOPE"],
      /row: found "NOPE".*ncf-ml-1m-popularity has "/,
    ],
    [
      "NCF's protocol, which is a split",
      [...train, "--protocol", "ncf"],
      /found "ncf"; expected one of lightgcn, mult-vae, microsoft; NCF's protocol is a split: --split file:ncf$/m,
    ],
    [
      "a metric that is none",
      ["train", "--data", ratings, "--set", "stopMetric=foo"],
      /found "foo"; expected a metric at a list length such as ndcg@20/,
    ],
    ["a list length of 0", [...train, "--k", "10,0"], /--k 0: expected a whole number from 1/],
    [
      "an unknown split",
      [...train, "--split", "randm:0.8"],
      /"randm:0.8" is not known; did you mean random/,
    ],
    ["a config that is not JSON", ["train", "--config", at("broken.json")], /broken\.json: .*JSON/],
    [
      "a config with a typo",
      ["train", "--config", at("typo.json")],
      /"sed" is not known; did you mean "seed"/,
    ],
    [
      "config fields of another type, all of them",
      ["train", "--config", at("wrong.json")],
      /wrong\.json: .*"model": found 5; .*"hyperparameters": found \["epochs"\]; .*"evaluation": found 7; .*"checkpoint": found "x"; /,
    ],
    [
      "data that are a number",
      ["train", "--config", at("data.json")],
      /"data": found 5; expected a name/,
    ],
    [
      "a space that is a text",
      ["tune", "--config", at("space.json"), "--model", "bpr"],
      /"space": found "width"; /,
    ],
    [
      "models that are no objects",
      ["compare", "--config", at("models.json")],
      /"models\.0": found "bpr"; .*"models\.1"/,
    ],
    [
      "an output folder of somebody else's",
      ["train", "--data", ratings, "--out", at("photos")],
      /holds "summer\.jpg".*not replaced/,
    ],
    [
      "a file as output folder",
      ["train", "--data", ratings, "--model", "popularity", "--out", ratings],
      /ratings\.csv": .*ratings\.csv is a file, expected a folder; name another place \(--out\)/,
    ],
    [
      "an output folder within a file",
      ["tune", "--data", ratings, "--model", "bpr", "--out", join(ratings, "deep", "er")],
      /ratings\.csv is a file, expected a folder/,
    ],
    [
      "an output folder that nobody can make",
      ["train", "--data", ratings, "--model", "popularity", "--out", "/proc/nope/deeper"],
      /"\/proc\/nope\/deeper": nothing can be written there \(E[A-Z]+\)/,
    ],
    [
      "a comparison there",
      ["compare", "--data", ratings, "--models", "popularity,random", "--out", "/proc/nope"],
      /nothing can be written there/,
    ],
    ["a cut without a name", ["split", "--data", ratings, "--out", ""], /--out "": found no name/],
    ["a cut in a file", ["split", "--data", ratings, "--out", ratings], /is a file, expected/],
    [
      "lists within a file",
      ["recommend", at("absent"), "--all", "--out", join(ratings, "x.csv")],
      /is a file, expected a folder/,
    ],
    [
      "lists in the place of a folder",
      ["recommend", at("absent"), "--all", "--out", at("folder.csv")],
      /found a folder, expected the name of a file/,
    ],
    [
      "lists of no bundle, without making their folder",
      ["recommend", at("absent"), "--all", "--out", at("never", "all.csv")],
      /absent does not exist/,
    ],
    [
      "ratings to nowhere",
      ["generate", "--interactions", "10", "--out", "/proc/nope/x.csv"],
      /nothing can be written there/,
    ],
    [
      "a history that is no list of texts",
      ["recommend", at("absent-too"), "--history", "[50, 181]"],
      /--history \[50, 181\]: expected ids as id,id,… or as a JSON array of texts/,
    ],
    ["resuming nothing", ["train", "--data", ratings, "--resume"], /--resume: say which run/],
    ["a bundle that is not there", ["evaluate", at("absent")], /absent does not exist/],
    ["nobody to recommend to", ["recommend", at("x")], /exactly one of --user/],
  ];
  for (const [what, words, message] of cases) {
    it(`refuses ${what}: exit code 2, one line, no stack, nothing written`, async () => {
      const { code, stdout, stderr } = await lumiere(...words);
      assert.match(stderr, message);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^lumiere: [^\n]+\n$/);
      assert.equal(existsSync(at("never")), false);
    });
  }

  it("is told as JSON where JSON is asked for", async () => {
    const { code, stdout, stderr } = await lumiere("evaluate", at("absent"), "--json");
    assert.equal(code, 2);
    const { error } = JSON.parse(stdout);
    assert.equal(error.code, "bundle-missing");
    assert.equal(stderr, `lumiere: ${error.message}\n`);
  });
});
