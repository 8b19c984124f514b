import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openBundle } from "../../../src/artifact/bundle.ts";
import { retrain } from "../../../src/experiment/retrain/retrain.ts";
import { lumiere } from "../../cli/spawned.ts";
import { storeKinds } from "../../serving/stores.ts";
import { keepEvents, like, NEWEST, newcomers, popularRun } from "./popular-world.ts";

const threads = 1;

/** Names, contents and times of everything in a bundle. */
function snapshot(run: string): string[] {
  const folder = join(run, "bundle");
  return readdirSync(folder).map((name) => {
    const path = join(folder, name);
    const { ino, mtimeMs } = statSync(path);
    return `${name} ${ino} ${mtimeMs} ${readFileSync(path).toString("base64")}`;
  });
}

test("a model that finds the newest events better takes the running one's place", async () => {
  const run = await popularRun();
  await keepEvents(run, newcomers("c"));
  const before = await openBundle(run);
  const result = await retrain(run, { threads });
  assert.equal(result.outcome, "promoted");
  assert.equal(result.forced, false);
  assert.deepEqual(result.events, { total: 150, likes: 150, new: 150 });
  assert.equal(result.people, NEWEST);
  assert.equal(result.since, new Date(5_000_000).toISOString());
  const { judgement } = result;
  // The running model lists a, b; the new one, which knows 123 likes of c, lists c, a.
  assert.equal(judgement?.metric, "ndcg@2");
  assert.equal(judgement?.running["ndcg@2"], 0);
  assert.equal(judgement?.candidate["ndcg@2"], 1);
  assert.equal(judgement?.difference, 1);
  assert.ok(judgement!.p < 0.001);

  const after = await openBundle(run);
  assert.equal(after.manifest.files["model.safetensors"].sha256.slice(0, 12), result.model);
  assert.equal(before.manifest.files["model.safetensors"].sha256.slice(0, 12), result.running);
  assert.deepEqual(after.manifest.model, before.manifest.model);
  assert.equal(after.manifest.retraining?.judgement?.running, 0);
  // Trained on everything: the held-out events and the like that was the running model's test.
  assert.equal(after.users.size, 160);
  const counts = after.recommender.save().counts!.data;
  const countOf = (item: string) => counts[after.items.indexOf(item)!];
  assert.deepEqual(["a", "b", "c"].map(countOf), [10, 5, 153]);

  const again = await retrain(run, { threads });
  assert.equal(again.outcome, "too-few", "the promoted model has seen everything");
  assert.equal(again.events.new, 0);
  assert.equal(again.judgement, null);
});

test("a worse model is refused with both figures, and the bundle is as it was", async () => {
  const run = await popularRun();
  await keepEvents(run, newcomers("b"));
  const before = snapshot(run);
  const { code, stdout, stderr } = await lumiere("retrain", run, "--json");
  assert.equal(code, 1, stderr);
  const result = JSON.parse(stdout);
  assert.equal(result.outcome, "refused");
  assert.equal(result.directory, null);
  // b is second of a, b at the running model, and not among c, a at the new one.
  assert.ok(Math.abs(result.judgement.running["ndcg@2"] - 1 / Math.log2(3)) < 1e-12);
  assert.equal(result.judgement.candidate["ndcg@2"], 0);
  assert.match(stderr, /150 events in the store.*held out: 30 likes of 30 people/);
  assert.deepEqual(snapshot(run), before);
  assert.deepEqual(
    readdirSync(run).filter((name) => name.startsWith("bundle")),
    ["bundle"],
  );

  const forced = await lumiere("retrain", run, "--force");
  assert.equal(forced.code, 0, forced.stderr);
  assert.match(forced.stdout, /NDCG@2\s+0\.6309\s+0\.0000/);
  assert.match(forced.stdout, /Promoted by force/);
  const { manifest } = await openBundle(run);
  assert.equal(manifest.retraining?.forced, true);
  assert.equal(manifest.retraining?.judgement?.candidate, 0);
});

test("too few people to judge is said, and changes nothing", async () => {
  const run = await popularRun();
  await keepEvents(
    run,
    Array.from({ length: 10 }, (_, at) => like(`p${at}`, "c", 1000 + at)),
  );
  const before = snapshot(run);
  const { code, stdout } = await lumiere("retrain", run);
  assert.equal(code, 1);
  assert.match(stdout, /Too few events: 2 people .* 20 are needed/);
  assert.deepEqual(snapshot(run), before);
});

