import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openBundle, writeBundle } from "../../src/artifact/bundle.ts";
import { recommendToUser } from "../../src/artifact/recommendations.ts";
import { silent } from "../../src/base/progress.ts";
import { loadDataset } from "../../src/data/load.ts";
import { dataOptionsSchema } from "../../src/data/options.ts";
import { summarise } from "../../src/evaluation/summary.ts";
import { blendRuns } from "../../src/experiment/blend.ts";
import { compareFolders } from "../../src/experiment/comparison/run-comparison.ts";
import { evaluateBundle } from "../../src/experiment/final-evaluation.ts";
import { readPerUserValues } from "../../src/experiment/per-user-values.ts";
import { trainAnew } from "../../src/experiment/retrain/train-anew.ts";
import { runExperiment } from "../../src/experiment.ts";
import { Blend } from "../../src/models/blend.ts";
import { findCard } from "../../src/models/registry.ts";
import { lumiere } from "../cli/spawned.ts";
import { assertClose } from "../engine/numbers.ts";
import { tasteWorld } from "../models/small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-blend-"));
after(() => rmSync(folder, { recursive: true }));
const data = join(folder, "likes.csv");
const at = (name: string) => join(folder, name);
const options = { output: at("both"), threads: 1 };

/** A kept run on the same likes. */
function run(model: string, seed: number, name = model, hyperparameters = {}) {
  const settings = { data, model, seed, split: "random:0.8", validation: 0, hyperparameters };
  const evaluation = { ks: [5], intervals: false };
  return runExperiment({ ...settings, evaluation, output: at(name), threads: 1 });
}

before(async () => {
  const { users, items } = tasteWorld(60, 40, 10).interactions;
  const rows = Array.from(users, (user, row) => `u${user},i${items[row]}`);
  writeFileSync(data, `user,item\n${rows.join("\n")}\n`);
  await run("gf-cf", 1, "gf-cf", { width: 8 });
  await run("bpr", 1, "bpr", { epochs: 20, width: 8, learningRate: 0.02 });
  await run("popularity", 2, "other cut");
});

/** What a run wrote beside its bundle. */
const reportOf = (name: string) => JSON.parse(readFileSync(join(at(name), "report.json"), "utf8"));

