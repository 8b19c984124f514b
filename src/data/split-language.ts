/**
 * The split language: one word, or a word and its figures, says how a dataset is
 * cut for training and judging. R is the share that stays in train, 0 < R < 1.
 *
 * | text | what goes to test |
 * |---|---|
 * | `random:R` | a random share 1 − R of all interactions |
 * | `user-random:R` | a random share 1 − R of each user's interactions |
 * | `user-random:R/down` | the same, rounded down, but one at least of two or more |
 * | `loo` | each user's latest interaction |
 * | `loo:random` | one random interaction of each user |
 * | `temporal:R` | the latest share 1 − R of all interactions: one cut in time for everybody |
 * | `user-temporal:R` | the latest share 1 − R of each user's interactions (leaks the future) |
 * | `held-out:N` or `held-out:N/R` | N random users: R (0.8) of each one's items is folded in, the rest is to be found |
 * | `k-fold:K/F` | fold F of K random folds, F = 1 … K |
 * | `file:NAME` | what the dataset's own split NAME says (`file:ua`) |
 * | `default` | the dataset's default shipped split, else `random:0.8` |
 *
 * `random`, `user-random`, `temporal` and `user-temporal` without `:R` mean R = 0.8.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";

const DEFAULT_RATIO = 0.8;

/** Splits that leave a share of all or of each user's interactions in train. */
export type RatioSplitKind = "random" | "user-random" | "temporal" | "user-temporal";

/** How to cut a dataset: what a text of the split language means. */
export type SplitSpecification =
  | { readonly kind: "default" }
  | { readonly kind: Exclude<RatioSplitKind, "user-random">; readonly ratio: number }
  | { readonly kind: "user-random"; readonly ratio: number; readonly rounding?: "down" }
  | { readonly kind: "loo"; readonly choice: "latest" | "random" }
  | { readonly kind: "held-out"; readonly users: number; readonly ratio: number }
  | { readonly kind: "k-fold"; readonly folds: number; readonly fold: number }
  | { readonly kind: "file"; readonly name: string };

/** Every form of the language with an example and its meaning, for help texts and errors. */
export const splitForms: readonly { readonly form: string; readonly meaning: string }[] = [
  { form: "random:0.8", meaning: "a random 80 % of all interactions for training" },
  { form: "user-random:0.8", meaning: "a random 80 % of each user's interactions" },
  {
    form: "user-random:0.8/down",
    meaning: "the same, each user's 20 % rounded down, not to the nearest number (RecBole)",
  },
  { form: "loo", meaning: "leave one out: each user's latest interaction is the test" },
  { form: "loo:random", meaning: "leave one out: one random interaction of each user" },
  { form: "temporal:0.8", meaning: "one cut in time: the earliest 80 % for training" },
  {
    form: "user-temporal:0.8",
    meaning: "the earliest 80 % of each user's interactions (leaks the future)",
  },
  {
    form: "held-out:1000",
    meaning:
      "1000 users are kept out of training, 80 % of their items folded in (held-out:1000/0.8)",
  },
  { form: "k-fold:5/1", meaning: "fold 1 of 5 is the test" },
  { form: "file:ua", meaning: "the split ua that the dataset ships" },
  { form: "default", meaning: "the dataset's default shipped split, else random:0.8" },
];

/**
 * Reads a text of the split language. What depends on the dataset (times, number of users,
 * shipped splits) is checked when the dataset is cut.
 * @throws BadInputError "split" naming the part that is wrong and what was expected
 *
 * @example
 * parseSplit("held-out:1000"); // { kind: "held-out", users: 1000, ratio: 0.8 }
 */
