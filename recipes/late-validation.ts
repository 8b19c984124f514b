/**
 * Cuts the shipped train file of Gowalla, Yelp2018 or another dataset in LightGCN's layout once more,
 * into train and test files of a new folder: the last items of each user's line are the new test. The
 * shipped cut follows the order of the lines, not chance (docs/results.md, "A validation part like the
 * shipped test"), so settings are judged here by the like of what the shipped test asks.
 *
 *   node recipes/late-validation.ts …/gowalla/train.txt runs/gowalla-late [--share 0.1]
 *   lumiere train --data runs/gowalla-late --split file:official --validation 0 --model lightgcn …
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { share: { type: "string", default: "0.1" } },
});
const [source, target] = positionals;
const share = Number(values.share);
if (source === undefined || target === undefined || !(share > 0 && share < 1)) {
  console.error("usage: node recipes/late-validation.ts TRAIN.TXT FOLDER [--share 0.1]");
  process.exit(2);
}

/** Items of each line, without the user before them. */
function itemsOf(file: string): readonly (readonly [user: string, items: readonly string[]])[] {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => {
    const [user = "", ...items] = line.trim().split(/\s+/);
    return [user, items];
  });
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/**
 * Pearson's correlation, over items of twenty places or more in lines of five items or more, of where they
 * stand there (0 first, 1 last) and the share of their interactions that is in the test file: 0 for a test
 * that is drawn at random.
 */
function orderInTest(train: ReturnType<typeof itemsOf>, test: ReturnType<typeof itemsOf>): number {
  const places = new Map<string, number[]>();
  for (const [, items] of train) {
    if (items.length < 5) continue;
    for (const [at, item] of items.entries()) {
      places.set(item, [...(places.get(item) ?? []), at / (items.length - 1)]);
    }
  }
  const count = (lines: typeof train) =>
    Map.groupBy(
      lines.flatMap(([, items]) => items),
      (item) => item,
    );
  const [inTrain, inTest] = [count(train), count(test)];
  const pairs = [...places].flatMap(([item, own]) => {
    if (own.length < 20) return [];
    const held = inTest.get(item)?.length ?? 0;
    return [[mean(own), held / (held + inTrain.get(item)!.length)] as const];
  });
  const [x, y] = [mean(pairs.map(([a]) => a)), mean(pairs.map(([, b]) => b))];
  const sum = (f: (a: number, b: number) => number) =>
    pairs.reduce((total, [a, b]) => total + f(a - x, b - y), 0);
  return sum((a, b) => a * b) / Math.sqrt(sum((a) => a * a) * sum((_, b) => b * b));
}

const train = itemsOf(source);
const early: string[] = [];
const late: string[] = [];
for (const [user, items] of train) {
  const kept = items.length - Math.round(share * items.length);
  early.push([user, ...items.slice(0, kept)].join(" "));
  if (kept < items.length) late.push([user, ...items.slice(kept)].join(" "));
}
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "train.txt"), `${early.join("\n")}\n`);
writeFileSync(join(target, "test.txt"), `${late.join("\n")}\n`);
console.log(`${target}: train.txt and test.txt, a share of ${share} of each line's end`);
const shipped = join(dirname(source), "test.txt");
if (existsSync(shipped)) {
  const order = orderInTest(train, itemsOf(shipped)).toFixed(2);
  console.log(`order of the lines against the shipped test: correlation ${order}`);
}
