import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { openBundle } from "../../../src/artifact/bundle.ts";
import { RoutedModel } from "../../../src/artifact/routed-model.ts";
import { silent } from "../../../src/base/progress.ts";
import { Vocabulary } from "../../../src/data/interactions.ts";
import { retrain } from "../../../src/experiment/retrain/retrain.ts";
import { servedLists } from "../../../src/experiment/retrain/served-lists.ts";
import { runExperiment } from "../../../src/experiment.ts";
import type { RecommendationAnswer } from "../../../src/serving/schemas.ts";
import { lumiere } from "../../cli/spawned.ts";
import { bundleFolder, call, serveFolder } from "../../serving/served-bundle.ts";
import { keepEvents, like, newcomers, popularRun } from "./popular-world.ts";

test("lists of the judgement are those that the server gives", async (t) => {
  const folder = await bundleFolder();
  const server = await serveFolder(folder);
  t.after(() => server.close());
  const events = [
    { user: "u1", item: "i20" },
    { user: "u1", item: "i21", value: 0 },
    { user: "stranger", item: "i3" },
    { user: "fan of the unknown", item: "nowhere" },
    { user: "u3", item: "i4" },
  ];
  await call(server, "POST", "/v1/events", { events });
  await call(server, "DELETE", "/v1/users/u3");
  const people = ["u1", "stranger", "u2", "fan of the unknown", "u3", "u11"];
  const audience = people.map((user) => {
    const own = events.filter((event) => event.user === user && user !== "u3");
    return {
      user: user === "u3" ? null : user,
      liked: own.filter(({ value = 1 }) => value > 0).map(({ item }) => item),
      seen: own.map(({ item }) => item),
    };
  });
  const { items } = server.services.models.current.bundle;
  const common = new Vocabulary(["elsewhere", ...items.ids.toReversed()]);
  const lists = await servedLists(new RoutedModel(await openBundle(folder)), audience, {
    k: 31,
    items: common,
    progress: silent,
    signal: new AbortController().signal,
  });
  const routes = new Set<string>();
  for (const [row, user] of people.entries()) {
    const { body } = await call<RecommendationAnswer>(server, "POST", "/v1/recommendations", {
      user,
      k: 31,
    });
    routes.add(body.routing);
    const list = [...lists.items.subarray(31 * row, 31 * (row + 1))].filter((item) => item >= 0);
    assert.deepEqual(
      list.map((item) => common.idOf(item)),
      body.items.map(({ item }) => item),
      user,
    );
  }
  assert.deepEqual([...routes].sort(), ["fold-in", "popularity", "trained"]);
});

test("a server goes over to the promoted model, and no request fails meanwhile", async (t) => {
  const run = await popularRun();
  const server = await serveFolder(run, { watchEvery: 20 });
  t.after(() => server.close());
  for (let at = 0; at < 150; at += 50) {
    const events = newcomers("c").slice(at, at + 50);
    const sent = events.map(({ user, item, time }) => ({ user, item, time }));
    await call(server, "POST", "/v1/events", { events: sent });
  }
  let stop = false;
  const models = new Map<string, string>();
  const clients = Array.from({ length: 4 }, async () => {
    while (!stop) {
      const ask = { user: "somebody", k: 3 };
      const { status, body } = await call<RecommendationAnswer>(
        server,
        "POST",
        "/v1/recommendations",
        ask,
      );
      assert.equal(status, 200);
      models.set(body.model, body.items.map(({ item }) => item).join(" "));
    }
  });
  const result = await retrain(run, { threads: 1 });
  assert.equal(result.outcome, "promoted");
  for (let tries = 0; !models.has(result.model!); tries++) {
    assert.ok(tries < 500, "the server did not go over to the new model");
    await wait(20);
  }
  stop = true;
  await Promise.all(clients);
  assert.equal(models.get(result.running), "a b c");
  assert.equal(models.get(result.model!), "c a b");
});

test("a trained model goes on with its settings, and its index is built again", async () => {
  const run = await popularRun();
  await runExperiment({
    data: `${run}/../likes.csv`,
    model: "lightgcn",
    hyperparameters: { epochs: 4, evaluateEvery: 2, width: 8 },
    split: "random:0.9",
    output: run,
  });
  const indexed = await lumiere("index", run, "--kind", "lsh", "--set", "planes=2");
  assert.equal(indexed.code, 0, indexed.stderr);
  await keepEvents(run, [...newcomers("b"), like("o1", "new", 9000)]);
  const before = await openBundle(run);
  const stages = new Set<string>();
  const result = await retrain(run, {
    threads: 1,
    force: true,
    progress: ({ stage }) => stages.add(stage),
  });
  assert.equal(result.outcome, "promoted");
  const after = await openBundle(run);
  assert.deepEqual(after.manifest.hyperparameters, before.manifest.hyperparameters);
  assert.equal(after.indexDescription?.kind, "lsh");
  assert.deepEqual(after.indexDescription?.settings, before.indexDescription?.settings);
  assert.ok(after.items.indexOf("new") !== undefined);
  // Everything trains, so that nothing that was seen is not also trained on.
  assert.deepEqual(after.train, after.seen);
  assert.equal(after.train.indices.length, 18 + 151);
  for (const stage of ["without the newest events", "judge the running model", "with everything"]) {
    assert.ok(
      [...stages].some((name) => name.startsWith(stage)),
      `${stage}: ${[...stages]}`,
    );
  }
  // The same again from the same store and seed gives the same bits.
  const again = await retrain(run, { threads: 2, force: true });
  assert.equal(again.model, result.model);
});
