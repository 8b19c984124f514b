/**
 * A small dataset cut, and the parts of the cut as pairs to compare.
 */

import type { Split } from "../../src/data/interactions.ts";
import { parseSplit } from "../../src/data/split-language.ts";
import { splitDataset } from "../../src/data/splits.ts";
import { datasetOf, pairs, type Row } from "./small-datasets.ts";

/** Cuts the rows as a text of the split language says. */
export const cut = (rows: readonly Row[], text: string, seed = 1, validation = 0): Promise<Split> =>
  splitDataset(datasetOf(rows), parseSplit(text), { seed, validation });

/** Every part of a split, each by itself. */
export function parts(split: Split): string[][] {
  const judged = [split.validation, split.test];
  return [
    pairs(split.train),
    ...judged.flatMap((part) => [
      pairs(part?.targets),
      pairs(part?.history),
      pairs(part?.unrankable),
    ]),
  ];
}

/** Everything that the test part holds. */
export const testPairs = ({ test }: Split) => [
  ...pairs(test?.targets),
  ...pairs(test?.unrankable),
  ...pairs(test?.history),
];
