/** `lumiere index`: what it keeps in a bundle, and what `recommend` makes of it. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { lumiere, writeRatings } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-index-"));
after(() => rmSync(folder, { recursive: true }));
const run = join(folder, "run");
const kept = (name: string) => join(run, "bundle", name);

async function listOf(user: string): Promise<string[]> {
  const { stdout, code } = await lumiere("recommend", run, "--user", user, "--json");
  assert.equal(code, 0);
  const parsed: { recommendations: { item: string }[] } = JSON.parse(stdout);
  return parsed.recommendations.map(({ item }) => item);
}

describe("lumiere index", () => {
  let user = "";
  let exact: string[] = [];
  before(async () => {
    const ratings = writeRatings(join(folder, "ratings.csv"));
    user = readFileSync(ratings, "utf8").split("\n")[1]!.split(",")[0]!;
    const { code, stderr } = await lumiere(
      ...["train", "--data", ratings, "--epochs", "3", "--out", run, "--set", "width=8"],
    );
    assert.equal(code, 0, stderr);
    exact = await listOf(user);
  });

  it("keeps an LSH index with its measured recall; with every bucket visited the lists are exact", async () => {
    const all = ["--set", "planes=4", "--set", "probes=16", "--json"];
    const { stdout, code, stderr } = await lumiere("index", run, "--kind", "lsh", ...all);
    assert.equal(code, 0, stderr);
    const found: { recall: number; usersPerSecond: number; kind: string } = JSON.parse(stdout);
    assert.deepEqual([found.kind, found.recall], ["lsh", 1]);
    assert.ok(found.usersPerSecond > 0);
    assert.deepEqual(JSON.parse(readFileSync(kept("index.json"), "utf8")), found);
    assert.deepEqual(await listOf(user), exact);
  });

  it("keeps an HNSW index, refuses a damaged one, and goes back to exact lists", async () => {
    const built = await lumiere("index", run, "--kind", "hnsw", "--json");
    assert.equal(built.code, 0, built.stderr);
    const found: { recall: number } = JSON.parse(built.stdout);
    assert.ok(found.recall > 0.9);
    assert.equal((await listOf(user)).length, exact.length);
    writeFileSync(kept("index.usearch"), "damaged");
    const refused = await lumiere("recommend", run, "--user", user);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /index\.usearch is missing or damaged; build it again/);
    const removed = await lumiere("index", run, "--kind", "exact");
    assert.equal(removed.code, 0, removed.stderr);
    assert.ok(!existsSync(kept("index.json")) && !existsSync(kept("index.usearch")));
    assert.deepEqual(await listOf(user), exact);
  });

  it("says what is wrong with a kind, a setting and a model without embeddings", async () => {
    const kind = await lumiere("index", run, "--kind", "tree");
    assert.equal(kind.code, 2);
    assert.match(kind.stderr, /exact, lsh, hnsw/);
    const setting = await lumiere("index", run, "--kind", "lsh", "--set", "plane=3");
    assert.equal(setting.code, 2);
    assert.match(setting.stderr, /did you mean "planes"/);
    const popular = join(folder, "popular");
    await lumiere(
      ...[
        "train",
        "--data",
        join(folder, "ratings.csv"),
        "--model",
        "popularity",
        "--out",
        popular,
      ],
    );
    const none = await lumiere("index", popular, "--kind", "hnsw");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /has no embeddings/);
  });
});
