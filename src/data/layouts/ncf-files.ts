/**
 * The files of Neural Collaborative Filtering (He et al., WWW 2017):
 * `<name>.train.rating` and `<name>.test.rating` (user, item, rating, time;
 * tabs; one held-out interaction a user), and `<name>.test.negative` with the
 * 99 items each held-out item is ranked against: `(user,item)`, then the items.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BadInputError } from "../../base/errors.ts";
import {
  compressRows,
  type Interactions,
  interactionCount,
  type Rows,
  Vocabulary,
} from "../interactions.ts";
import type { ReadingOptions } from "../options.ts";
import { sortIds } from "../vocabulary-order.ts";
import { FOUR_COLUMNS, inIndicesOf, type Layout, readRatings } from "./layout.ts";

const READING: ReadingOptions = { ...FOUR_COLUMNS, delimiter: "\t", quote: "none" };

/** Pinterest has pins, not ratings, and 0 for every time. */
const READING_OF_PINS: ReadingOptions = { ...READING, ratingColumn: "none", timeColumn: "none" };

/**
 * The layout for files that begin with `prefix`: "ml-1m", "pinterest-20".
 * @param kind whether the third and fourth column mean anything
 */
export function ncfFiles(prefix: string, kind: "ratings" | "pins" = "ratings"): Layout {
  const reading = kind === "ratings" ? READING : READING_OF_PINS;
  const [trainFile, testFile, negativeFile] = ["train.rating", "test.rating", "test.negative"].map(
    (suffix) => `${prefix}.${suffix}`,
  ) as [string, string, string];
  return {
    requiredFiles: [trainFile, testFile, negativeFile],

    async load(folder, filters, context) {
      const trainRows = await readRatings(folder, trainFile, reading, filters, context);
      const testRows = await readRatings(folder, testFile, reading, filters, context);
      const users = new Vocabulary(sortIds([...trainRows.users.ids, ...testRows.users.ids]));
      const items = new Vocabulary(sortIds([...trainRows.items.ids, ...testRows.items.ids]));
      const train = inIndicesOf(trainRows, users, items);
      const test = inIndicesOf(testRows, users, items);
      const notes = (part: string, lines: readonly string[]) =>
        lines.map((line) => `${part}: ${line}`);
      return {
        users,
        items,
        interactions: joined(train, test),
        itemFeatures: {},
        userFeatures: {},
        filterNotes: [
          ...notes(trainFile, trainRows.filterNotes),
          ...notes(testFile, testRows.filterNotes),
        ],
        shippedSplits: [
          {
            name: "ncf",
            isDefault: true,
            description:
              "each user's held-out interaction ranked among 99 sampled items, as published with NCF (a sampled metric)",
            load: async () => ({
              train,
              test,
              candidates: await readCandidates(join(folder, negativeFile), test, users, items),
            }),
          },
        ],
      };
    },
  };
}

function joined(first: Interactions, second: Interactions): Interactions {
  const length = interactionCount(first) + interactionCount(second);
  const join = <T extends Int32Array | Float32Array | Float64Array>(whole: T, a: T, b: T): T => {
    whole.set(a);
    whole.set(b, a.length);
    return whole;
  };
  return {
    users: join(new Int32Array(length), first.users, second.users),
    items: join(new Int32Array(length), first.items, second.items),
    values:
      first.values && second.values && join(new Float32Array(length), first.values, second.values),
    times: first.times && second.times && join(new Float64Array(length), first.times, second.times),
  };
}

/** The listed negatives of each user who has a test interaction. */
async function readCandidates(
  path: string,
  test: Interactions,
  users: Vocabulary,
  items: Vocabulary,
): Promise<Rows> {
  const tested = new Uint8Array(users.size);
  const rows: number[] = [];
  const columns: number[] = [];
  for (const user of test.users) tested[user] = 1;
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    line++;
    if (text === "") continue;
    const [pair = "", ...negatives] = text.split("\t");
    const match = /^\((\d+),\s*(\d+)\)$/.exec(pair);
    if (!match) {
      throw new BadInputError(
        "row",
        `${path}, line ${line}: found ${JSON.stringify(pair.slice(0, 40))}, expected (user,item) and the items to rank it against, with tabs between`,
      );
    }
    const user = users.indexOf(match[1]!);
    // Filters may have removed the user, or the test interaction that the list belongs to.
    if (user === undefined || tested[user] === 0) continue;
    for (const id of negatives) {
      const item = items.indexOf(id);
      // The line's own item may be listed too; it is to be found in test, and nobody's negative in validation.
      if (item === undefined || id === match[2]) continue;
      rows.push(user);
      columns.push(item);
    }
  }
  return compressRows(Int32Array.from(rows), Int32Array.from(columns), users.size);
}
