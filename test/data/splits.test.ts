import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSplit } from "../../src/data/split-language.ts";
import { splitDataset } from "../../src/data/splits.ts";
import {
  anyRows,
  datasetOf,
  interactionsOf,
  pairs,
  type Row,
  roomyRows,
  rowsOf,
} from "./small-datasets.ts";
import { cut, parts, testPairs } from "./split-parts.ts";

const kinds = [
  "random:0.8",
  "user-random:0.7",
  "user-random:0.7/down",
  "loo",
  "loo:random",
  "temporal:0.8",
  "user-temporal:0.6",
  "held-out:8",
  "held-out:8/0.5",
  "k-fold:5/2",
];
const seeded = kinds.filter((kind) => kind !== "loo" && !kind.includes("temporal"));

const runs = { numRuns: 60 };

test("parts are disjoint, nothing is lost, train is never empty", async () => {
  await fc.assert(
    fc.asyncProperty(
      roomyRows,
      fc.constantFrom(...kinds),
      fc.nat(),
      fc.constantFrom(0, 0.1, 0.3),
      async (rows, text, seed, validation) => {
        const split = await cut(rows, text, seed, validation);
        const all = parts(split).flat();
        assert.deepEqual(all.toSorted(), rows.map(([user, item]) => `${user}/${item}`).toSorted());
        assert.equal(new Set(all).size, all.length);
        assert.ok(split.train.users.length > 0);
        assert.equal(split.validation !== null, validation > 0);
        assert.equal(split.specification, text);
      },
    ),
    { numRuns: 150 },
  );
});

test("rows keep their value and time, and the order of the file", async () => {
  await fc.assert(
    fc.asyncProperty(roomyRows, fc.constantFrom(...kinds), async (rows, text) => {
      const split = await cut(rows, text, 1, 0.1);
      for (const part of [split.train, split.test?.targets]) {
        const places = (part ? rowsOf(part) : []).map((row) =>
          rows.findIndex((given) => given.join() === row.join()),
        );
        assert.ok(!places.includes(-1));
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
        );
      }
    }),
    { numRuns: 30 },
  );
});

test("a repeated pair is in one part only, and its latest interaction stays", async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.nat(), async (rows, seed) => {
      const latest = new Map<string, number>();
      for (const [user, item, , time] of rows) {
        latest.set(`${user}/${item}`, Math.max(latest.get(`${user}/${item}`) ?? 0, time));
      }
      fc.pre(latest.size > 1);
      const split = await cut(rows, "random:0.5", seed);
      const all = parts(split).flat();
      assert.deepEqual(all.toSorted(), [...latest.keys()].toSorted());
      for (const [user, item, , time] of rowsOf(split.train)) {
        assert.equal(time, latest.get(`${user}/${item}`));
      }
      const repeats = rows.length - latest.size;
      assert.equal(
        split.warnings.some((line) => line.startsWith(`${repeats} repeated (user, item) pairs`)),
        repeats > 0,
      );
    }),
  );
});

test("the same seed gives the same cut, another seed another", async () => {
  await fc.assert(
    fc.asyncProperty(
      roomyRows,
      fc.constantFrom(...seeded),
      fc.nat({ max: 1e6 }),
      async (rows, text, seed) => {
        const [first, again, other] = await Promise.all([
          cut(rows, text, seed, 0.2),
          cut(rows, text, seed, 0.2),
          cut(rows, text, seed + 1, 0.2),
        ]);
        assert.deepEqual(first, again);
        assert.notDeepEqual(testPairs(first), testPairs(other));
        assert.notDeepEqual(parts(first)[1], parts(other)[1]);
      },
    ),
    runs,
  );
});

test("the validation part never touches the test part", async () => {
  await fc.assert(
    fc.asyncProperty(roomyRows, fc.constantFrom(...kinds), fc.nat(), async (rows, text, seed) => {
      const [without, small, large] = await Promise.all(
        [0, 0.1, 0.5].map((validation) => cut(rows, text, seed, validation)),
      );
      assert.ok(without && small && large);
      assert.deepEqual(testPairs(small).toSorted(), testPairs(without).toSorted());
      assert.deepEqual(testPairs(large).toSorted(), testPairs(without).toSorted());
    }),
    runs,
  );
});