test("--out leaves the running bundle alone; dislikes are no likes", async () => {
  const run = await popularRun();
  await keepEvents(run, [...newcomers("c"), like("p0", "a", 6000, 0), like("new", "b", 6001, -1)]);
  const before = snapshot(run);
  const output = join(run, "..", "second");
  const result = await retrain(run, { threads, output });
  assert.deepEqual(result.events, { total: 152, likes: 150, new: 150 });
  assert.equal(result.directory, join(output, "bundle"));
  assert.deepEqual(snapshot(run), before);
  const second = await openBundle(output);
  assert.equal(second.users.indexOf("new"), undefined);
  assert.equal(second.items.size, 3);
});

for (const kind of storeKinds) {
  test(`with events on ${kind.name}: who was forgotten is in the new model with what came after`, {
    skip: kind.skip,
  }, async (t) => {
    await kind.start();
    t.after(() => kind.stop());
    const run = await popularRun();
    const location = await kind.location();
    await assert.rejects(retrain(run, { threads, store: location }), { code: "store-missing" });
    const store = await kind.open(location);
    await store.append([like("o1", "c", 1)]);
    await store.forget("o0");
    await store.forget("o1");
    await store.append([like("o1", "new item", 9)]);
    await store.putItem({
      id: "new item",
      fields: { title: "New", genres: ["Drama"], year: 2026, available: true },
    });
    await store.close();
    const { outcome, forced } = await retrain(run, { threads, store: location, force: true });
    assert.deepEqual({ outcome, forced }, { outcome: "promoted", forced: true });
    const bundle = await openBundle(run);
    assert.equal(bundle.users.indexOf("o0"), undefined);
    const row = bundle.users.indexOf("o1")!;
    const { indptr, indices } = bundle.seen;
    const items = Array.from(indices.subarray(indptr[row], indptr[row + 1]));
    assert.deepEqual(
      items.map((item) => bundle.items.idOf(item)),
      ["new item"],
    );
    const at = bundle.items.indexOf("new item")!;
    assert.equal(bundle.itemFeatures.titles?.[at], "New");
    assert.deepEqual(bundle.itemFeatures.genres?.[at], ["Drama"]);
    assert.equal(bundle.itemFeatures.titles?.[bundle.items.indexOf("a")!], null);
  });
}

test("a missing store, a bundle without a data description and moved data say what to do", async () => {
  const run = await popularRun();
  await assert.rejects(retrain(run, { threads }), { code: "store-missing", message: /--store/ });
  await keepEvents(run, newcomers("c"));
  await assert.rejects(retrain(run, { threads, data: { data: "elsewhere.csv" } }), {
    message: /elsewhere\.csv/,
  });
  const path = join(run, "bundle", "manifest.json");
  const { data: _data, ...older } = JSON.parse(readFileSync(path, "utf8"));
  const split = { ...older.split, validation: 0.25, validationUsers: 7 };
  const evaluation = { ...older.evaluation, sampled: true };
  writeFileSync(path, JSON.stringify({ ...older, split, evaluation }));
  await assert.rejects(retrain(run, { threads }), { code: "retrain-data", message: /--data/ });
  const moved = { data: join(run, "..", "likes.csv") };
  assert.equal((await retrain(run, { threads, data: moved })).outcome, "promoted");
  const { manifest } = await openBundle(run);
  const { validation, validationUsers } = manifest.split;
  assert.deepEqual([validation, validationUsers], [0.25, 7], "as the model was trained before");
  assert.equal(manifest.evaluation?.sampled, false, "its metrics are of ranking all items");
});

test("a bundle that somebody replaced meanwhile is not replaced again", async () => {
  const run = await popularRun();
  await keepEvents(run, newcomers("c"));
  let isReplaced = false;
  const running = retrain(run, {
    threads,
    progress: () => {
      if (isReplaced) return;
      isReplaced = true;
      const path = join(run, "bundle", "manifest.json");
      const manifest = JSON.parse(readFileSync(path, "utf8"));
      manifest.files["model.safetensors"].sha256 = "0".repeat(64);
      writeFileSync(path, JSON.stringify(manifest));
    },
  });
  await assert.rejects(running, { code: "retrain-overtaken" });
  assert.ok(isReplaced);
  assert.deepEqual(
    readdirSync(run).filter((name) => name.startsWith("bundle")),
    ["bundle"],
  );
});

test("a secret in the name of the data is in no bundle", async () => {
  const run = await popularRun();
  await keepEvents(run, newcomers("c"));
  const data = `SELECT "user", item FROM '${join(run, "..", "likes.csv")}' /* password hunter2 */`;
  const { outcome } = await retrain(run, { threads, data: { data } });
  assert.equal(outcome, "promoted");
  const text = readFileSync(join(run, "bundle", "manifest.json"), "utf8");
  assert.equal(JSON.parse(text).data, undefined);
  assert.doesNotMatch(text, /hunter2/);
  await assert.rejects(retrain(run, { threads }), { code: "retrain-data" });
});
