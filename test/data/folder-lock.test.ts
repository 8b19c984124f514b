import assert from "node:assert/strict";
import { existsSync, mkdtempSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { StoppedError } from "../../src/base/errors.ts";
import { withLock } from "../../src/data/folder-lock.ts";
import { scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();
const place = () => join(mkdtempSync(join(scratch, "lock-")), "deep", "a.lock");
const times = { look: 5, dead: 2_000 };
const silent = { onWait: () => {} };

test("work under the same lock never overlaps, and the lock goes with it", async () => {
  const path = place();
  let [inside, most, waits] = [0, 0, 0];
  const onWait = () => {
    waits++;
  };
  const work = async () => {
    most = Math.max(most, ++inside);
    await pause(20);
    inside--;
    return "done";
  };
  const results = await Promise.all([1, 2, 3].map(() => withLock(path, { onWait }, work, times)));
  assert.deepEqual(results, ["done", "done", "done"]);
  assert.deepEqual([most, waits], [1, 2]);
  assert.ok(!existsSync(path));
});

test("work that fails frees the lock", async () => {
  const path = place();
  const failing = () => Promise.reject(new RangeError("no"));
  await assert.rejects(withLock(path, silent, failing, times), RangeError);
  assert.equal(await withLock(path, silent, async () => 7, times), 7);
});

test("a dead program's lock is taken over, a living one's is not", async () => {
  const path = place();
  await withLock(path, silent, async () => {}, times);
  writeFileSync(path, "");
  const before = new Date(Date.now() - 3_000);
  utimesSync(path, before, before);
  assert.equal(await withLock(path, silent, async () => "taken", times), "taken");

  // Longer than a dead lock lasts, with a heartbeat all along.
  const quick = { look: 5, dead: 1_200 };
  await withLock(
    path,
    silent,
    async () => {
      const stop = AbortSignal.timeout(2_500);
      const waiting = withLock(path, { ...silent, signal: stop }, async () => "twice", quick);
      await assert.rejects(waiting, StoppedError);
      assert.ok(Date.now() - statSync(path).mtimeMs < 1_200);
    },
    quick,
  );
});
