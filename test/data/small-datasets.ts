/**
 * Small datasets for tests, written as rows, and arbitrary ones for properties.
 */

import fc from "fast-check";
import { type Dataset, type Interactions, Vocabulary } from "../../src/data/interactions.ts";

/** user index, item index, value, time */
export type Row = readonly [user: number, item: number, value: number, time: number];

export function interactionsOf(rows: readonly Row[]): Interactions {
  return {
    users: Int32Array.from(rows, ([user]) => user),
    items: Int32Array.from(rows, ([, item]) => item),
    values: Float32Array.from(rows, ([, , value]) => value),
    times: Float64Array.from(rows, ([, , , time]) => time),
  };
}

export function rowsOf({ users, items, values, times }: Interactions): Row[] {
  return Array.from(users, (user, at) => [
    user,
    items[at] ?? -1,
    values?.[at] ?? 1,
    times?.[at] ?? 0,
  ]);
}

/** Users "u0", "u1", … and items "i0", "i1", …; as many as the rows need where no size is given. */
export function datasetOf(
  rows: readonly Row[],
  overrides: Partial<Dataset> & { readonly sizes?: readonly [users: number, items: number] } = {},
): Dataset {
  const most = (column: 0 | 1) => rows.reduce((size, row) => Math.max(size, row[column] + 1), 0);
  const { sizes = [most(0), most(1)], ...fields } = overrides;
  return {
    name: "small",
    users: new Vocabulary(Array.from({ length: sizes[0] }, (_, index) => `u${index}`)),
    items: new Vocabulary(Array.from({ length: sizes[1] }, (_, index) => `i${index}`)),
    interactions: interactionsOf(rows),
    itemFeatures: {},
    userFeatures: {},
    source: "rows of a test",
    licence: null,
    synthetic: false,
    filterNotes: [],
    shippedSplits: [],
    ...fields,
  };
}

/** "user/item" of each row. */
export function pairs(interactions: Interactions | null | undefined): string[] {
  return interactions ? rowsOf(interactions).map(([user, item]) => `${user}/${item}`) : [];
}

const anyRow = fc.tuple(
  fc.nat({ max: 7 }),
  fc.nat({ max: 9 }),
  fc.integer({ min: 1, max: 5 }),
  fc.nat({ max: 30 }),
);

/** Rows of up to 8 users and 10 items; pairs may repeat. */
export const anyRows: fc.Arbitrary<Row[]> = fc.array(anyRow, { minLength: 1, maxLength: 70 });

/** Rows in which every (user, item) pair stands once. */
export const uniqueRows: fc.Arbitrary<Row[]> = fc.uniqueArray(anyRow, {
  minLength: 2,
  maxLength: 60,
  selector: ([user, item]) => 10 * user + item,
});

/** Rows of 40 users with 5 … 12 items each of 30, every pair once: enough for any split. */
export const roomyRows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.uniqueArray(fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: 1000 })), {
      minLength: 5,
      maxLength: 12,
      selector: ([item]) => item,
    }),
    { minLength: 40, maxLength: 40 },
  )
  .map((users) =>
    users.flatMap((own, user) =>
      own.map(([item, time]): Row => [user, item, 1 + (item % 5), time]),
    ),
  );
