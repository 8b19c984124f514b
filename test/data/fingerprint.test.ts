import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { generateInteractions } from "../../src/data/generate.ts";
import { mergeInteractions, Vocabulary } from "../../src/data/interactions.ts";
import { datasetOf, type Row } from "./small-datasets.ts";

const rows: readonly Row[] = [
  [0, 0, 4, 100],
  [0, 1, 3, 200],
  [1, 1, 5, 300],
];

test("the bytes that are hashed, written out by hand", () => {
  const { users, items, interactions } = datasetOf([[0, 0, 4, 100]]);
  const dataset = {
    ...datasetOf([]),
    users,
    items,
    interactions: { ...interactions, times: null },
  };
  // 4 as a 32-bit float is 0x40800000, little-endian.
  const bytes = Buffer.concat([
    Buffer.from("1\n2:u01\n2:i0"),
    Buffer.from("1\n\0\0\0\0", "latin1"),
    Buffer.from("1\n\0\0\0\0", "latin1"),
    Buffer.from("1\n\x00\x00\x80\x40", "latin1"),
    Buffer.from("none\n"),
  ]);
  assert.equal(fingerprint(dataset), createHash("sha256").update(bytes).digest("hex"));
});

test("name, source, titles and notes do not count; equal content is equal", () => {
  const other = datasetOf(rows, {
    name: "other",
    source: "elsewhere",
    itemFeatures: { titles: ["A", "B"] },
    filterNotes: ["removed"],
  });
  assert.equal(fingerprint(datasetOf(rows)), fingerprint(other));
});

test("every change of ids, values, times, order or columns changes it", () => {
  const dataset = datasetOf(rows);
  const { interactions } = dataset;
  const [a, b, c] = rows as readonly [Row, Row, Row];
  const changed = [
    datasetOf([a, b, [1, 0, 5, 300]]),
    datasetOf([a, b, [0, 1, 5, 300]]),
    datasetOf([a, b, [1, 1, 4.5, 300]]),
    datasetOf([a, b, [1, 1, 5, 301]]),
    datasetOf([b, a, c]),
    datasetOf([a, b]),
    datasetOf(rows, { sizes: [3, 2] }),
    datasetOf(rows, { sizes: [2, 3] }),
    { ...dataset, users: new Vocabulary(["u0", "other"]) },
    { ...dataset, items: dataset.users, users: dataset.items },
    { ...dataset, interactions: { ...interactions, values: null } },
    { ...dataset, interactions: { ...interactions, times: null } },
  ];
  const prints = [dataset, ...changed].map(fingerprint);
  assert.equal(new Set(prints).size, prints.length);
});

test("lists of ids that run together into the same text are told apart", () => {
  const id = fc.string({ unit: fc.constantFrom("1", "2", ":", "\n", "é", "😀"), maxLength: 4 });
  const ids = fc.array(id, { maxLength: 4 });
  fc.assert(
    fc.property(ids, ids, (first, second) => {
      const print = (list: string[]) =>
        fingerprint({ ...datasetOf([]), users: new Vocabulary(list) });
      const same = JSON.stringify(first) === JSON.stringify(second);
      assert.equal(print(first) === print(second), same);
    }),
    { numRuns: 500 },
  );
});

test("a million interactions take a moment", () => {
  const graph = { users: 6_000, items: 4_000, interactions: 1_000_000 };
  const dataset = {
    ...datasetOf([], { sizes: [graph.users, graph.items] }),
    interactions: mergeInteractions([...generateInteractions(graph)]),
  };
  // Time of this process alone: other work on the machine does not count.
  const begin = process.cpuUsage();
  fingerprint(dataset);
  const { user, system } = process.cpuUsage(begin);
  assert.ok(user + system < 1_000_000, `${user + system} µs`);
});