describe("blending runs", () => {
  it("writes a report as any run, in place of that of an earlier blend alone", async () => {
    await blendRuns([at("gf-cf"), at("bpr")], { ...options, weights: [1, 3] });
    await blendRuns([at("gf-cf"), at("bpr")], { ...options, weights: [2, 1], command: "again" });
    const [report, part] = [reportOf("both"), reportOf("gf-cf")];
    const { manifest } = await openBundle(at("both"));
    const { paper } = findCard("blend");
    assert.deepEqual(report.model, { name: "blend", title: "Blend", paper });
    assert.equal(report.command, "again");
    assert.deepEqual(report.hyperparameters, manifest.hyperparameters);
    assert.deepEqual(report.metrics, manifest.metrics);
    assert.deepEqual([report.dataset, report.split], [part.dataset, part.split]);
    assert.deepEqual(report.evaluation.protocol, part.evaluation.protocol);
    assert.equal(report.samples[0].user, part.samples[0].user);
    const page = readFileSync(join(at("both"), "report.html"), "utf8");
    assert.match(page, /<h1>Blend/);
    assert.equal(report.seconds.fit, null);
    assert.ok(report.warnings.some((text: string) => text.startsWith("no validation part")));
    const { users, values } = await readPerUserValues(at("both"));
    assert.deepEqual(users, (await readPerUserValues(at("gf-cf"))).users);
    const mean = values["ndcg@5"]!.reduce((sum, value) => sum + value, 0) / users.length;
    assertClose([mean], [report.metrics["ndcg@5"]], 1e-6);
  });

  it("writes a bundle that needs the runs no longer", async () => {
    const weights = [2, 1];
    const parts = await Promise.all(["gf-cf", "bpr"].map((name) => openBundle(at(name))));
    const { bundle, evaluation } = await blendRuns([at("gf-cf"), at("bpr")], {
      ...options,
      weights,
    });
    const opened = await openBundle(at("both"));
    assert.deepEqual(opened.manifest, bundle.manifest);
    assert.deepEqual(opened.manifest.model, { name: "blend", title: "Blend" });
    assert.deepEqual(
      opened.manifest.metrics,
      summarise(await evaluateBundle(opened)).metrics,
      "the figures come out of the bundle alone",
    );
    assert.deepEqual(opened.manifest.metrics, summarise(evaluation!).metrics);
    assert.ok(opened.manifest.metrics["ndcg@5"]! > 0.1);
    const users = Int32Array.of(0, 7, 59);
    const blend = new Blend(
      parts.map(({ recommender }, part) => ({ recommender, weight: weights[part]! })),
    );
    assertClose(await opened.recommender.scoreUsers(users), await blend.scoreUsers(users), 1e-6);
    assert.equal((await recommendToUser(opened, "u7", 3)).length, 3);
  });

  it("refuses what does not fit together, and writes nothing", async () => {
    const refused = (names: readonly string[], weights: number[] | undefined, expected: RegExp) =>
      assert.rejects(
        blendRuns(names.map(at), { weights, output: at("refused"), threads: 1 }),
        expected,
      );
    await refused(["gf-cf"], undefined, /1 runs to blend; expected 2 to 16/);
    await refused(["gf-cf", "bpr"], [1], /1 weights for 2 runs/);
    await refused(["gf-cf", "other cut"], undefined, /same .*training items.*--seed/);
    await refused(["both", "bpr"], undefined, /is a blend already/);
    await refused(["gf-cf", "nowhere"], undefined, /does not exist/);
    await refused(["gf-cf", "bpr"], [1, Number.NaN], /weight NaN is no number above 0/);
    await assert.rejects(
      blendRuns([at("gf-cf"), at("bpr")], { ...options, output: at("bpr") }),
      /holds a run, whose model the blend would replace/,
    );
    assert.ok(!readdirSync(folder).includes("refused"));
    mkdirSync(join(at("half trained"), "checkpoint"), { recursive: true });
    await assert.rejects(
      blendRuns([at("gf-cf"), at("bpr")], { ...options, output: at("half trained") }),
      /holds a run, whose model the blend would replace/,
    );
  });

  it("is trained anew model by model", async () => {
    await blendRuns([at("gf-cf"), at("bpr")], { ...options, weights: [2, 1] });
    const { manifest } = await openBundle(at("both"));
    const signal = new AbortController().signal;
    const dataset = await loadDataset(dataOptionsSchema.parse({ data }), {
      progress: silent,
      notice: () => {},
      signal,
    });
    const anew = { threads: 1, epochs: null, stage: "anew", progress: silent, signal };
    const { source, epochs } = await trainAnew(manifest, dataset, anew);
    assert.equal(epochs, null);
    const parts = await Promise.all(
      ["gf-cf", "bpr"].map(async (name) =>
        trainAnew((await openBundle(at(name))).manifest, dataset, anew),
      ),
    );
    const expected = new Blend(
      parts.map((part, n) => ({ recommender: part.source.recommender, weight: 2 - n })),
    );
    const users = Int32Array.from({ length: 60 }, (_, user) => user);
    const scores = await source.recommender.scoreUsers(users);
    assertClose(scores, await expected.scoreUsers(users), 1e-6);
    assert.equal(source.train.indices.length, dataset.interactions.users.length);
  });

  it("of two seeds count as one model in a comparison", async () => {
    for (const seed of [1, 2]) {
      const parts = [`gf-cf ${seed}`, `ease ${seed}`];
      await run("gf-cf", seed, parts[0], { width: 8 });
      await run("ease", seed, parts[1]);
      await blendRuns(parts.map(at), { ...options, output: at(`blend ${seed}`) });
    }
    const folders = [1, 2].flatMap((seed) => [at(`blend ${seed}`), at(`ease ${seed}`)]);
    const { models } = await compareFolders(folders, { output: null });
    assert.deepEqual(models.map(({ label, seeds }) => [label, seeds]).sort(), [
      ["blend", [1, 2]],
      ["ease", [1, 2]],
    ]);
    assert.equal(models.find(({ label }) => label === "blend")?.seconds.fit, null);
  });

  it("without a test part says so, and leaves no figures of an earlier blend", async () => {
    // As `lumiere retrain` writes them.
    const untested = async (model: string) => {
      const bundle = await openBundle(at(model));
      await writeBundle(at(`all ${model}`), { ...bundle, validation: null, test: null });
      return at(`all ${model}`);
    };
    const parts = [await untested("gf-cf"), await untested("bpr")];
    await blendRuns([at("gf-cf"), at("bpr")], { ...options, output: at("replaced") });
    const { evaluation } = await blendRuns(parts, { ...options, output: at("replaced") });
    assert.equal(evaluation, null);
    const report = reportOf("replaced");
    assert.deepEqual([report.metrics, report.evaluation], [{}, null]);
    assert.ok(report.warnings.includes("no test part: nothing was judged"));
    assert.ok(!readdirSync(at("replaced")).includes("per-user.safetensors"));
  });

  it("is a command", async () => {
    const out = at("by command");
    const said = await lumiere(
      "blend",
      at("gf-cf"),
      at("bpr"),
      "--weights",
      "2,1",
      "--out",
      out,
      "--json",
    );
    assert.equal(said.code, 0, said.stderr);
    const result = JSON.parse(said.stdout);
    const { manifest } = await openBundle(out);
    assert.deepEqual(result.metrics, manifest.metrics);
    assert.deepEqual(
      result.parts.map(({ model, weight }: { model: string; weight: number }) => [model, weight]),
      [
        ["gf-cf", 2],
        ["bpr", 1],
      ],
    );
    const compared = await lumiere("compare", at("gf-cf"), at("bpr"), out, "--json");
    assert.equal(compared.code, 0, compared.stderr);
    const { models } = JSON.parse(compared.stdout);
    const blend = models.find(({ label }: { label: string }) => label === "blend");
    assert.equal(blend.metrics["ndcg@5"].mean, result.metrics["ndcg@5"]);
    const bad = await lumiere("blend", at("gf-cf"), at("bpr"), "--weights", "2,0", "--out", out);
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /weight 0 is no number above 0/);
  });
});
