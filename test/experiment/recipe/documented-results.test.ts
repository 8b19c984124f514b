import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { resultsPage } from "../../../scripts/document-results.ts";
import { loadRecipes } from "../../../src/experiment/recipe/recipe.ts";
import { judgeRow } from "../../../src/experiment/recipe/verdict.ts";

const recipes = loadRecipes();

describe("docs/results.md", () => {
  it("has the recipes' figures (else run: node scripts/document-results.ts)", () => {
    const page = readFileSync(new URL("../../../docs/results.md", import.meta.url), "utf8");
    assert.equal(page, resultsPage(page, recipes));
  });

  it("needs its two marks", () => {
    assert.throws(() => resultsPage("# Results\n", recipes), /lacks "<!-- Begin/);
  });

  it("has a figure of ours for each of theirs, and a reason where one misses", () => {
    for (const recipe of recipes) {
      for (const row of recipe.rows) {
        if (row.measured === undefined) continue;
        const where = `${recipe.name}, ${row.label}`;
        for (const key of Object.keys(row.published)) {
          assert.ok(key in row.measured.figures, `${where} lacks ${key}`);
        }
        if (judgeRow(recipe, row) === "miss") assert.ok(row.measured.why, `${where} says no why`);
      }
    }
  });
});
