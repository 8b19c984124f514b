import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { resultsPage, resultsTable } from "../../../scripts/document-results.ts";
import { withFigures } from "../../../scripts/keep-figures.ts";
import {
  loadRecipes,
  type Recipe,
  readRecipe,
  settingsDigest,
} from "../../../src/experiment/recipe/recipe.ts";
import { judgeRow } from "../../../src/experiment/recipe/verdict.ts";

const recipes = loadRecipes();
const folder = mkdtempSync(join(tmpdir(), "lumiere-figures-"));
after(() => rmSync(folder, { recursive: true }));

/** A recipe of three rows, of which the first has figures. */
function written(name: string, change: Partial<Record<keyof Recipe, unknown>> = {}) {
  const path = join(folder, `${name}.json`);
  const recipe = {
    name,
    title: "A small one",
    source: { text: "Nobody", url: "https://example.org/" },
    protocol: "a random 70 % in train",
    experiment: { data: "ml-100k", split: "random:0.7", model: "popularity" },
    rows: [
      {
        label: "a|b",
        published: { "recall@20": 0.1, "ndcg@20": 0.2 },
        measured: {
          figures: { "recall@20": 0.0988, "ndcg@20": 0.5, "hr@20": 0.3 },
          seconds: 9.26,
          settings: "0123456789ab",
          why: "one|two",
        },
      },
      { label: "second", published: { "recall@20": 0.1 } },
      { label: "third" },
    ],
    ...change,
  };
  writeFileSync(path, JSON.stringify(recipe));
  return path;
}

