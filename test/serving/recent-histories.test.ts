import assert from "node:assert/strict";
import { test } from "node:test";
import type { NewEvent } from "../../src/serving/store/event-store.ts";
import { RecentHistories } from "../../src/serving/store/recent-histories.ts";

const event = (item: string): NewEvent => ({
  id: null,
  user: "u",
  item,
  value: 1,
  time: 5,
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
