import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { type GeneratedGraph, generateInteractions, tasteGroups } from "../../src/data/generate.ts";
import { type Interactions, Vocabulary } from "../../src/data/interactions.ts";
import { datasetStatistics } from "../../src/data/statistics.ts";
import { writeRatings } from "../../src/data/write-ratings.ts";
import { datasetOf, pairs, type Row, rowsOf } from "./small-datasets.ts";

const folder = await mkdtemp(join(tmpdir(), "lumiere-generate-"));
after(() => rm(folder, { recursive: true }));

const rows = (graph: GeneratedGraph): Row[] => [...generateInteractions(graph)].flatMap(rowsOf);

const medium: GeneratedGraph = {
  users: 2000,
  items: 1000,
  interactions: 100_000,
  groups: 8,
  seed: 3,
};
const mediumRows = rows(medium);

test("exact sizes, no repeats, sound values, at any size", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 2, max: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      (users, items, fullness, seed) => {
        const most = users * Math.floor(items / 2);
        const interactions = users + Math.floor(fullness * (most - users));
        const made = rows({ users, items, interactions, seed });
        assert.equal(made.length, interactions);
        assert.equal(new Set(made.map(([user, item]) => `${user}/${item}`)).size, interactions);
        assert.equal(new Set(made.map(([user]) => user)).size, users);
        for (const [user, item, value, time] of made) {
          assert.ok(user >= 0 && user < users && item >= 0 && item < items);
          assert.ok([1, 2, 3, 4, 5].includes(value) && Number.isSafeInteger(time));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("the same seed gives the same graph, another seed another", () => {
  assert.deepEqual(rows(medium), mediumRows);
  assert.notDeepEqual(rows({ ...medium, seed: 4 }), mediumRows);
});

test("blocks hold no interaction twice and are arrays of their own", () => {
  const blocks: Interactions[] = [...generateInteractions(medium)];
  assert.ok(blocks.length > 1);
  assert.equal(blocks.flatMap(pairs).length, medium.interactions);
  assert.equal(new Set(blocks.map(({ users }) => users.buffer)).size, blocks.length);
});

test("popularity and activity have heavy tails", () => {
  const ids = (count: number) => new Vocabulary(Array.from({ length: count }, (_, at) => `${at}`));
  const { perUser, perItem, itemGini } = datasetStatistics(
    datasetOf(mediumRows, { users: ids(medium.users), items: ids(medium.items) }),
  );
  assert.ok(itemGini > 0.4, `${itemGini}`);
  assert.ok(perItem.max > 5 * perItem.mean && perItem.median < 0.8 * perItem.mean);
  assert.ok(perUser.max > 5 * perUser.mean && perUser.median < 0.8 * perUser.mean);
});

test("users keep to their taste group and rate it higher", () => {
  const groups = tasteGroups(medium);
  const [inside, outside] = [true, false].map((wanted) =>
    mediumRows.filter(([user, item]) => (groups.users[user] === groups.items[item]) === wanted),
  );
  assert.ok(inside && outside);
  // 7 of 10 by design, and 1 of 8 of the others by chance; rejections take a little away.
  const share = inside.length / mediumRows.length;
  assert.ok(share > 0.55 && share < 0.8, `${share}`);
  const mean = (list: Row[]) => list.reduce((sum, row) => sum + row[2], 0) / list.length;
  assert.ok(mean(inside) > mean(outside) + 0.5);
});

test("each user's interactions come together and in time order", () => {
  for (let at = 1; at < mediumRows.length; at++) {
    const [before, now] = [mediumRows[at - 1], mediumRows[at]];
    assert.ok(before && now && now[0] >= before[0]);
    if (now[0] === before[0]) assert.ok(now[3] > before[3]);
  }
});

test("sizes that do not fit together are refused", () => {
  const refused = (graph: GeneratedGraph, message: RegExp) =>
    assert.throws(() => rows(graph), { name: "BadInputError", code: "generate", message });
  refused({ users: 10, items: 10, interactions: 51 }, /expected 10 \(one a user\) to 50/);
  refused({ users: 10, items: 10, interactions: 9 }, /found 9/);
  refused({ users: 0, items: 10, interactions: 9 }, /users: found 0/);
  refused({ users: 1, items: 10.5, interactions: 1 }, /items: found 10.5/);
  refused({ users: 1, items: 10, interactions: 1, groups: 11 }, /11 taste groups/);
});

test("a ratings file holds the same interactions", async () => {
  const path = join(folder, "ratings.csv");
  const bytes = await writeRatings(path, medium);
  const text = await readFile(path, "utf8");
  assert.equal(bytes, text.length);
  const [header, ...lines] = text.trimEnd().split("\n");
  assert.equal(header, "user,item,rating,timestamp");
  assert.deepEqual(
    lines,
    mediumRows.map(([user, item, value, time]) => `${user + 1},${item + 1},${value},${time}`),
  );
  assert.deepEqual(await readdir(folder), ["ratings.csv"]);
});