describe("docs/results.md", () => {
  it("has the recipes' figures (else run: node scripts/document-results.ts)", () => {
    const page = readFileSync(new URL("../../../docs/results.md", import.meta.url), "utf8");
    assert.equal(page, resultsPage(page, recipes));
  });

  it("needs its two marks, each once", () => {
    const begin = "<!-- Begin: written by node scripts/document-results.ts from recipes/*.json -->";
    const end = "<!-- End -->";
    const page = resultsPage(`before ${begin} old ${end} after`, []);
    assert.ok(page.startsWith(`before ${begin}\n\nOf 0 rows`) && page.endsWith(`${end} after`));
    for (const text of ["", begin, end, `${end}${begin}`, `${begin}${end}${end}`]) {
      assert.throws(() => resultsPage(text, []), /expected "<!-- Begin/, text);
    }
  });

  it("has a figure of ours for each of theirs, of the settings there are, and a reason where one misses", () => {
    for (const recipe of recipes) {
      for (const row of recipe.rows) {
        if (row.measured === undefined) continue;
        const where = `${recipe.name}, ${row.label}`;
        const { figures, settings, why } = row.measured;
        for (const key of Object.keys(row.published)) {
          assert.ok(key in figures, `${where} lacks ${key}`);
        }
        for (const [key, figure] of Object.entries(figures)) {
          assert.ok(figure > 0 && figure < 1, `${where}: ${key} = ${figure}`);
        }
        assert.equal(
          settings,
          settingsDigest(recipe, row),
          `${where}: its settings have changed since it was run; run it again, or leave out what it measured`,
        );
        if (judgeRow(recipe, row) === "miss") assert.ok(why, `${where} says no why`);
      }
    }
  });
});

describe("the table of results", () => {
  it("has theirs beside ours, how far off, a verdict, and what was not run", () => {
    const table = resultsTable([readRecipe(written("small"))]);
    assert.match(table, /^Of 3 rows: 1 miss, 2 not run; 0 /);
    assert.ok(
      table.includes(
        '| `small --row "a\\|b"` | Recall@20 / NDCG@20 / Hit rate@20 | .1000 / .2000 / – | .0988 / .5000 / .3000 | −1.2 % / ×2.5 | **miss** | 1 | 9.3 |',
      ),
      table,
    );
    assert.ok(
      table.includes('| `small --row "second"` | Recall@20 | .1000 |  |  | not run |  |  |'),
    );
    assert.ok(
      table.includes("- `small`: a random 70 % in train. Theirs: [Nobody](https://example.org/)."),
    );
    assert.ok(table.includes("\n- `small`, a|b: one|two.\n"));
    assert.doesNotMatch(table, /nothing has been run\n/);
  });

  it("has a command that runs the row: all of a single one, other seeds where they were others", () => {
    const measured = { figures: { "recall@20": 0.1 }, seconds: 1, settings: "0123456789ab" };
    const row = { label: "only", published: { "recall@20": 0.1 }, measured };
    const line = (change: object) =>
      resultsTable([readRecipe(written("one", { rows: [{ ...row, ...change }] }))]);
    assert.match(line({}), /\n\| `one` \| Recall/);
    assert.match(
      line({ measured: { ...measured, seeds: [3, 4] } }),
      /\n\| `one --seeds 3,4` \| Recall.*\| pass \| 3, 4 \|/,
    );
  });

  it("names data of which nothing has been run, and says sampled", () => {
    const rows = [{ label: "only", published: { "hr@10": 0.5 } }];
    const experiment = { data: "ncf-ml-1m", split: "file:ncf", model: "popularity" };
    const sampled = readRecipe(written("sampled", { rows, experiment }));
    assert.match(
      resultsTable([sampled]),
      /; 1 more are on data of which nothing has been run\.\n[\s\S]*- ncf-ml-1m, 1 rows: `sampled`$/,
    );
    const other = readRecipe(
      written("other", {
        experiment,
        rows: [
          ...rows,
          {
            label: "run",
            measured: { figures: { "hr@10": 0.4 }, seconds: 30, settings: "0123456789ab" },
          },
        ],
      }),
    );
    const table = resultsTable([sampled, other]);
    assert.ok(table.includes("| `sampled` | Hit rate@10 (sampled) | .5000 |"), table);
    assert.ok(table.includes("| – | .4000 |  | ours alone | 1 | 30 |"), table);
  });
});

describe("figures of a run", () => {
  const path = written("kept");
  const recipe = readRecipe(path);
  const run = (at: number, ours: number, change = {}) => {
    const { label } = recipe.rows[at]!;
    const settings = settingsDigest(recipe, recipe.rows[at]!);
    const figures = [{ key: "recall@20", theirs: 0.1, ours, perSeed: [ours], verdict: null }];
    return { label, figures, seconds: 1234.56, settings, ...change } as never;
  };

  it("go into their rows, and name those that had said why", () => {
    const { text, toRead } = withFigures(path, {
      rows: [run(0, 0.12344), run(1, 0.1)],
      seeds: [1, 2],
    });
    const { rows } = JSON.parse(text);
    const settings = settingsDigest(recipe, recipe.rows[0]!);
    assert.deepEqual(rows[0].measured, {
      figures: { "recall@20": 0.1234 },
      seconds: 1235,
      seeds: [1, 2],
      settings,
      why: "one|two",
    });
    assert.equal("why" in rows[1].measured, false);
    assert.equal("measured" in rows[2], false);
    assert.deepEqual(toRead, ["kept, a|b"]);
    const again = withFigures(path, { rows: [run(1, 0.1, { seconds: 9.26 })], seeds: [1] });
    const { measured } = JSON.parse(again.text).rows[1];
    assert.deepEqual([measured.seconds, "seeds" in measured], [9.3, false]);
  });

  it("are refused where settings differ, a row is gone or a figure is missing", () => {
    const refused = (row: never, message: RegExp) =>
      assert.throws(() => withFigures(path, { rows: [row], seeds: [1] }), message);
    refused(run(0, 0.1, { settings: "ffffffffffff" }), /"a\|b" was run with other settings/);
    refused(run(0, 0.1, { label: "gone" }), /"gone" was run with other settings/);
    refused(run(0, Number.NaN), /"a\|b" has no figure for recall@20/);
  });
});

describe("the digest of a row's settings", () => {
  it("changes with what is trained and judged, and not with order, label or figures", () => {
    const digest = (experiment: object, change: object = {}) =>
      settingsDigest({ experiment } as Recipe, { change } as Recipe["rows"][number]);
    const base = { data: "ml-100k", model: "bpr", hyperparameters: { width: 8, layers: 1 } };
    const plain = digest(base);
    assert.match(plain, /^[0-9a-f]{12}$/);
    assert.equal(digest({ ...base, hyperparameters: { layers: 1, width: 8 } }), plain);
    assert.equal(digest({ ...base, data: { data: "ml-100k" } }), plain);
    assert.equal(
      digest({ ...base, hyperparameters: { width: 8 } }, { hyperparameters: { layers: 1 } }),
      plain,
    );
    const others = [
      digest(base, { hyperparameters: { width: 9 } }),
      digest(base, { split: "random:0.5" }),
      digest(base, { model: "bpr" }),
      digest(base, { validation: 0 }),
      digest(base, { evaluation: { ks: [5] } }),
      digest(base, { data: { minRating: 3 } }),
    ];
    assert.equal(new Set([plain, ...others]).size, 7);
  });
});
