import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { SqliteEventStore } from "../../src/serving/store/sqlite-store.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";

const file = () => join(mkdtempSync(join(tmpdir(), "lumiere-store-")), "events.sqlite");

const event = (item: string, id: string | null = null) => ({
  id,
  user: "ü",
  item,
  value: 1,
  time: 5,
  attribution: null,
});

test("everything is there again after closing", async () => {
  const path = file();
  const store = await SqliteEventStore.open(path);
  const fields = { title: "é", genres: ["a"], year: null, available: false };
  const appended = await Promise.all(
    Array.from({ length: 50 }, (_, at) => store.append([event(`${at}`, `id ${at % 40}`)])),
  );
  assert.equal(
    appended.reduce((sum, { accepted }) => sum + accepted, 0),
    40,
  );
  await store.putItem({ id: "x", fields });
  await store.forget("gone");
  await store.close();
  const again = await SqliteEventStore.open(path);
  assert.deepEqual(
    [...again.allEvents()].map(({ item }) => item),
    Array.from({ length: 40 }, (_, at) => `${at}`),
  );
  assert.deepEqual(again.history("ü", 2), [event("39", "id 39"), event("38", "id 38")]);
  assert.deepEqual(again.items(), [{ id: "x", fields }]);
  assert.equal(again.isForgotten("gone"), true);
  assert.equal(again.isForgotten("ü"), false);
  await again.close();
  await assert.rejects(again.append([event("1")]), { code: "store" });
});

test("a locked database is a 503 that keeps nothing, and passes", async () => {
  const path = file();
  const store = await SqliteEventStore.open(path, { busyMilliseconds: 50 });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await assert.rejects(store.append([event("1")]), { code: "store-busy", status: 503 });
  assert.deepEqual(store.history("ü", 10), []);
  other.exec("ROLLBACK");
  other.close();
  assert.equal((await store.append([event("1")])).accepted, 1);
  await store.close();
});

test("a full file is a 503 that keeps nothing of the batch; what was kept stays", async () => {
  const store = await SqliteEventStore.open(file(), { mostBytes: 200_000 });
  const batch = Array.from({ length: 500 }, (_, at) => event(`item ${at} ${"x".repeat(100)}`));
  let accepted = 0;
  await assert.rejects(
    async () => {
      for (;;) accepted += (await store.append(batch)).accepted;
    },
    { code: "store-full", status: 503 },
  );
  assert.ok(accepted > 0 && accepted % 500 === 0);
  assert.equal([...store.allEvents()].length, accepted);
  await store.close();
});

test("a file that is no database, or of a later version, is refused by name", async () => {
  const text = file();
  writeFileSync(
    text,
    "not a database, but long enough to look like a file of something".repeat(99),
  );
  await assert.rejects(SqliteEventStore.open(text), { code: "store", message: /events\.sqlite/ });
  const later = file();
  const database = new DatabaseSync(later);
  database.exec("PRAGMA user_version = 99");
  database.close();
  await assert.rejects(SqliteEventStore.open(later), { message: /later program/ });
});

test("a store whose items cannot be read stops the start, by name", async () => {
  const path = file();
  const store = await SqliteEventStore.open(path);
  await store.close();
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO items (id, fields) VALUES ('x', 'no JSON')");
  database.close();
  await assert.rejects(serveFolder(await bundleFolder(), { store: path }), {
    code: "store",
    message: /events\.sqlite.*not valid JSON.*--store/s,
  });
});

test("while the store is locked, lists are answered", async (t) => {
  const logged: string[] = [];
  const server = await serveFolder(await bundleFolder(), {
    logLevel: "error",
    writeLog: (line) => logged.push(line),
  });
  t.after(() => server.close());
  const { path } = server.services.store as SqliteEventStore;
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const body = { events: [{ user: "u1", item: "i1" }] };
  const [kept, list] = await Promise.all([
    call(server, "POST", "/v1/events", body),
    call(server, "POST", "/v1/recommendations", { user: "u1" }),
  ]);
  assert.equal(kept.status, 503);
  assert.equal(kept.body.code, "store-busy");
  assert.equal(kept.headers.get("retry-after"), "1");
  assert.equal(list.status, 200);
  assert.ok(!JSON.stringify(kept.body).includes(path), "where the file is, is for the log");
  assert.ok(logged.length === 1 && logged[0]!.includes(path), logged.join());
  other.close();
});
