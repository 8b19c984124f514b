import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { NewEvent } from "../../src/serving/store/event-store.ts";
import { RecentHistories } from "../../src/serving/store/recent-histories.ts";

const event = (item: string, time = 5, user = "u"): NewEvent => ({
  id: null,
  user,
  item,
  value: 1,
  time,
  attribution: null,
});

test("a history is read once until it changes", () => {
  const recent = new RecentHistories();
  let stored = [event("a")];
  let reads = 0;
  const ask = (limit: number) =>
    recent
      .get("u", limit, () => {
        reads++;
        return stored.slice(0, limit);
      })
      .map(({ item }) => item);
  assert.deepEqual([ask(10), ask(10)], [["a"], ["a"]]);
  assert.equal(reads, 1);
  stored = [event("c"), event("b"), event("a")];
  recent.forget("u");
  assert.deepEqual(ask(2), ["c", "b"]);
  assert.deepEqual(ask(1), ["c"], "a shorter one is a part of what is held");
  assert.equal(reads, 2);
  assert.deepEqual(ask(5), ["c", "b", "a"], "two of two may not be all there is");
  assert.deepEqual(ask(1000), ["c", "b", "a"], "three of five are");
  assert.equal(reads, 3);
});

test("memory is bounded by events; who was asked for longest ago goes first", () => {
  const recent = new RecentHistories(10);
  let reads = 0;
  const ask = (user: string, count: number) =>
    recent.get(user, 100, () => {
      reads++;
      return Array.from({ length: count }, (_, at) => event(`${at}`));
    });
  ask("one", 3);
  ask("two", 3);
  ask("one", 3);
  ask("three", 1);
  assert.equal(recent.size, 10);
  ask("four", 0);
  assert.equal(recent.size, 7, "two, and its person, made room");
  reads = 0;
  ask("one", 3);
  assert.equal(reads, 0);
  ask("two", 3);
  assert.equal(reads, 1);
  ask("huge", 50);
  assert.equal(recent.size, 0, "what is larger than everything is not held at all");
});

const never = (): never => {
  throw new Error("nothing should be read");
};

test("what is written is added in its place, without a read", () => {
  const recent = new RecentHistories();
  const items = (limit: number, read: () => readonly NewEvent[] = never) =>
    recent.get("u", limit, read).map(({ item }) => item);
  items(3, () => [event("c", 7), event("b", 5), event("a", 1)]);
  recent.add(recent.begin(), [event("d", 5), event("z", 0)]);
  assert.deepEqual(items(3), ["c", "d", "b"], "of one time, the one that came last comes first");
  recent.add(recent.begin(), [event("e", 9), event("f", 9)]);
  assert.deepEqual(items(3), ["f", "e", "c"]);
  assert.equal(recent.size, 4);
});

test("a history that was read while a write was under way is read again after it", () => {
  const recent = new RecentHistories();
  const items = (read: () => readonly NewEvent[] = never) =>
    recent.get("u", 10, read).map(({ item }) => item);
  const begun = recent.begin();
  items(() => [event("new"), event("old")]);
  recent.add(begun, [event("new")]);
  assert.deepEqual(
    items(() => [event("new"), event("old")]),
    ["new", "old"],
  );
  assert.deepEqual(items(), ["new", "old"]);
});

test("while everything fits nobody is read, and afterwards whoever is not held is", () => {
  const recent = new RecentHistories(8);
  recent.fill([event("b", 2, "one"), event("a", 1, "one"), event("a", 1, "two")]);
  const items = (user: string, read: () => readonly NewEvent[] = never) =>
    recent.get(user, 10, read).map(({ item }) => item);
  assert.deepEqual([items("one"), items("two"), items("nobody")], [["b", "a"], ["a"], []]);
  recent.add(recent.begin(), [event("c", 3, "new")]);
  assert.deepEqual(items("new"), ["c"]);
  recent.forget("two");
  assert.deepEqual(
    items("two", () => []),
    [],
    "changed by something else than an addition",
  );
  recent.add(recent.begin(), [event("d", 1, "new")]);
  assert.equal(recent.size, 7);
  recent.add(recent.begin(), [event("e", 1, "new"), event("f", 1, "new")]);
  assert.equal(recent.size, 6, "who was asked for longest ago made room");
  assert.deepEqual(
    items("nobody", () => [event("x", 1, "nobody")]),
    ["x"],
  );
  assert.deepEqual(items("new"), ["c", "f", "e", "d"]);
});

/** What may happen, in any order: a write begins, is on the disk, is added; somebody asks. */
const step = fc.record({
  kind: fc.constantFrom("begin", "commit", "add", "ask", "forget"),
  user: fc.constantFrom("a", "b", "c"),
  time: fc.integer({ min: 0, max: 3 }),
  limit: fc.integer({ min: 1, max: 4 }),
});

test("whatever is written when, nobody's history is another than the file's", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.array(step, { maxLength: 5 }),
      fc.constantFrom(4, 9, 1000),
      fc.boolean(),
      (steps, before, mostHeld, isFilled) => {
        const recent = new RecentHistories(mostHeld);
        const file: NewEvent[] = [];
        const stored = (user: string, limit: number) =>
          file
            .map((one, sequence) => ({ one, sequence }))
            .filter(({ one }) => one.user === user)
            .sort((a, b) => b.one.time - a.one.time || b.sequence - a.sequence)
            .slice(0, limit)
            .map(({ one }) => one);
        for (const { user, time } of before) file.push(event(`old ${file.length}`, time, user));
        if (isFilled) recent.fill(["a", "b", "c"].flatMap((user) => stored(user, Infinity)));
        const begun: { number: number; event: NewEvent }[] = [];
        const committed: typeof begun = [];
        steps.forEach(({ kind, user, time, limit }, at) => {
          if (kind === "begin") {
            begun.push({ number: recent.begin(), event: event(`${at}`, time, user) });
          } else if (kind === "commit" && begun.length > 0) {
            committed.push(begun.shift()!);
            file.push(committed.at(-1)!.event);
          } else if (kind === "add" && committed.length > 0) {
            const { number, event: one } = committed.shift()!;
            recent.add(number, [one]);
          } else if (kind === "forget") {
            recent.forget(user);
          } else if (kind === "ask") {
            const found = recent.get(user, limit, () => stored(user, limit));
            // What is on the disk and not yet acknowledged may be in a list or not.
            if (committed.length === 0) assert.deepEqual(found, stored(user, limit));
          }
          assert.ok(recent.size <= mostHeld);
        });
      },
    ),
    { numRuns: 1000 },
  );
});
