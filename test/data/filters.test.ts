import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BadInputError } from "../../src/base/errors.ts";
import { applyFilters } from "../../src/data/filters.ts";
import type { Dataset, ShippedSplit } from "../../src/data/interactions.ts";
import {
  anyRows,
  datasetOf,
  interactionsOf,
  type Row,
  rowsOf,
  uniqueRows,
} from "./small-datasets.ts";

/** Rows of a dataset with external ids, which filters must not change. */
function externalRows(dataset: Dataset): string[] {
  return rowsOf(dataset.interactions).map(
    ([user, item, value, time]) =>
      `${dataset.users.idOf(user)} ${dataset.items.idOf(item)} ${value} ${time}`,
  );
}

const asText = ([user, item, value, time]: Row): string => `u${user} i${item} ${value} ${time}`;

/** By the definition: drop what is too rare until nothing is. */
function naiveCore(rows: readonly Row[], perUser: number, perItem: number): Row[] {
  const count = (left: readonly Row[], column: 0 | 1, key: number) =>
    left.filter((row) => row[column] === key).length;
  const left = rows.filter(
    (row) => count(rows, 0, row[0]) >= perUser && count(rows, 1, row[1]) >= perItem,
  );
  return left.length === rows.length ? left : naiveCore(left, perUser, perItem);
}

const emptied = (error: unknown) => error instanceof BadInputError && error.code === "filter-empty";

test("without repeats and filters the same dataset comes back", () => {
  const dataset = datasetOf([
    [0, 0, 1, 1],
    [0, 1, 1, 2],
  ]);
  assert.equal(applyFilters(dataset, {}), dataset);
  assert.equal(applyFilters(dataset, { kCore: 0, minPerUser: 0, minPerItem: 0 }), dataset);
});

test("filters that remove nothing say so, and copy nothing", () => {
  const dataset = datasetOf([
    [0, 0, 1, 1],
    [0, 1, 1, 2],
  ]);
  const filters = { kCore: 1, minPerUser: 2, minPerItem: 1, duplicates: "max" } as const;
  const filtered = applyFilters(dataset, filters);
  assert.equal(filtered.interactions, dataset.interactions);
  assert.deepEqual(filtered.filterNotes, [
    "duplicates (keep max): removed 0 interactions, 0 users, 0 items",
    "minimum per user 2 and minimum per item 1: removed 0 interactions, 0 users, 0 items",
    "k-core 1: removed 0 interactions, 0 users, 0 items",
  ]);
});

test("of repeated pairs the latest, the earliest or the highest stays", () => {
  const rows: Row[] = [
    [0, 0, 3, 20],
    [1, 0, 2, 5],
    [0, 0, 5, 10],
    [0, 0, 4, 30],
    [0, 1, 1, 7],
    [0, 0, 5, 15],
  ];
  const left = (duplicates: "last" | "first" | "max") =>
    externalRows(applyFilters(datasetOf(rows), { duplicates }));
  assert.deepEqual(left("last"), ["u1 i0 2 5", "u0 i0 4 30", "u0 i1 1 7"]);
  assert.deepEqual(left("first"), ["u1 i0 2 5", "u0 i0 5 10", "u0 i1 1 7"]);
  assert.deepEqual(left("max"), ["u1 i0 2 5", "u0 i1 1 7", "u0 i0 5 15"]);
  assert.deepEqual(applyFilters(datasetOf(rows), {}).filterNotes, [
    "duplicates (keep last): removed 3 interactions, 0 users, 0 items",
  ]);
});

test("without times, and between equal times, file order decides", () => {
  const rows: Row[] = [
    [0, 0, 3, 9],
    [0, 0, 4, 9],
  ];
  const untimed = { ...interactionsOf(rows), times: null };
  for (const interactions of [interactionsOf(rows), untimed]) {
    const value = (duplicates: "last" | "first") =>
      applyFilters(datasetOf(rows, { interactions }), { duplicates }).interactions.values?.[0];
    assert.equal(value("last"), 4);
    assert.equal(value("first"), 3);
  }
});

test("k-core goes on to the fixed point", () => {
  // u3 has one item, so i3 falls to one user, so u2 falls to one item, so i2 falls to one user …
  const chain: Row[] = [
    [0, 0, 1, 0],
    [0, 1, 1, 0],
    [1, 0, 1, 0],
    [1, 1, 1, 0],
    [1, 2, 1, 0],
    [2, 2, 1, 0],
    [2, 3, 1, 0],
    [3, 3, 1, 0],
  ];
  const filtered = applyFilters(datasetOf(chain), { kCore: 2 });
  assert.deepEqual(externalRows(filtered), chain.slice(0, 4).map(asText));
  assert.deepEqual(filtered.users.ids, ["u0", "u1"]);
  assert.deepEqual(filtered.items.ids, ["i0", "i1"]);
  assert.deepEqual(filtered.filterNotes, ["k-core 2: removed 4 interactions, 2 users, 2 items"]);
});

