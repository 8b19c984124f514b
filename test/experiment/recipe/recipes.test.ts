import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { BadInputError } from "../../../src/base/errors.ts";
import { parseSplit } from "../../../src/data/split-language.ts";
import {
  chooseRecipes,
  chooseRows,
  LOSS,
  loadRecipes,
  RECIPES_FOLDER,
  readRecipe,
  rowExperiment,
} from "../../../src/experiment/recipe/recipe.ts";
import {
  figureText,
  reproductionMarkdown,
  reproductionTable,
} from "../../../src/experiment/recipe/recipe-tables.ts";
import { missingData, reproduce } from "../../../src/experiment/recipe/reproduce.ts";
import { lumiere, writeRatings } from "../../cli/spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-recipes-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

const recipes = loadRecipes();

describe("the recipes of the repository", () => {
  it("are all there is in their folder", () => {
    const files = readdirSync(RECIPES_FOLDER).filter((file) => file.endsWith(".json"));
    assert.equal(recipes.length, files.length);
    assert.ok(recipes.length > 20);
  });

  for (const recipe of recipes) {
    it(`${recipe.name} fits the schema of its models, and measures what it publishes`, () => {
      for (const row of recipe.rows) {
        const { experiment } = rowExperiment(recipe, row, recipe.seeds[0]!);
        parseSplit(experiment.split);
        for (const key of [...Object.keys(row.published), ...recipe.show]) {
          if (key === LOSS) continue;
          const k = Number(key.split("@")[1]);
          assert.ok(experiment.evaluation.ks.includes(k), `${row.label}: ${key} is not measured`);
        }
        for (const [key, figure] of Object.entries(row.published)) {
          assert.ok(figure > 0 && figure < 1, `${row.label}: ${key} = ${figure}`);
        }
      }
    });
  }
});

/** One thread: many small processes. */
const quick = { threads: 1 };

const row = { label: "bpr", published: { "recall@5": 0.5 } };
const recipe = {
  name: "small",
  title: "A small one",
  source: { text: "Nobody, Nowhere, 2026" },
  protocol: "a random 70 % in train",
  seeds: [1, 2],
  tolerance: 0.1,
  experiment: {
    data: ratings,
    split: "random:0.7",
    model: "random",
    evaluation: { ks: [5] },
  },
  rows: [
    { label: "random", published: { "recall@5": 0.99, "ndcg@5": 0.001 } },
    {
      label: "popular, and popular",
      published: { "recall@5": 0.001 },
      change: { model: "popularity" },
    },
  ],
};

describe("rows by a part of their label", () => {
  it("are those of whichever recipes have some", () => {
    const [first, second] = [readRecipe(written({})), readRecipe(written({ name: "b" }, "b"))];
    const other = { ...second!, rows: [{ ...second!.rows[0]!, label: "else" }] };
    const of = (...texts: string[]) => chooseRows([first!, other], texts);
    assert.deepEqual(of("popular"), [first!.rows[1]]);
    assert.deepEqual(of("else", "popular"), [first!.rows[1], other.rows[0]]);
    assert.deepEqual(of("popular", "popular, and"), [first!.rows[1]]);
    assert.equal(of().length, 3);
    const exact = {
      ...other,
      rows: ["l1-left", "l1", "left"].map((label) => ({ ...other.rows[0]!, label })),
    };
    const labels = (...texts: string[]) =>
      chooseRows([first!, exact], texts).map(({ label }) => label);
    assert.deepEqual(labels("l1"), ["l1"], "the row called so, not those that contain it");
    assert.deepEqual(labels("l1-"), ["l1-left"]);
    assert.deepEqual(labels("left", "l1-left"), ["l1-left", "left"]);
    assert.throws(() => of("popular", "Else"), /found "Else".*small has "random".*; b has "else"/);
  });
});

function written(change: object, name = "small") {
  const path = at(`${name}.json`);
  writeFileSync(path, JSON.stringify({ ...recipe, ...change }));
  return path;
}

