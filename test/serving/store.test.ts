import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { EventStore, NewEvent } from "../../src/serving/store/event-store.ts";
import { wasForgotten } from "../../src/serving/store/person-digest.ts";
import { SqliteEventStore } from "../../src/serving/store/sqlite-store.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";
import { storeKinds } from "./stores.ts";

const event = (item: string, id: string | null = null): NewEvent => ({
  id,
  user: "ü",
  item,
  value: 1,
  time: 5,
  attribution: null,
});

async function allOf(store: EventStore): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  for await (const one of store.allEvents()) events.push({ ...one });
  return events;
}

const listOf = async (events: ReturnType<EventStore["history"]>) =>
  (await events).map((one) => ({ ...one }));

for (const kind of storeKinds) {
  describe(`a store on ${kind.name}`, { skip: kind.skip }, () => {
    before(() => kind.start());
    after(() => kind.stop());

    test("has everything again after closing", async () => {
      const location = await kind.location();
      const store = await kind.open(location);
      const fields = { title: "é", genres: ["a"], year: null, available: false };
      const appended = await Promise.all(
        Array.from({ length: 50 }, (_, at) => store.append([event(`${at}`, `id ${at % 40}`)])),
      );
      assert.equal(
        appended.reduce((sum, { accepted }) => sum + accepted, 0),
        40,
      );
      await store.putItem({ id: "x", fields: { ...fields, title: "before" } });
      await store.putItem({ id: "x", fields });
      await store.forget("gone");
      await store.close();
      const again = await kind.open(location);
      const items = (await allOf(again)).map(({ item }) => Number(item));
      assert.deepEqual(
        items.map((item) => item % 40).sort((a, b) => a - b),
        Array.from({ length: 40 }, (_, at) => at),
      );
      assert.deepEqual(await again.items(), [{ id: "x", fields }]);
      const forgotten = await again.forgotten();
      assert.equal(wasForgotten(forgotten, "gone"), true);
      assert.equal(wasForgotten(forgotten, "ü"), false);
      assert.equal(forgotten.size, 1);
      await again.close();
      await assert.rejects(again.append([event("1")]), { code: "store" });
    });

    test("keeps the order of a batch, and every id as it came", async () => {
      const store = await kind.open(await kind.location());
      const strange = [`a"b\\c`, "{x,y}", "NULL", "null", "🎬 é", " ", "%s $1 'q'", "last"];
      const batch = strange.map((item, at) => ({
        ...event(item, `${item} ${at}`),
        value: at / 3 - 1,
        attribution: at % 2 ? item : null,
      }));
      const double = [...batch, batch[0]!];
      assert.deepEqual(await store.append(double), { accepted: 8, duplicates: 1 });
      assert.deepEqual(await store.append(double), { accepted: 0, duplicates: 9 });
      assert.deepEqual(await allOf(store), batch);
      // Of one moment, what came later is later.
      assert.deepEqual(await listOf(store.history("ü", 3)), batch.slice(-3).reverse());
      await store.append([
        { ...event("newest"), time: 6.25 },
        { ...event("oldest"), time: 1 },
      ]);
      const history = await listOf(store.history("ü", 100));
      assert.equal(history[0]!.item, "newest");
      assert.equal(history[0]!.time, 6.25);
      assert.equal(history.at(-1)!.item, "oldest");
      assert.deepEqual(await listOf(store.history("nobody", 5)), []);
      await store.append([{ ...event("x"), user: strange[0]! }]);
      assert.equal(await store.forget(strange[0]!), 1);
      assert.equal(await store.forget("ü"), 10);
      assert.deepEqual(await allOf(store), []);
      assert.ok(wasForgotten(await store.forgotten(), "ü"));
      await store.close();
    });

    test("that is locked is a 503 that keeps nothing, and passes", async () => {
      const location = await kind.location();
      const store = await kind.open(location);
      const release = await kind.lock(location);
      await assert.rejects(store.append([event("1")]), { code: "store-busy", status: 503 });
      assert.deepEqual(await listOf(store.history("ü", 10)), []);
      await release();
      assert.equal((await store.append([event("1")])).accepted, 1);
      await store.close();
    });

    test("that is full is a 503 that keeps nothing of the batch; what was kept stays", async () => {
      const store = await kind.openFull(await kind.location());
      const batch = Array.from({ length: 500 }, (_, at) => event(`item ${at} ${"x".repeat(100)}`));
      let accepted = 0;
      await assert.rejects(
        async () => {
          for (;;) accepted += (await store.append(batch)).accepted;
        },
        { code: "store-full", status: 503 },
      );
      assert.ok(accepted > 0 && accepted % 500 === 0);
      assert.equal((await allOf(store)).length, accepted);
      await store.close();
    });

    test("of a later version is refused", async () => {
      const location = await kind.location();
      await kind.makeLater(location);
      await assert.rejects(kind.open(location), {
        code: "store-version",
        message: /later program/,
      });
    });

    test("whose items cannot be read stops the start, by name", async () => {
      const location = await kind.location();
      await (await kind.open(location)).close();
      await kind.breakItem(location);
      const where = kind.addressOf(location);
      await assert.rejects(
        serveFolder(await bundleFolder(), { store: location }),
        (error: Error & { code?: string }) =>
          error.code === "store" &&
          error.message.includes(where) &&
          /not valid JSON.*--store/s.test(error.message),
      );
    });

    test("answers lists while it is locked", async (t) => {
      const location = await kind.location();
      const logged: string[] = [];
      const server = await serveFolder(await bundleFolder(), {
        store: location,
        logLevel: "error",
        writeLog: (line) => logged.push(line),
      });
      t.after(() => server.close());
      const release = await kind.lock(location);
      const body = { events: [{ user: "u1", item: "i1" }] };
      const [kept, list] = await Promise.all([
        call(server, "POST", "/v1/events", body),
        call(server, "POST", "/v1/recommendations", { user: "u1" }),
      ]);
      assert.equal(kept.status, 503);
      assert.equal(kept.body.code, "store-busy");
      assert.equal(kept.headers.get("retry-after"), "1");
      assert.match(kept.headers.get("content-type") ?? "", /problem\+json/);
      assert.equal(list.status, 200);
      const where = kind.addressOf(location);
      assert.ok(!JSON.stringify(kept.body).includes(where), "where the store is, is for the log");
      assert.ok(logged.length === 1 && logged[0]!.includes(where), logged.join());
      await release();
    });
  });
}

test("a file that is no database is refused by name", async () => {
  const path = await storeKinds[0]!.location();
  writeFileSync(
    path,
    "not a database, but long enough to look like a file of something".repeat(99),
  );
  await assert.rejects(SqliteEventStore.open(path), { code: "store", message: /events\.sqlite/ });
});
