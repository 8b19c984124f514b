/** What people do and what is known of items, over HTTP, on each kind of store. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { RecommendationAnswer } from "../../src/serving/schemas.ts";
import type { RunningServer } from "../../src/serving/server.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";
import { storeKinds } from "./stores.ts";

let server: RunningServer;
let location: string;

const recommend = async (body: object) =>
  (await call<RecommendationAnswer>(server, "POST", "/v1/recommendations", body)).body;
const send = (...events: object[]) => call(server, "POST", "/v1/events", { events });
const ids = (answer: RecommendationAnswer) => answer.items.map(({ item }) => item);

for (const kind of storeKinds) {
  describe(`a server with its store on ${kind.name}`, { skip: kind.skip }, () => {
    before(async () => {
      await kind.start();
      location = await kind.location();
      server = await serveFolder(await bundleFolder(), { store: location });
    });
    after(async () => {
      await server.close();
      await kind.stop();
    });

    describe(`events on ${kind.name}`, () => {
      test("change the next answer, once for each id", async () => {
        const user = randomUUID();
        assert.equal((await recommend({ user })).routing, "popularity");
        const batch = [
          { user, item: "i3", id: `${user} 1` },
          { user, item: "strange", id: `${user} 2`, value: 4.5, time: 12 },
        ];
        assert.deepEqual((await send(...batch)).body, {
          accepted: 2,
          duplicates: 0,
          unknownItems: ["strange"],
        });
        assert.deepEqual((await send(...batch)).body, {
          accepted: 0,
          duplicates: 2,
          unknownItems: ["strange"],
        });
        const answer = await recommend({ user, k: 29 });
        assert.equal(answer.routing, "fold-in");
        assert.deepEqual(ids(answer), ids(await recommend({ history: ["i3"], k: 29 })));
        const { body } = await call<{ events: { item: string; value: number; time: number }[] }>(
          server,
          "GET",
          `/v1/users/${user}/history?limit=5`,
        );
        assert.deepEqual(
          body.events.map(({ item, value }) => [item, value]),
          [
            ["i3", 1],
            ["strange", 4.5],
          ],
        );
        assert.equal(body.events[1]!.time, 12);
      });

      test("of a training user are folded in with the training items", async () => {
        const before = await recommend({ user: "u4", k: 25 });
        assert.equal(before.routing, "trained");
        const [liked] = ids(before);
        await send({ user: "u4", item: liked });
        const answer = await recommend({ user: "u4", k: 25 });
        assert.equal(answer.routing, "fold-in");
        assert.equal(answer.items.length, 24);
        const { body } = await call<{ training: { item: string }[] }>(
          server,
          "GET",
          "/v1/users/u4/history",
        );
        const history = [...body.training.map(({ item }) => item), liked!];
        assert.deepEqual(ids(answer), ids(await recommend({ history, k: 24 })));
      });

      test("with value 0 hide an item and carry nothing", async () => {
        const user = randomUUID();
        await send({ user, item: "i3", value: 0 });
        const answer = await recommend({ user, k: 30 });
        assert.equal(answer.routing, "popularity");
        assert.ok(!ids(answer).includes("i3"));
      });

      test("and what the model knows of a person are forgotten", async () => {
        await send({ user: "u5", item: "i1", id: "u5 1" }, { user: "u5", item: "i2" });
        const gone = await call(server, "DELETE", "/v1/users/u5");
        assert.deepEqual(gone.body, { events: 2 });
        const { body } = await call(server, "GET", "/v1/users/u5/history");
        assert.deepEqual(body, { user: "u5", inModel: false, training: [], events: [] });
        assert.equal((await recommend({ user: "u5" })).routing, "popularity");
        if (kind.name === "SQLite") {
          for (const file of [location, `${location}-wal`]) {
            assert.ok(!readFileSync(file).includes("u5 1"), `${file} still holds the event`);
          }
        }
        await send({ user: "u5", item: "i7" });
        assert.deepEqual(
          ids(await recommend({ user: "u5" })),
          ids(await recommend({ history: ["i7"] })),
        );
      });
    });

    describe(`items on ${kind.name}`, () => {
      test("that are not available are in no list until they are again", async () => {
        const list = async () => [
          ...ids(await recommend({ history: ["i1"], k: 30 })),
          ...ids(await recommend({ k: 30 })),
          ...ids(await recommend({ history: ["i1"], k: 30, filter: { year: { from: 0 } } })),
          ...(
            await call<{ items: { item: string }[] }>(server, "GET", "/v1/items/i1/similar?k=29")
          ).body.items.map(({ item }) => item),
        ];
        assert.equal((await list()).filter((id) => id === "i8").length, 4);
        const fields = { title: "New title", genres: ["Comedy"], year: 2001, available: false };
        const put = await call(server, "PUT", "/v1/items/i8", fields);
        assert.deepEqual(put.body, { id: "i8", ...fields, inModel: true });
        assert.ok(!(await list()).includes("i8"));
        const only = await recommend({ filter: { available: false } });
        assert.deepEqual(ids(only), ["i8"]);
        assert.equal(only.items[0]!.title, "New title");
        await call(server, "PUT", "/v1/items/i8", { ...fields, available: true });
        assert.equal((await list()).filter((id) => id === "i8").length, 4);
      });

      test("nobody knows are 404 until somebody describes them", async () => {
        assert.equal((await call(server, "GET", "/v1/items/fresh")).status, 404);
        await call(server, "PUT", "/v1/items/fresh", { title: "Fresh" });
        const { body } = await call(server, "GET", "/v1/items/fresh");
        assert.deepEqual(body, {
          id: "fresh",
          title: "Fresh",
          genres: [],
          year: null,
          available: true,
          inModel: false,
        });
        assert.deepEqual((await send({ user: "x", item: "fresh" })).body.unknownItems, []);
        assert.equal((await call(server, "GET", "/v1/items/fresh/similar")).status, 404);
      });
    });
  });
}
