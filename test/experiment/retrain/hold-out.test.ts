import assert from "node:assert/strict";
import { test } from "node:test";
import { type Dataset, rowsByUser, Vocabulary } from "../../../src/data/interactions.ts";
import { readEventLog } from "../../../src/experiment/retrain/event-log.ts";
import { extendDataset } from "../../../src/experiment/retrain/extended-data.ts";
import { holdOutNewest } from "../../../src/experiment/retrain/hold-out.ts";
import type { EventStore, NewEvent } from "../../../src/serving/store/event-store.ts";
import { personDigest } from "../../../src/serving/store/person-digest.ts";
import { like } from "./popular-world.ts";

/** Users 7 and 9 of a file, items x and y; 7 has met both, 9 has met x. */
const original: Dataset = {
  name: "by hand",
  users: new Vocabulary(["7", "9"]),
  items: new Vocabulary(["x", "y"]),
  interactions: {
    users: Int32Array.of(0, 0, 1),
    items: Int32Array.of(0, 1, 0),
    values: Float32Array.of(5, 4, 3),
    times: Float64Array.of(1, 2, 3),
  },
  itemFeatures: { titles: ["X", null] },
  userFeatures: { city: ["Lyon", "Paris"] },
  source: "by hand",
  licence: null,
  synthetic: false,
  filterNotes: [],
  shippedSplits: [],
};

function storeOf(events: readonly NewEvent[], forgotten: readonly string[] = []): EventStore {
  const parts = {
    allEvents: () => events,
    items: () => [],
    forgotten: () => new Set(forgotten.map(personDigest)),
  };
  return parts as Partial<EventStore> as EventStore;
}

/** A running model that has seen (9, y), as after an earlier retraining, beside the data. */
const running = {
  users: original.users,
  items: original.items,
  seen: rowsByUser(
    {
      users: Int32Array.of(0, 0, 1, 1),
      items: Int32Array.of(0, 1, 0, 1),
      values: null,
      times: null,
    },
    2,
  ),
} as Parameters<typeof holdOutNewest>[1];

test("the newest likes that nobody has learnt from are held out, all of one moment together", async () => {
  const log = await readEventLog(
    storeOf([
      like("9", "y", 50), // known to the running model: no target, but to be learnt from
      like("a", "x", 10),
      like("a", "z", 20, 0), // disliked first, so never a target
      like("a", "y", 30),
      like("b", "x", 30),
      like("b", "x", 31), // once more
      like("7", "x", 40), // in the data
      like("b", "y", 5),
      like("a", "z", 33),
    ]),
  );
  const cut = holdOutNewest(log, running, original, 0.25);
  // New: (a, x) 10, (a, z) 20, (a, y) 30, (b, x) 30, (b, y) 5; ⌈5/4⌉ = 2 of them: 30 and later.
  assert.equal(cut.newPairs, 5);
  assert.equal(cut.since, 30);
  assert.deepEqual([...cut.earlier], [0, 1, 6, 7]);
  assert.deepEqual([...cut.all], [0, 1, 3, 4, 5, 6, 7, 8]);
  const ids = (items: readonly number[]) => items.map((item) => log.items.idOf(item));
  assert.deepEqual(
    cut.people.map(({ user, targets, seen, liked }) => [user, ids(targets), ids(seen), ids(liked)]),
    [
      ["a", ["y"], ["x", "z"], ["x"]],
      ["b", ["x"], ["y"], ["y"]],
    ],
  );
});

test("nothing new is no cut", async () => {
  const log = await readEventLog(storeOf([like("9", "y", 50), like("c", "x", 60, 0)]));
  const cut = holdOutNewest(log, running, original, 0.2);
  assert.deepEqual([cut.since, cut.newPairs, cut.people], [null, 0, []]);
  assert.deepEqual([...cut.earlier], [0]);
});

test("events go after the data, in one vocabulary, without people who were forgotten", async () => {
  const log = await readEventLog(
    storeOf([like("8", "x", 100, 2), like("7", "w", 101), like("8", "q", 102, -1)], ["7"]),
  );
  const { users, items, interactions, itemFeatures, userFeatures } = extendDataset(
    original,
    log,
    Int32Array.of(0, 1),
  );
  // Whole numbers in order, as from a file; q was not liked, so it is nobody's.
  assert.deepEqual(users.ids, ["7", "8", "9"]);
  assert.deepEqual(items.ids, ["w", "x", "y"]);
  assert.deepEqual([...interactions.users], [2, 1, 0]);
  assert.deepEqual([...interactions.items], [1, 1, 0]);
  assert.deepEqual([...interactions.values!], [3, 2, 1]);
  assert.deepEqual([...interactions.times!], [3, 100, 101]);
  assert.deepEqual(itemFeatures.titles, [null, "X", null]);
  assert.deepEqual(userFeatures.city, [null, null, "Paris"]);
});