export function parseSplit(text: string): SplitSpecification {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(":");
  const word = colon < 0 ? trimmed : trimmed.slice(0, colon);
  const figures = colon < 0 ? null : trimmed.slice(colon + 1);
  switch (word) {
    case "default":
      if (figures !== null) throw wrong(trimmed, "nothing after default", "default");
      return { kind: "default" };
    case "user-random": {
      const [ratio = null, rounding] = figures === null ? [] : splitOnce(figures);
      const share = parseRatio(trimmed, ratio, "user-random:0.8");
      if (rounding === undefined) return { kind: word, ratio: share };
      if (rounding !== "down") throw wrong(trimmed, "down after the slash", `${word}:0.8/down`);
      return { kind: word, ratio: share, rounding };
    }
    case "random":
    case "temporal":
    case "user-temporal":
      return { kind: word, ratio: parseRatio(trimmed, figures, `${word}:0.8`) };
    case "loo":
      if (figures !== null && figures !== "latest" && figures !== "random") {
        throw wrong(trimmed, "latest or random after loo:", "loo:random");
      }
      return { kind: "loo", choice: figures ?? "latest" };
    case "held-out": {
      const [users = "", ratio = null] = splitOnce(figures ?? "");
      return {
        kind: "held-out",
        users: parseWhole(trimmed, users, "a number of users from 1", 1, "held-out:1000"),
        ratio: parseRatio(trimmed, ratio, "held-out:1000/0.8"),
      };
    }
    case "k-fold": {
      const [folds = "", fold = ""] = splitOnce(figures ?? "");
      const count = parseWhole(trimmed, folds, "a number of folds from 2", 2, "k-fold:5/1");
      const expected = `which fold to test on, 1 … ${count}, after the slash`;
      const chosen = parseWhole(trimmed, fold, expected, 1, `k-fold:${count}/1`);
      if (chosen > count) throw wrong(trimmed, expected, `k-fold:${count}/${count}`);
      return { kind: "k-fold", folds: count, fold: chosen };
    }
    case "file":
      if (!figures) throw wrong(trimmed, "the name of a shipped split after file:", "file:ua");
      return { kind: "file", name: figures };
    default: {
      const forms = splitForms.map(({ form }) => form);
      const words = forms.map((form) => form.split(":")[0] ?? form);
      const near = forms[words.indexOf(nearest(word, words, 1)[0] ?? "")];
      throw new BadInputError(
        "split",
        `split "${text}" is not known; did you mean ${near}? The splits: ${forms.join(", ")}`,
      );
    }
  }
}

/** The text of a specification: `parseSplit` of it gives the specification back. */
export function formatSplit(specification: SplitSpecification): string {
  switch (specification.kind) {
    case "default":
      return "default";
    case "loo":
      return specification.choice === "latest" ? "loo" : "loo:random";
    case "held-out":
      return specification.ratio === DEFAULT_RATIO
        ? `held-out:${specification.users}`
        : `held-out:${specification.users}/${specification.ratio}`;
    case "k-fold":
      return `k-fold:${specification.folds}/${specification.fold}`;
    case "file":
      return `file:${specification.name}`;
    case "user-random":
      return `user-random:${specification.ratio}${specification.rounding ? "/down" : ""}`;
    default:
      return `${specification.kind}:${specification.ratio}`;
  }
}

function splitOnce(figures: string): string[] {
  const slash = figures.indexOf("/");
  return slash < 0 ? [figures] : [figures.slice(0, slash), figures.slice(slash + 1)];
}

function parseRatio(text: string, figure: string | null, example: string): number {
  if (figure === null) return DEFAULT_RATIO;
  const ratio = figure.trim() === "" ? Number.NaN : Number(figure);
  if (!(ratio > 0 && ratio < 1)) {
    throw wrong(text, "a share for training between 0 and 1, both excluded", example);
  }
  return ratio;
}

function parseWhole(
  text: string,
  figure: string,
  expected: string,
  least: number,
  example: string,
): number {
  const whole = /^\d+$/.test(figure) ? Number(figure) : Number.NaN;
  if (!(Number.isSafeInteger(whole) && whole >= least)) throw wrong(text, expected, example);
  return whole;
}

function wrong(text: string, expected: string, example: string): BadInputError {
  return new BadInputError(
    "split",
    `split "${text}": expected ${expected}, for instance ${example}`,
  );
}
