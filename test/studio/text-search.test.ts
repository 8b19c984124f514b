import assert from "node:assert/strict";
import { test } from "node:test";
import { TextSearch } from "../../src/studio/text-search.ts";

const NAMES = ["Amélie (2001)", "Mélo (1986)", "Star Wars (1977)", "A Star Is Born", "Stardust"];
const search = new TextSearch(NAMES, [4, 3, 2, 1, 0]);
const found = (text: string, limit = 10) =>
  search.find(text, limit).positions.map((at) => NAMES[at]);

test("names that begin with the query come first, then whole words, then parts", () => {
  assert.deepEqual(found("star"), ["Stardust", "Star Wars (1977)", "A Star Is Born"]);
  assert.deepEqual(found("wars star"), ["Star Wars (1977)"]);
  assert.deepEqual(found("el"), ["Mélo (1986)", "Amélie (2001)"]);
  assert.deepEqual(found("stardust"), ["Stardust"]);
});

test("case and accents do not matter, and nothing finds all in order of preference", () => {
  assert.deepEqual(found("AMELIE"), ["Amélie (2001)"]);
  assert.deepEqual(found("mélo"), ["Mélo (1986)"]);
  assert.deepEqual(found("  "), [...NAMES].reverse());
  assert.deepEqual(found("nothing of the kind"), []);
});

test("the limit bounds what is named, not what is counted", () => {
  assert.deepEqual(search.find("", 2), { positions: [4, 3], matching: 5 });
  assert.deepEqual(search.find("star", 1), { positions: [4], matching: 3 });
});