test("shares are right to the nearest interaction, in all or for each user", async () => {
  await fc.assert(
    fc.asyncProperty(
      roomyRows,
      fc.constantFrom("random", "temporal", "user-random", "user-temporal"),
      fc.double({ min: 0.3, max: 0.9, noNaN: true }),
      async (rows, word, ratio) => {
        const split = await cut(rows, `${word}:${ratio}`, 3, 0.25);
        const held = [split.validation?.targets, split.validation?.unrankable];
        const count = (lists: readonly string[][], user?: number) =>
          lists.flat().filter((pair) => user === undefined || pair.startsWith(`${user}/`)).length;
        const users = word.startsWith("user") ? [...Array(40).keys()] : [undefined];
        for (const user of users) {
          const train = count([pairs(split.train)], user);
          const validation = count(held.map(pairs), user);
          const total = train + validation + count([testPairs(split)], user);
          assert.ok(Math.abs(train + validation - ratio * total) <= 0.5);
          assert.ok(Math.abs(validation - 0.25 * (train + validation)) <= 0.5);
        }
      },
    ),
    runs,
  );
});

test("a user's tenth rounded down, one at least of two or more", async () => {
  const counts = [1, 2, 9, 10, 19, 20, 30];
  const rows = counts.flatMap((count, user) =>
    Array.from({ length: count }, (_, item): Row => [user, item, 1, item]),
  );
  const split = await cut(rows, "user-random:0.9/down", 1, 0.111111111111);
  const of = (lists: readonly string[][], user: number) =>
    lists.flat().filter((pair) => pair.startsWith(`${user}/`)).length;
  const { targets = null, unrankable = null } = split.validation ?? {};
  const validation = [targets, unrankable].flatMap((part) => (part ? [pairs(part)] : []));
  counts.forEach((_, user) => {
    assert.equal(of([testPairs(split)], user), [0, 1, 1, 1, 1, 2, 3][user]);
    assert.equal(of(validation, user), [0, 0, 1, 1, 1, 2, 3][user]);
  });
});

test("a random validation part leaves every training user something to train on", async () => {
  await fc.assert(
    fc.asyncProperty(
      roomyRows,
      fc.constantFrom("random:0.3", "user-random:0.3", "k-fold:2/1"),
      fc.nat(),
      async (rows, text, seed) => {
        const [without, with_] = await Promise.all([
          cut(rows, text, seed, 0),
          cut(rows, text, seed, 0.6),
        ]);
        assert.deepEqual(new Set(with_.train.users), new Set(without.train.users));
        assert.equal(with_.validation?.unrankable, undefined);
      },
    ),
    runs,
  );
});

test("folds of one seed partition the data in equal parts", async () => {
  await fc.assert(
    fc.asyncProperty(
      roomyRows,
      fc.integer({ min: 2, max: 9 }),
      fc.nat(),
      async (rows, folds, seed) => {
        const cuts = await Promise.all(
          Array.from({ length: folds }, (_, at) =>
            cut(rows, `k-fold:${folds}/${at + 1}`, seed, 0.1),
          ),
        );
        assert.deepEqual(
          cuts.flatMap(testPairs).toSorted(),
          rows.map(([user, item]) => `${user}/${item}`).toSorted(),
        );
        const sizes = cuts.map((split) => testPairs(split).length);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      },
    ),
    { numRuns: 30 },
  );
});

