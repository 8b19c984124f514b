/** What only a shared store has: several servers, accounts, and a network that fails. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import postgres from "postgres";
import type { RecommendationAnswer } from "../../src/serving/schemas.ts";
import type { RunningServer } from "../../src/serving/server.ts";
import type { NewEvent } from "../../src/serving/store/event-store.ts";
import { PostgresEventStore } from "../../src/serving/store/postgres-store.ts";
import { lumiere } from "../cli/spawned.ts";
import { PostgresServer, postgresSkip } from "./postgres-server.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";

const like = (user: string, item: string, id?: string) => ({ user, item, ...(id && { id }) });

describe("PostgreSQL behind several servers", { skip: postgresSkip }, () => {
  let database: PostgresServer;
  let folder: string;
  before(async () => {
    [database, folder] = await Promise.all([PostgresServer.start(), bundleFolder()]);
  });
  after(() => database.remove());

  const recommend = async (server: RunningServer, body: object) =>
    (await call<RecommendationAnswer>(server, "POST", "/v1/recommendations", body)).body;
  const send = (server: RunningServer, ...events: object[]) =>
    call(server, "POST", "/v1/events", { events });

  test("what one server acknowledged changes the next answer of another", async (t) => {
    const store = await database.database();
    // Both make the tables at once.
    const [a, b] = await Promise.all([
      serveFolder(folder, { store }),
      serveFolder(folder, { store }),
    ]);
    t.after(() => Promise.all([a.close(), b.close()]));
    for (let at = 0; at < 20; at++) {
      const user = `person ${at}`;
      assert.equal((await recommend(b, { user })).routing, "popularity");
      assert.equal((await send(a, like(user, "i3", `${at}`))).status, 200);
      const answer = await recommend(b, { user, k: 29 });
      assert.equal(answer.routing, "fold-in");
      assert.ok(answer.items.every(({ item }) => item !== "i3"));
      const repeated = await send(b, like(user, "i3", `${at}`));
      assert.deepEqual(repeated.body, { accepted: 0, duplicates: 1, unknownItems: [] });
    }
    assert.equal((await recommend(a, { user: "u5" })).routing, "trained");
    await send(b, like("u5", "i1"));
    assert.deepEqual((await call(a, "DELETE", "/v1/users/u5")).body, { events: 1 });
    assert.equal((await recommend(b, { user: "u5" })).routing, "popularity");

    const fields = { title: "Told", genres: ["Drama"], year: 1999, available: false };
    await call(a, "PUT", "/v1/items/i8", fields);
    const listed = async () =>
      (await recommend(b, { k: 30 })).items.some(({ item }) => item === "i8");
    for (let tries = 0; await listed(); tries++) {
      assert.ok(tries < 1000, "the other server was not told of the item");
      await wait(20);
    }
    const { body } = await call(b, "GET", "/v1/items/i8");
    assert.equal(body.title, "Told");
    const late = await serveFolder(folder, { store });
    t.after(() => late.close());
    assert.equal((await call(late, "GET", "/v1/items/i8")).body.title, "Told");
  });

  test("batches that share ids in opposite order are kept once, whoever comes first", async (t) => {
    const store = await database.database();
    const stores = await Promise.all([1, 2].map(() => PostgresEventStore.open(store)));
    t.after(() => Promise.all(stores.map((one) => one.close())));
    const batch = Array.from({ length: 200 }, (_, at) => ({
      ...like("u", "i"),
      id: `${at}`,
      value: 1,
      time: at,
      attribution: null,
    }));
    for (let round = 0; round < 3; round++) {
      const own = batch.map((event) => ({ ...event, id: `${round} ${event.id}` }));
      const kept = await Promise.all([
        ...stores.map((one, at) => one.append(at ? own : own.toReversed())),
        ...stores.map((one, at) => one.append(at ? own.toReversed() : own)),
      ]);
      assert.equal(
        kept.reduce((sum, { accepted }) => sum + accepted, 0),
        200,
      );
    }
    const stored: NewEvent[] = [];
    for await (const event of stores[0]!.allEvents()) stored.push(event);
    // A connection hands over what it counted when it ends.
    await Promise.all(stores.map((one) => one.close()));
    const observer = postgres(store);
    t.after(() => observer.end());
    const [statistics] = await observer<{ deadlocks: string }[]>`
      SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`;
    assert.equal(statistics?.deadlocks, "0");
    // Whichever batch was kept, its own order stands.
    for (let round = 0; round < 3; round++) {
      const times = stored.slice(round * 200, (round + 1) * 200).map(({ time }) => time);
      const ascending = times.toSorted((a, b) => a - b);
      assert.deepEqual(times, times[0] === 0 ? ascending : ascending.toReversed());
    }
  });

  test("a store that cannot be opened says why, without its password", async () => {
    const there = await database.database();
    const name = new URL(there).pathname.slice(1);
    const cases: [string, RegExp][] = [
      [database.url(name, { port: 1 }), /127\.0\.0\.1:1\/.*nothing listens there/],
      [database.url(name, { password: "sesame" }), /password authentication failed.*PGPASSWORD/],
      [database.url("nowhere"), /"nowhere" does not exist.*createdb/],
      [database.url(name).replace("127.0.0.1", "no-such-host.invalid"), /host is not known/],
      [`${there}?synchronous_commit=off`, /acknowledges before it has written/],
      [await database.database("ENCODING 'LATIN1' TEMPLATE template0"), /LATIN1.*UTF8/],
      ["postgres://[half", /cannot be opened/],
    ];
    for (const [url, expected] of cases) {
      await assert.rejects(PostgresEventStore.open(url), (error: Error) => {
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /sesame|[0-9a-f]{8}-[0-9a-f]{4}/);
        assert.equal((error as Error & { exitCode: number }).exitCode, 2);
        return true;
      });
    }
    await assert.rejects(PostgresEventStore.open(there, { mustExist: true }), {
      code: "store-missing",
    });
    const { code, stderr } = await lumiere(
      ...["serve", folder, "--port", "0", "--store", database.url(name, { password: "sesame" })],
    );
    assert.equal(code, 2);
    assert.match(stderr, /password authentication failed/);
    assert.doesNotMatch(stderr, /sesame/);
  });

  test("a role that owns nothing needs its tables, and the sequence that numbers events", async (t) => {
    const url = await database.database();
    const name = new URL(url).pathname.slice(1);
    await (await PostgresEventStore.open(url)).close();
    await database.query(
      name,
      `CREATE ROLE writer LOGIN PASSWORD 'sesame';
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO writer;
       CREATE ROLE reader LOGIN PASSWORD 'sesame';
       GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`,
    );
    const as = (username: string) =>
      Object.assign(new URL(url), { username, password: "sesame" }).href;
    const own = as("writer");
    await assert.rejects(
      PostgresEventStore.open(own),
      /GRANT USAGE ON SEQUENCE public\.lumiere_events_sequence_seq/,
    );
    // Who only reads, as retrain does, needs no such right.
    const read = await PostgresEventStore.open(as("reader"), { mustExist: true });
    t.after(() => read.close());
    assert.deepEqual([await read.items(), (await read.forgotten()).size], [[], 0]);
    assert.equal((await read.allEvents().next()).done, true);
    await database.query(name, "GRANT USAGE ON lumiere_events_sequence_seq TO writer");
    const store = await PostgresEventStore.open(own);
    t.after(() => store.close());
    const event = { ...like("u", "i"), id: "1", value: 1, time: 1, attribution: null };
    assert.deepEqual(await store.append([event, event]), { accepted: 1, duplicates: 1 });
    assert.equal(await store.forget("u"), 1);
  });

  test("a lost connection is a 503 problem while it lasts, and nothing acknowledged is lost", async (t) => {
    const store = await database.database();
    const server = await serveFolder(folder, { store });
    t.after(() => server.close());
    assert.equal((await send(server, like("u1", "i9", "before"))).status, 200);
    await database.halt();
    for (const [method, path, body] of [
      ["POST", "/v1/events", { events: [like("u1", "i10", "during")] }],
      ["POST", "/v1/recommendations", { user: "u1" }],
      ["DELETE", "/v1/users/u9", undefined],
    ] as const) {
      const { status, headers, body: problem } = await call(server, method, path, body);
      assert.equal(status, 503, path);
      assert.match(headers.get("content-type") ?? "", /problem\+json/);
      assert.equal(problem.code, "store");
      assert.equal(headers.get("retry-after"), "1");
      assert.doesNotMatch(JSON.stringify(problem), /127\.0\.0\.1|lumiere:[0-9a-f]{8}/);
    }
    assert.equal((await call(server, "GET", "/health")).status, 200);
    assert.equal((await recommend(server, { history: ["i1"] })).routing, "fold-in");
    await database.resume();
    // Meanwhile somebody else has set an item, of which no message tells.
    await database.query(
      new URL(store).pathname.slice(1),
      `INSERT INTO lumiere_items VALUES ('i2', '{"title":"Missed","genres":[],"year":null,"available":true}')`,
    );
    const again = async () => send(server, like("u1", "i10", "during"));
    for (let tries = 0; (await again()).status !== 200; tries++) {
      assert.ok(tries < 1000, "the server does not recover");
      await wait(50);
    }
    const { body } = await call<{ events: { item: string }[] }>(
      server,
      "GET",
      "/v1/users/u1/history",
    );
    assert.deepEqual(body.events.map(({ item }) => item).sort(), ["i10", "i9"]);
    const titleOf = async () => (await call(server, "GET", "/v1/items/i2")).body.title;
    for (let tries = 0; (await titleOf()) !== "Missed"; tries++) {
      assert.ok(tries < 1000, "what changed meanwhile was not read");
      await wait(50);
    }
  });

  test("connections that the database closes are replaced without a restart", async (t) => {
    const store = await database.database();
    const server = await serveFolder(folder, { store });
    t.after(() => server.close());
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => send(server, like("u", "i1", `${at}`))),
    );
    await database.query(
      "postgres",
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(store).pathname.slice(1)}'`,
    );
    const statuses: number[] = [];
    for (let at = 0; at < 20; at++) {
      statuses.push((await send(server, like("u", "i1", `after ${at}`))).status);
      await wait(20);
    }
    assert.ok(statuses.every((status) => status === 200 || status === 503));
    assert.deepEqual(statuses.slice(-5), [200, 200, 200, 200, 200]);
  });
});