describe("a recipe", () => {
  it("runs its rows and puts ours beside theirs", async () => {
    const read = readRecipe(written({}));
    assert.deepEqual(await missingData(read), []);
    const output = at("kept");
    const first = await reproduce(read, { ...quick, output });
    assert.equal(first.status, "miss");
    const [random, popular] = first.rows;
    assert.deepEqual(
      random!.figures.map(({ key, theirs, verdict }) => [key, theirs, verdict]),
      [
        ["recall@5", 0.99, "below"],
        ["ndcg@5", 0.001, "above"],
      ],
    );
    assert.deepEqual([random!.passed, popular!.passed], [false, true]);
    const [recall] = random!.figures;
    assert.equal(recall!.perSeed.length, 2);
    assert.equal(recall!.ours, (recall!.perSeed[0]! + recall!.perSeed[1]!) / 2);
    assert.deepEqual(readdirSync(at("kept", "small")), [
      "1-random-seed1",
      "1-random-seed2",
      "2-popular-and-popular-seed1",
      "2-popular-and-popular-seed2",
    ]);

    const before = readFileSync(at("kept", "small", "1-random-seed1", "report.json"), "utf8");
    assert.deepEqual(
      (await reproduce(read, { ...quick, output })).rows,
      first.rows,
      "nothing ran again",
    );
    assert.equal(
      readFileSync(at("kept", "small", "1-random-seed1", "report.json"), "utf8"),
      before,
    );

    const table = reproductionTable(first);
    assert.deepEqual(table.rows[0]?.slice(0, 3), ["random", "Recall@5", ".9900"]);
    assert.equal(table.rows[0]?.[4], "MISS");
    const markdown = reproductionMarkdown(first);
    assert.match(
      markdown,
      /^## A small one\n\n`lumiere reproduce small` — a random 70 % in train\./,
    );
    assert.match(
      markdown,
      /\| random \| Recall@5 \/ NDCG@5 \| \.9900 \/ \.0010 \| .* \*\*miss\*\* \|/,
    );

    const one = await reproduce(read, { ...quick, rows: ["popular"], seeds: [1], output });
    assert.deepEqual([one.status, one.rows.length], ["pass", 1]);
    await assert.rejects(reproduce(read, { ...quick, rows: ["random", "NOPE"] }), {
      name: "BadInputError",
      message: /row: found "NOPE".*small has "random", "popular, and popular"/,
    });
  });

  it("blends rows, which are trained once", async () => {
    const [random, popular] = recipe.rows;
    const rows = [
      random,
      popular,
      { label: "mostly popular", blend: { random: 1, "popular, and popular": 1000 } },
    ];
    const read = readRecipe(written({ rows, seeds: [1] }));
    const output = at("blended");
    const first = await reproduce(read, { ...quick, output, rows: ["mostly"] });
    const [blend] = first.rows;
    assert.deepEqual([first.status, first.rows.length, blend!.model], ["pass", 1, "blend"]);
    const folders = ["1-random-seed1", "2-popular-and-popular-seed1", "3-mostly-popular-seed1"];
    assert.deepEqual(readdirSync(at("blended", "small")), folders);
    const reports = () =>
      folders.map((name) => readFileSync(join(output, "small", name, "report.json"), "utf8"));
    const before = reports();
    const all = await reproduce(read, { ...quick, output });
    assert.deepEqual(reports(), before, "nothing ran again");
    // Popularity decides but for ties, which random breaks.
    const [, alone, again] = all.rows.map(
      ({ figures }) => figures.find(({ key }) => key === "recall@5")!.ours,
    );
    assert.ok(Math.abs(alone! - again!) < 0.05, `${alone} ${again}`);
    assert.ok(blend!.seconds > all.rows[0]!.seconds + all.rows[1]!.seconds);

    rows[2] = { label: "mostly popular", blend: { random: 1000, "popular, and popular": 1 } };
    const changed = readRecipe(written({ rows, seeds: [1] }));
    const [other] = (await reproduce(changed, { ...quick, output, rows: ["mostly"] })).rows;
    assert.notEqual(other!.figures[0]!.ours, blend!.figures[0]!.ours);
    assert.notEqual(other!.settings, blend!.settings);
    assert.deepEqual(reports().slice(0, 2), before.slice(0, 2), "the parts did not run again");
  });

  it("blends two or more trained rows of its own, and has no settings beside them", () => {
    const refused = (row: object, message: RegExp) =>
      assert.throws(() => readRecipe(written({ rows: [...recipe.rows, row] })), message);
    const both = { random: 1, "popular, and popular": 1 };
    refused(
      { label: "one", blend: { random: 1 } },
      /row "one", field "blend": found 1 rows; expected 2 to 16/,
    );
    refused(
      { label: "typo", blend: { ...both, popular: 1 } },
      /found "popular"; expected rows that are trained: "random", "popular, and popular"/,
    );
    refused(
      { label: "itself", blend: { ...both, itself: 1 } },
      /found "itself"; expected rows that are trained/,
    );
    refused({ label: "changed", blend: both, change: { validation: 0 } }, /found beside "change"/);
    refused({ label: "none", blend: { ...both, random: 0 } }, /small\.json/);
  });

  it("prints shares as papers do", () => {
    assert.equal(figureText(0.1823), ".1823");
    assert.equal(figureText(1.25), "1.2500");
  });

  it("reports the loss of the last epoch where that is what was published", async () => {
    const change = {
      seeds: [1],
      rows: [
        {
          label: "loss",
          published: { loss: Math.LN2 },
          change: {
            model: "bpr",
            validation: 0,
            hyperparameters: { epochs: 1, learningRate: 1e-6, deviation: 0.01, width: 4, l2: 0 },
          },
        },
        { label: "ours alone", change: { model: "popularity" } },
      ],
    };
    const read = readRecipe(written(change));
    const { rows, status } = await reproduce(read, quick);
    // Tiny embeddings: every difference of scores is about 0, and the loss ln 2.
    assert.equal(rows[0]?.figures[0]?.verdict, "match");
    assert.equal(status, "pass");
    assert.deepEqual(
      rows[1]?.figures.map(({ key, theirs, verdict }) => [key, theirs, verdict]),
      ["recall@5", "precision@5", "ndcg@5"].map((key) => [key, null, null]),
    );
  });

  it("says what it misses, and what failed", async () => {
    const far = readRecipe(written({ experiment: { ...recipe.experiment, data: "ml-20m" } }));
    const environment = process.env.LUMIERE_DATA;
    delete process.env.LUMIERE_DATA;
    try {
      const missing = await missingData(far);
      if (missing.length > 0) {
        const { status, reason, rows } = await reproduce(far);
        assert.deepEqual([status, rows], ["missing-data", []]);
        assert.match(reason!, /ml-20m is not here; set LUMIERE_DATA, or pass --download/);
      }
    } finally {
      if (environment !== undefined) process.env.LUMIERE_DATA = environment;
    }
    const absent = readRecipe(
      written({ experiment: { ...recipe.experiment, data: at("no.csv") } }),
    );
    const failed = await reproduce(absent, { ...quick, seeds: [1] });
    assert.equal(failed.status, "failed");
    assert.match(failed.reason!, /no\.csv/);
  });

  it("is refused where it is wrong, with file and field", () => {
    const refused = (change: object, message: RegExp, name = "small") =>
      assert.throws(
        () => {
          const read = readRecipe(written(change, name));
          for (const each of read.rows) rowExperiment(read, each, 1);
        },
        (error: unknown) => error instanceof BadInputError && message.test(error.message),
      );
    refused({ name: "other" }, /field "name": found "other"; expected the file's name, "small"/);
    refused({ seed: 1 }, /"seed" is not known; did you mean "seeds"/);
    refused({ rows: [{ ...row, published: { "recal@5": 1 } }] }, /recal@5/);
    refused({ rows: [row, row] }, /two rows are called "bpr"/);
    refused({ rows: [{ ...row, change: { model: "bqr" } }] }, /did you mean "bpr"/);
    refused(
      { rows: [{ ...row, change: { model: "bpr", hyperparameters: { widht: 1 } } }] },
      /recipe small, bpr: hyperparameters of bpr: "widht" is not known/,
    );
    const path = at("torn.json");
    writeFileSync(path, "{");
    assert.throws(() => readRecipe(path), /torn\.json: .*expected a recipe as JSON/);
  });

  it("is chosen by name or beginning", () => {
    const names = (...words: string[]) => chooseRecipes(recipes, words).map(({ name }) => name);
    assert.deepEqual(names("ncf-ml-1m-popularity"), ["ncf-ml-1m-popularity"]);
    assert.ok(names("gowalla-*").every((name) => name.startsWith("gowalla-")));
    assert.throws(() => names("gowala-bpr"), /did you mean "gowalla-bpr"/);
    assert.throws(() => names("nothere"), /"nothere" is not known \(lumiere reproduce --list/);
  });
});

describe("lumiere reproduce", () => {
  it("lists every recipe", async () => {
    const { code, stdout } = await lumiere("reproduce", "--list", "--json");
    assert.equal(code, 0);
    const listed = JSON.parse(stdout).recipes;
    assert.equal(listed.length, recipes.length);
    assert.equal(typeof listed[0].dataHere, "boolean");
  });

  it("refuses what it does not know", async () => {
    const { code, stderr } = await lumiere("reproduce", "ncf-popularity");
    assert.deepEqual([code, /recipe "ncf-popularity" is not known/.test(stderr)], [2, true]);
  });
});
