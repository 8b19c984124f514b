import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { didYouMean, nearest } from "../../src/base/nearest.ts";

test("a swap of neighbours is one edit, so the mistyped model is found", () => {
  assert.deepEqual(nearest("lightgnc", ["light", "lightgcn", "ngcf", "gcn"], 1), ["lightgcn"]);
});

test("case and accents do not matter", () => {
  assert.deepEqual(nearest("amelie", ["Emilie", "Améliè", "Camelia"], 1), ["Améliè"]);
});

test("the beginning of a title is near, even mistyped", () => {
  const titles = ["Tin Cup (1996)", "Toy Soldiers (1991)", "Toy Story (1995)", "Stroy"];
  assert.deepEqual(nearest("toy stroy", titles, 1), ["Toy Story (1995)"]);
});

test("a part of a title is near", () => {
  const titles = ["Alien (1979)", "Empire Strikes Back, The (1980)", "Stripes (1981)"];
  assert.deepEqual(nearest("strikes back", titles, 1), ["Empire Strikes Back, The (1980)"]);
});

test("equally near words keep the order given, and the count is kept to", () => {
  assert.deepEqual(nearest("1000", ["100", "1001", "200", "1010"], 2), ["100", "1001"]);
  assert.deepEqual(nearest("b", ["c", "a", "d"], 2), ["c", "a"]);
  assert.deepEqual(nearest("b", [], 2), []);
  assert.deepEqual(nearest("b", ["c"], 5), ["c"]);
});

test("only a near word is suggested: a third of the letters may be wrong", () => {
  const models = ["lightgcn", "bpr", "popularity", "item-knn"];
  assert.equal(didYouMean("bqr", models), '; did you mean "bpr"?');
  assert.equal(didYouMean("lihgtgc", models), '; did you mean "lightgcn"?');
  assert.equal(didYouMean("pop", models), '; did you mean "popularity"?');
  assert.equal(didYouMean("bpr", ["bpr-2", "bpr-1", "svd"], 3), '; did you mean "bpr-2", "bpr-1"?');
  for (const stranger of ["nope", "b", "", "linear"])
    assert.equal(didYouMean(stranger, models), "");
});

test("very long ids do not take long", () => {
  const long = "x".repeat(1_000_000);
  assert.deepEqual(nearest(`${long}y`, [`${long}z`, "short"], 1), [`${long}z`]);
});

test("a known word is nearest to itself, and the result is a part of the words", () => {
  const word = fc.string({ minLength: 1, maxLength: 8 }).map((text) => text.toLowerCase());
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 9 }), fc.nat(), (words, at) => {
      const sought = words[at % words.length]!;
      const found = nearest(sought, words, words.length);
      assert.deepEqual(found.toSorted(), words.toSorted());
      assert.equal(fold(found[0]!), fold(sought));
    }),
  );
});

/** Words that differ by accents and case alone are equally near. */
function fold(word: string): string {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
