import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pairs, type Row, roomyRows } from "./small-datasets.ts";
import { cut } from "./split-parts.ts";

test("leave one out takes each user's latest; the file's order decides between equal times", async () => {
  const rows: Row[] = [
    [0, 0, 1, 50],
    [0, 1, 1, 10],
    [0, 2, 1, 50],
    [1, 0, 1, 3],
    [0, 3, 1, 20],
    [2, 2, 1, 9],
    [2, 0, 1, 8],
  ];
  const split = await cut(rows, "loo");
  assert.deepEqual(pairs(split.test?.targets), ["0/2", "2/2"]);
  // u1 has one interaction alone: it stays in train.
  assert.deepEqual(pairs(split.train), ["0/0", "0/1", "1/0", "0/3", "2/0"]);
  const validated = await cut(rows, "loo", 1, 0.1);
  assert.deepEqual(pairs(validated.validation?.targets), ["0/0"]);
  assert.deepEqual(pairs(validated.train), ["0/1", "1/0", "0/3", "2/0"]);
});

test("chronological cuts: nothing in train is later than what is held out", async () => {
  await fc.assert(
    fc.asyncProperty(
      roomyRows,
      fc.constantFrom("temporal:0.7", "user-temporal:0.7", "loo"),
      async (rows, text) => {
        const split = await cut(rows, text, 1, 0.2);
        const times = (listed: string[][], user: number | null) => {
          const wanted = new Set(listed.flat());
          return rows
            .filter(
              (row) => wanted.has(`${row[0]}/${row[1]}`) && (user === null || row[0] === user),
            )
            .map((row) => row[3]);
        };
        const judged = [split.validation, split.test].map((part) => [
          pairs(part?.targets),
          pairs(part?.unrankable),
        ]);
        for (const user of text.startsWith("temporal") ? [null] : Array(40).keys()) {
          const [train, validation, test] = [[pairs(split.train)], ...judged].map((part) =>
            times(part, user),
          );
          assert.ok(train && validation && test);
          assert.ok(Math.max(...train) <= Math.min(...validation, ...test));
          assert.ok(Math.max(...train, ...validation) <= Math.min(...test));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("users whom train does not know are set apart, and counted in a warning", async () => {
  const rows: Row[] = [
    [0, 0, 1, 1],
    [0, 1, 1, 2],
    [1, 0, 1, 3],
    [1, 1, 1, 4],
    [0, 2, 1, 5],
    [2, 0, 1, 6],
    [2, 1, 1, 7],
    [3, 0, 1, 8],
  ];
  const split = await cut(rows, "temporal:0.5");
  assert.deepEqual(pairs(split.test?.targets), ["0/2"]);
  assert.deepEqual(pairs(split.test?.unrankable), ["2/0", "2/1", "3/0"]);
  assert.ok(
    split.warnings.some((line) => /^2 users of the test part .* 3 interactions/.test(line)),
  );
  assert.ok(split.warnings.some((line) => /^1 of 1 test targets are items without/.test(line)));
});

test("a cut in time among interactions of one moment says so", async () => {
  const rows = Array.from({ length: 50 }, (_, at): Row => [at % 5, Math.floor(at / 5), 1, 7]);
  const split = await cut(rows, "temporal:0.8");
  assert.equal(split.train.users.length, 40);
  assert.ok(
    split.warnings.some((line) => /among 50 interactions of the very same time: 40/.test(line)),
  );
});

test("per-user chronology warns that it leaks the future; a cut in time does not", async () => {
  const rows = Array.from({ length: 60 }, (_, at): Row => [at % 6, Math.floor(at / 6), 1, at]);
  const leaks = async (text: string) =>
    (await cut(rows, text)).warnings.some((line) => line.includes("leaks the future"));
  assert.equal(await leaks("user-temporal:0.8"), true);
  assert.equal(await leaks("loo"), true);
  assert.equal(await leaks("temporal:0.8"), false);
  assert.equal(await leaks("loo:random"), false);
});
