import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatSplit,
  parseSplit,
  type SplitSpecification,
  splitForms,
} from "../../src/data/split-language.ts";

test("every word of the language", () => {
  const meanings: Record<string, SplitSpecification> = {
    "random:0.7": { kind: "random", ratio: 0.7 },
    random: { kind: "random", ratio: 0.8 },
    "user-random:.9": { kind: "user-random", ratio: 0.9 },
    "user-random:0.9/down": { kind: "user-random", ratio: 0.9, rounding: "down" },
    loo: { kind: "loo", choice: "latest" },
    "loo:latest": { kind: "loo", choice: "latest" },
    "loo:random": { kind: "loo", choice: "random" },
    " temporal:0.8 ": { kind: "temporal", ratio: 0.8 },
    "user-temporal:0.75": { kind: "user-temporal", ratio: 0.75 },
    "held-out:1000": { kind: "held-out", users: 1000, ratio: 0.8 },
    "held-out:10/0.5": { kind: "held-out", users: 10, ratio: 0.5 },
    "k-fold:5/1": { kind: "k-fold", folds: 5, fold: 1 },
    "file:ua": { kind: "file", name: "ua" },
    "file:a:b/c": { kind: "file", name: "a:b/c" },
    default: { kind: "default" },
  };
  for (const [text, meaning] of Object.entries(meanings)) {
    assert.deepEqual(parseSplit(text), meaning, text);
  }
});

test("the forms that help texts show are understood", () => {
  for (const { form } of splitForms) assert.equal(formatSplit(parseSplit(form)), form);
});

test("a written specification reads back as itself", () => {
  const ratio = fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true });
  const specification: fc.Arbitrary<SplitSpecification> = fc.oneof(
    fc
      .tuple(fc.constantFrom("random", "user-random", "temporal", "user-temporal"), ratio)
      .map(([kind, share]) => ({ kind, ratio: share })),
    fc
      .tuple(fc.integer({ min: 1 }), ratio)
      .map(([users, share]) => ({ kind: "held-out" as const, users, ratio: share })),
    fc
      .tuple(fc.integer({ min: 2, max: 1000 }), fc.nat())
      .map(([folds, any]) => ({ kind: "k-fold" as const, folds, fold: 1 + (any % folds) })),
  );
  fc.assert(
    fc.property(specification, (any) => assert.deepEqual(parseSplit(formatSplit(any)), any)),
  );
});

test("what is wrong is named, with what was expected", () => {
  const complaints: Record<string, RegExp> = {
    "randm:0.8": /split "randm:0.8" is not known; did you mean random:0.8\? .*held-out:1000/,
    "": /is not known/,
    "user-random:0.9/up": /split "user-random:0.9\/up": expected down after the slash/,
    "random:0.9/down": /split "random:0.9\/down": expected a share for training/,
    "random:1": /split "random:1": expected a share for training between 0 and 1.*random:0.8/,
    "random:0": /between 0 and 1/,
    "random:": /between 0 and 1/,
    "random:80%": /between 0 and 1/,
    "random:-0.2": /between 0 and 1/,
    "temporal:NaN": /temporal:0.8/,
    "loo:first": /expected latest or random/,
    "held-out": /expected a number of users from 1.*held-out:1000/,
    "held-out:0": /number of users/,
    "held-out:2.5": /number of users/,
    "held-out:5/1.5": /held-out:1000\/0.8/,
    "k-fold": /number of folds from 2/,
    "k-fold:1/1": /number of folds from 2/,
    "k-fold:5": /which fold to test on, 1 … 5.*k-fold:5\/1/,
    "k-fold:5/6": /which fold to test on, 1 … 5/,
    "k-fold:5/0": /which fold to test on, 1 … 5/,
    "file:": /name of a shipped split/,
    file: /name of a shipped split/,
    "default:0.8": /nothing after default/,
  };
  for (const [text, message] of Object.entries(complaints)) {
    assert.throws(() => parseSplit(text), { name: "BadInputError", code: "split", message }, text);
  }
});