test("held-out users are strangers to train, and each has a history and targets", async () => {
  await fc.assert(
    fc.asyncProperty(roomyRows, fc.constantFrom(0.5, 0.8), fc.nat(), async (rows, ratio, seed) => {
      const split = await cut(rows, `held-out:10/${ratio}`, seed, 0.2);
      const users = [split.validation, split.test].map((part) => {
        assert.ok(part?.history);
        const own = new Set(part.targets.users);
        assert.deepEqual(new Set(part.history.users), own);
        for (const user of own) {
          const count = (list: Int32Array) => list.filter((other) => other === user).length;
          const folded: number = count(part.history.users);
          const total: number = folded + count(part.targets.users);
          assert.ok(Math.abs(folded - ratio * total) <= 0.5);
        }
        return own;
      });
      const [validation, test] = users;
      assert.ok(validation && test);
      assert.equal(test.size, 10);
      assert.equal(validation.size, 6);
      const everybody = [...validation, ...test, ...new Set(split.train.users)];
      assert.equal(new Set(everybody).size, everybody.length);
    }),
    runs,
  );
});

test("random cuts are fair: every interaction is held out equally often", async () => {
  const rows = Array.from({ length: 20 }, (_, at): Row => [at % 4, Math.floor(at / 4), 1, at]);
  const counts = new Map<string, number>();
  const seeds = 2000;
  for (let seed = 0; seed < seeds; seed++) {
    for (const pair of testPairs(await cut(rows, "random:0.75", seed))) {
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  // Binomial(2000, ¼): mean 500, standard deviation 19.4; five of them on each side.
  assert.equal(counts.size, 20);
  for (const count of counts.values()) assert.ok(Math.abs(count - 500) < 97, `${count}`);
});

test("by default a dataset without shipped splits is cut random:0.8", async () => {
  const rows = Array.from({ length: 10 }, (_, at): Row => [at % 2, at >> 1, 1, at]);
  const split = await cut(rows, "default", 5, 0.25);
  assert.equal(split.specification, "random:0.8");
  assert.deepEqual(parts(split), parts(await cut(rows, "random:0.8", 5, 0.25)));
  assert.equal(
    split.description,
    "a random 80 % of all interactions in train, the rest in test; validation: a random 25 % of train (seed 5)",
  );
});

test("what a dataset cannot give is said with a way out", async () => {
  const rows = Array.from({ length: 10 }, (_, at): Row => [at % 3, at, 1, at]);
  const untimed = datasetOf(rows, { interactions: { ...interactionsOf(rows), times: null } });
  const holed = datasetOf([...rows, [0, 11, 1, Number.NaN]]);
  const official = { name: "official", isDefault: true, description: "", load: assert.fail };
  const refused = (dataset: typeof untimed, text: string, message: RegExp, validation = 0) =>
    assert.rejects(splitDataset(dataset, parseSplit(text), { seed: 1, validation }), {
      name: "BadInputError",
      code: "split",
      message,
    });
  await refused(untimed, "loo", /needs the time of every interaction.*has none.*choose loo:random/);
  await refused(
    untimed,
    "temporal:0.8",
    /has none; name the time column with --time-column, or choose random:0.8/,
  );
  const shipped = { ...untimed, shippedSplits: [official] };
  await refused(shipped, "temporal:0.8", /has none; choose random:0.8/);
  await refused(untimed, "user-temporal:0.8", /choose user-random:0.8/);
  await refused(holed, "temporal:0.8", /has 1 without/);
  await refused(datasetOf(rows), "held-out:3", /has 3 users.*hold out at most 2/);
  await refused(datasetOf(rows), "held-out:2", /leaves no user.*validation part of 0/, 0.1);
  await refused(datasetOf(rows), "k-fold:11/1", /only 10 interactions; take fewer folds/);
  await refused(datasetOf(rows.slice(0, 1)), "random:0.8", /has 1 interactions.*at least 2/);
  await refused(datasetOf(rows.slice(0, 3)), "loo", /leaves nothing for the test part/);
  await refused(datasetOf(rows.slice(0, 2)), "random:0.8", /nothing for the validation part/, 0.1);
  for (const validation of [-0.1, 1, Number.NaN]) {
    await refused(datasetOf(rows), "random:0.8", /validation part: found/, validation);
  }
});
