import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { writeBundle } from "../../src/artifact/bundle.ts";
import type { RecommendationAnswer } from "../../src/serving/schemas.ts";
import { bundleFolder, call, servedBundle, serveFolder } from "./served-bundle.ts";

test("no request fails while models are swapped, and each list is of one model", async (t) => {
  const folder = await bundleFolder();
  const server = await serveFolder(folder);
  t.after(() => server.close());
  const ask = () =>
    call<RecommendationAnswer>(server, "POST", "/v1/recommendations", { user: "u1", k: 20 });
  let stop = false;
  const answers = new Map<string, Set<string>>();
  const clients = Array.from({ length: 6 }, async () => {
    while (!stop) {
      const { status, body } = await ask();
      assert.equal(status, 200);
      const lists = answers.get(body.model) ?? new Set();
      answers.set(body.model, lists.add(JSON.stringify(body.items)));
    }
  });
  const ids = new Set<string>();
  for (let seed = 2; seed < 6; seed++) {
    await writeBundle(folder, servedBundle(seed));
    const { status, body } = await call(server, "POST", "/v1/models/reload");
    assert.equal(status, 200);
    assert.equal(body.changed, true);
    const { body: after } = await ask();
    ids.add(after.model);
    await wait(30);
  }
  stop = true;
  await Promise.all(clients);
  assert.equal(ids.size, 4, "each reload was in force with its answer");
  assert.ok(answers.size >= 4, `${answers.size} models answered`);
  for (const lists of answers.values()) assert.equal(lists.size, 1);
});

test("a bundle that is damaged, half written or gone changes nothing but the record", async (t) => {
  const folder = await bundleFolder();
  const server = await serveFolder(folder);
  t.after(() => server.close());
  const before = await call<RecommendationAnswer>(server, "POST", "/v1/recommendations", {});
  const model = join(folder, "model.safetensors");
  const whole = readFileSync(model);
  const flipped = Buffer.from(whole);
  flipped[flipped.length - 1]! ^= 1;
  const breakages: [() => void, RegExp][] = [
    [() => writeFileSync(model, flipped), /SHA-256/],
    [() => writeFileSync(model, whole.subarray(0, whole.length / 2)), /model\.safetensors/],
    [() => rmSync(model), /missing/],
    [() => writeFileSync(join(folder, "manifest.json"), '{"format": "lumi'), /not JSON/],
    [() => rmSync(folder, { recursive: true }), /manifest\.json/],
  ];
  for (const [damage, expected] of breakages) {
    damage();
    const { status, body } = await call(server, "POST", "/v1/models/reload");
    assert.equal(status, 409);
    assert.match(String(body.detail), expected);
    const models = await call<{ lastFailure: { message: string } }>(server, "GET", "/v1/models");
    assert.match(models.body.lastFailure.message, expected);
    const after = await call<RecommendationAnswer>(server, "POST", "/v1/recommendations", {});
    assert.deepEqual(after.body.items, before.body.items);
  }
  await writeBundle(folder, servedBundle(2));
  assert.equal((await call(server, "POST", "/v1/models/reload")).status, 200);
  assert.equal((await call(server, "GET", "/v1/models")).body.lastFailure, null);
});

test("one wrong bit in any file that answers come from is found", async (t) => {
  const folder = await bundleFolder();
  const server = await serveFolder(folder);
  t.after(() => server.close());
  for (const name of ["model", "users", "items", "seen"].map((name) => `${name}.safetensors`)) {
    const path = join(folder, name);
    const whole = readFileSync(path);
    // In the length of the header, in the header, and in the data.
    for (const at of [0, 9, whole.length - 2]) {
      const wrong = Buffer.from(whole);
      wrong[at]! ^= 1;
      writeFileSync(path, wrong);
      const { status, body } = await call(server, "POST", "/v1/models/reload");
      assert.equal(status, 409, `${name}, byte ${at}`);
      assert.ok(String(body.detail).includes(name), String(body.detail));
    }
    await assert.rejects(serveFolder(folder), { exitCode: 2, message: new RegExp(name) });
    writeFileSync(path, whole);
    assert.equal((await call(server, "POST", "/v1/models/reload")).status, 200);
  }
});

test("a bundle that is replaced is found without being told", async (t) => {
  const folder = await bundleFolder();
  const server = await serveFolder(folder, { watchEvery: 20 });
  t.after(() => server.close());
  const current = async () =>
    (await call<{ current: { id: string } }>(server, "GET", "/v1/models")).body.current.id;
  const first = await current();
  await writeBundle(folder, servedBundle(2));
  for (let tries = 0; (await current()) === first; tries++) {
    assert.ok(tries < 200, "the new bundle was not found");
    await wait(20);
  }
});

test("a bundle that is copied file by file is loaded when the last one is there", async (t) => {
  const [folder, other] = [await bundleFolder(), await bundleFolder(servedBundle(2))];
  const server = await serveFolder(folder, { watchEvery: 10 });
  t.after(() => server.close());
  const models = async () =>
    (
      await call<{ current: { id: string }; lastFailure: object | null }>(
        server,
        "GET",
        "/v1/models",
      )
    ).body;
  const { id } = (await models()).current;
  // The manifest first: for a while it names a model that is not there.
  copyFileSync(join(other, "manifest.json"), join(folder, "manifest.json"));
  for (let tries = 0; (await models()).lastFailure === null; tries++) {
    assert.ok(tries < 200, "half of a bundle was not noticed");
    await wait(10);
  }
  assert.equal((await models()).current.id, id);
  for (const name of readdirSync(other)) copyFileSync(join(other, name), join(folder, name));
  for (let tries = 0; (await models()).current.id === id; tries++) {
    assert.ok(tries < 200, "the whole bundle was not loaded");
    await wait(10);
  }
  assert.equal((await models()).lastFailure, null);
});

test("a server that stops answers what is under way and lets nobody new in", async (t) => {
  const server = await serveFolder(await bundleFolder(), { farewell: 2000 });
  t.after(() => server.close());
  const ask = () => call(server, "POST", "/v1/recommendations", { user: "u1" });
  const early = Array.from({ length: 20 }, ask);
  await early[0];
  const closing = server.close();
  const late = ask();
  for (const { status } of await Promise.all(early)) assert.equal(status, 200);
  assert.equal((await late).headers.get("connection"), "close");
  await closing;
  await assert.rejects(call(server, "GET", "/health"));
});