test("cores equal the definition, and indices close up in order", () => {
  fc.assert(
    fc.property(
      uniqueRows,
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 4 }),
      fc.boolean(),
      (rows, first, second, asCore) => {
        const [perUser, perItem] = asCore ? [first, first] : [first, second];
        const filters = asCore ? { kCore: first } : { minPerUser: first, minPerItem: second };
        const expected = naiveCore(rows, perUser, perItem);
        if (expected.length === 0) {
          assert.throws(() => applyFilters(datasetOf(rows), filters), emptied);
          return;
        }
        const filtered = applyFilters(datasetOf(rows), filters);
        assert.deepEqual(externalRows(filtered), expected.map(asText));
        const numbers = filtered.users.ids.map((id) => Number(id.slice(1)));
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
        );
        if (perUser + perItem > 0) {
          assert.deepEqual(new Set(filtered.interactions.users).size, filtered.users.size);
          assert.deepEqual(new Set(filtered.interactions.items).size, filtered.items.size);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("repeats are gone before the core is counted", () => {
  fc.assert(
    fc.property(anyRows, fc.integer({ min: 1, max: 4 }), (rows, kCore) => {
      const unique = rowsOf(applyFilters(datasetOf(rows), {}).interactions);
      const expected = naiveCore(unique, kCore, kCore);
      fc.pre(expected.length > 0);
      const filtered = applyFilters(datasetOf(rows), { kCore });
      assert.deepEqual(externalRows(filtered), expected.map(asText));
    }),
    { numRuns: 400 },
  );
});

test("every pair is left once, and it is one of the rows given", () => {
  fc.assert(
    fc.property(anyRows, fc.constantFrom("last", "first", "max"), (rows, duplicates) => {
      const left = rowsOf(applyFilters(datasetOf(rows), { duplicates }).interactions);
      const byPair = Map.groupBy(rows, ([user, item]) => `${user}/${item}`);
      assert.equal(left.length, byPair.size);
      for (const [user, item, value, time] of left) {
        const same = byPair.get(`${user}/${item}`) ?? [];
        const best =
          duplicates === "last"
            ? Math.max(...same.map((row) => row[3]))
            : duplicates === "first"
              ? Math.min(...same.map((row) => row[3]))
              : Math.max(...same.map((row) => row[2]));
        assert.equal(duplicates === "max" ? value : time, best);
      }
    }),
  );
});

const square: Row[] = [
  [0, 0, 1, 0],
  [0, 2, 1, 0],
  [2, 0, 1, 0],
  [2, 2, 1, 0],
  [1, 1, 1, 0],
];

test("features follow the items and users that are left", () => {
  const filtered = applyFilters(
    datasetOf(square, {
      itemFeatures: { titles: ["A", "B", null], genres: [["x"], [], ["y", "z"]], years: [1, 2, 3] },
      userFeatures: { age: ["20", "30", null] },
    }),
    { minPerUser: 2 },
  );
  assert.deepEqual(filtered.itemFeatures, {
    titles: ["A", null],
    genres: [["x"], ["y", "z"]],
    years: [1, 3],
  });
  assert.deepEqual(filtered.userFeatures, { age: ["20", null] });
  assert.deepEqual(filtered.filterNotes, [
    "minimum per user 2: removed 1 interaction, 1 user, 1 item",
  ]);
});

test("shipped splits follow, and are read only when they are asked for", async () => {
  let reads = 0;
  const shipped: ShippedSplit = {
    name: "ua",
    isDefault: true,
    description: "as shipped",
    load: async () => {
      reads++;
      return {
        train: interactionsOf(square.slice(1)),
        test: interactionsOf([
          [0, 0, 4, 8],
          [1, 0, 1, 0],
          [2, 1, 1, 0],
        ]),
        candidates: { indptr: Int32Array.of(0, 2, 3, 5), indices: Int32Array.of(0, 1, 2, 1, 2) },
      };
    },
  };
  const filtered = applyFilters(datasetOf(square, { shippedSplits: [shipped] }), { kCore: 2 });
  assert.equal(reads, 0);
  const parts = await filtered.shippedSplits[0]?.load();
  assert.equal(reads, 1);
  assert.deepEqual(parts && rowsOf(parts.train), [
    [0, 1, 1, 0],
    [1, 0, 1, 0],
    [1, 1, 1, 0],
  ]);
  assert.deepEqual(parts && rowsOf(parts.test), [[0, 0, 4, 8]]);
  assert.deepEqual(parts?.candidates, {
    indptr: Int32Array.of(0, 1, 2),
    indices: Int32Array.of(0, 1),
  });
});

test("a filter that leaves nothing says which one and what to change", () => {
  assert.throws(
    () => applyFilters(datasetOf(square), { minPerUser: 1, kCore: 3 }),
    (error: unknown) =>
      emptied(error) &&
      error instanceof Error &&
      /^k-core 3 removes every interaction of "small" \(before it: 5 interactions, 3 users, 3 items\); pass a smaller k-core/.test(
        error.message,
      ),
  );
});

test("bounds that are not whole numbers from 0 are refused", () => {
  for (const kCore of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => applyFilters(datasetOf(square), { kCore }), {
      name: "BadInputError",
      code: "filter",
    });
  }
});
