/**
 * The files of NGCF and LightGCN: `train.txt` and `test.txt`, one line a user,
 * `user item item …` in whole numbers. Those numbers stay the external ids, so
 * that lists can be compared with everybody else's.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { BadInputError } from "../../base/errors.ts";
import { checkStopped, type DataContext } from "../context.ts";
import { explainFileError } from "../file-errors.ts";
import { type Interactions, Vocabulary } from "../interactions.ts";
import type { RowFilters } from "../options.ts";
import type { Layout } from "./layout.ts";

/** Pairs of user and item numbers. */
interface Pairs {
  users: Int32Array;
  items: Int32Array;
  length: number;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const TAB = 9;
const ZERO = 48;

export const lightgcnFiles: Layout = {
  requiredFiles: ["train.txt", "test.txt"],

  async load(folder, filters, context) {
    refuseRowFilters(folder, filters);
    const train = await readLines(join(folder, "train.txt"), context);
    const test = await readLines(join(folder, "test.txt"), context);
    const length = train.length + test.length;
    const column = (side: "users" | "items") => {
      const numbers = new Int32Array(length);
      numbers.set(train[side].subarray(0, train.length));
      numbers.set(test[side].subarray(0, test.length), train.length);
      const distinct = Int32Array.from(new Set(numbers)).sort();
      const index = new Map(Array.from(distinct, (number, at) => [number, at]));
      for (let at = 0; at < length; at++) numbers[at] = index.get(numbers[at]!)!;
      return { numbers, vocabulary: new Vocabulary(Array.from(distinct, String)) };
    };
    const [users, items] = [column("users"), column("items")];
    const part = (begin: number, end: number): Interactions => ({
      users: users.numbers.subarray(begin, end),
      items: items.numbers.subarray(begin, end),
      values: null,
      times: null,
    });
    return {
      users: users.vocabulary,
      items: items.vocabulary,
      interactions: part(0, length),
      itemFeatures: {},
      userFeatures: {},
      filterNotes: [],
      shippedSplits: [
        {
          name: "official",
          isDefault: true,
          description: "train.txt and test.txt as published with NGCF and LightGCN",
          load: async () => ({
            train: part(0, train.length),
            test: part(train.length, length),
            candidates: null,
          }),
        },
      ],
    };
  },
};

function refuseRowFilters(folder: string, { minRating, since, until }: RowFilters): void {
  const [flag, lacks] =
    minRating !== undefined
      ? ["--min-rating", "ratings"]
      : since !== undefined || until !== undefined
        ? ["--since and --until", "times"]
        : [null, null];
  if (flag === null) return;
  throw new BadInputError(
    "column",
    `${flag}: ${folder} has no ${lacks} (its files list who interacted with what, no more); leave the flag out`,
  );
}

/** Reads a file as a stream of bytes, number by number. */
async function readLines(path: string, context: DataContext): Promise<Pairs> {
  const pairs: Pairs = { users: new Int32Array(1024), items: new Int32Array(1024), length: 0 };
  let line = 1;
  let user = -1;
  let number = -1;
  const endNumber = () => {
    if (number < 0) return;
    if (user < 0) user = number;
    else append(pairs, user, number);
    number = -1;
  };
  const step = (byte: number) => {
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      number = Math.max(number, 0) * 10 + digit;
      if (number <= 0x7fffffff) return;
    } else if (byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN) return endNumber();
    else if (byte === LINE_FEED) {
      endNumber();
      user = -1;
      line++;
      return;
    }
    throw new BadInputError(
      "row",
      `${path}, line ${line}: found ${JSON.stringify(String.fromCharCode(byte))}, expected "user item item …" in whole numbers below 2^31`,
    );
  };
  try {
    for await (const bytes of createReadStream(path)) {
      for (const byte of bytes as Buffer) step(byte);
      context.progress({ stage: "read", done: pairs.length, unit: "rows" });
      checkStopped(context.signal);
    }
  } catch (error) {
    throw await explainFileError(path, error);
  }
  endNumber();
  if (pairs.length > 0) return pairs;
  throw new BadInputError("empty", `${path} holds no interactions; expected "user item item …"`);
}

function append(pairs: Pairs, user: number, item: number): void {
  if (pairs.length === pairs.users.length) {
    for (const side of ["users", "items"] as const) {
      const wider = new Int32Array(2 * pairs.length);
      wider.set(pairs[side]);
      pairs[side] = wider;
    }
  }
  pairs.users[pairs.length] = user;
  pairs.items[pairs.length++] = item;
}
