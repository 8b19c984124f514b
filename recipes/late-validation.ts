/**
 * Cuts the shipped train file of Gowalla, Yelp2018 or another dataset in LightGCN's layout once more,
 * into train and test files of a new folder: the last items of each user's line are the new test. The
 * shipped cut follows the order of the lines, not chance (docs/results.md, "A validation part like the shipped test"), so settings are judged here by what the
 * shipped test asks, and the shipped test stays unseen.
 *
 *   node recipes/late-validation.ts …/gowalla/train.txt runs/gowalla-late [--share 0.1]
 *   lumiere train --data runs/gowalla-late --split file:official --validation 0 --model lightgcn …
 *
 * @module
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

const lines = readFileSync(source, "utf8").trim().split("\n");
const early: string[] = [];
const late: string[] = [];
for (const line of lines) {
  const [user = "", ...items] = line.trim().split(/\s+/);
  const kept = items.length - Math.round(share * items.length);
  early.push([user, ...items.slice(0, kept)].join(" "));
  if (kept < items.length) late.push([user, ...items.slice(kept)].join(" "));
}
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "train.txt"), `${early.join("\n")}\n`);
writeFileSync(join(target, "test.txt"), `${late.join("\n")}\n`);
console.log(`${target}: train.txt and test.txt, a share of ${share} of each line's end`);
