import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { commands } from "../../src/cli/commands.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { lumiere, start, writeRatings } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-command-line-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

const SMALL = ["--set", "width=8", "--set", "batchSize=128", "--set", "learningRate=0.01"];

describe("every command", () => {
  it("shows its flags and examples", async () => {
    let help = "";
    const program = await buildProgram({
      loaded: () => true,
      run: async () => {},
      write: (text) => {
        help += text;
      },
    });
    for (const command of program.commands.filter(({ commands: below }) => below.length === 0)) {
      help = "";
      command.outputHelp();
      assert.match(help, new RegExp(`^Usage: lumiere ${command.name()}`));
      assert.match(help, /Examples?:\n +\$ lumiere/);
      assert.match(help, /--json/);
    }
    assert.equal(program.commands.length, commands.length);
  });

  it("is named by the help, also without a word", async () => {
    const [help, nothing, version, one] = await Promise.all([
      lumiere("--help"),
      lumiere(),
      lumiere("--version"),
      lumiere("similar", "--help"),
    ]);
    assert.match(one.stdout, /^Usage: lumiere similar/);
    assert.deepEqual([one.code, one.stderr], [0, ""]);
    for (const { name } of commands) assert.ok(help.stdout.includes(`\n  ${name} `), name);
    assert.deepEqual([help.code, nothing.code, version.code], [0, 0, 0]);
    assert.equal(nothing.stdout, help.stdout);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe("a run", { concurrency: 2 }, () => {
  const run = at("run");
  let trained: { stdout: string; stderr: string; code: number | null };
  before(async () => {
    trained = await lumiere(
      ...["train", "--data", ratings, "--split", "random:0.8", "--epochs", "15", "--seed", "5"],
      ...[...SMALL, "--out", run, "--json"],
    );
    assert.equal(trained.code, 0, trained.stderr);
  });

  it("prints exactly one JSON object, equal to report.json", () => {
    const report = JSON.parse(trained.stdout);
    assert.ok(trained.stdout.endsWith("}\n"));
    assert.deepEqual(report, JSON.parse(readFileSync(join(run, "report.json"), "utf8")));
    assert.equal(report.model.name, "lightgcn");
    assert.equal(report.hyperparameters.width, 8);
    assert.equal(report.seed, 5);
    assert.equal(report.dataset.users, 80);
    assert.match(report.dataset.fingerprint, /^[0-9a-f]{64}$/);
    assert.equal(report.split.specification, "random:0.8");
    assert.equal(report.split.train + report.split.validationInteractions + report.split.test, 960);
    assert.equal(report.split.test, 192);
    assert.equal(report.epochsRun, 15);
    assert.ok(report.bestEpoch >= 1 && report.bestEpoch <= 15);
    assert.equal(report.curve.length, 15);
    assert.ok(report.metrics["recall@20"] > 0 && report.metrics["ndcg@10"] > 0);
    assert.ok(report.peakMemoryBytes > 1e7);
    assert.ok(report.seconds.total >= report.seconds.fit);
    assert.match(report.command, /^lumiere train --data .*--seed 5/);
    assert.equal(report.versions.node, process.versions.node);
  });

  it("learns: far better than chance, which finds k of the unseen items", () => {
    const { metrics } = JSON.parse(trained.stdout);
    // About 40 of 50 items are unseen, so chance finds a quarter of the test items in a list of 10.
    assert.ok(metrics["recall@10"] > 0.5, String(metrics["recall@10"]));
  });

  it("writes a page and a picture of the curves", () => {
    const page = readFileSync(join(run, "report.html"), "utf8");
    assert.match(page, /<h1>LightGCN/);
    assert.match(page, /best epoch/);
    assert.match(readFileSync(join(run, "curves.svg"), "utf8"), /^<svg /);
    assert.equal(existsSync(join(run, "checkpoint")), false, "a finished run needs none");
  });

  it("is judged again to the same digits", async () => {
    const { code, stdout } = await lumiere("evaluate", run, "--json");
    assert.equal(code, 0);
    const { metrics, intervals, equalsReport } = JSON.parse(stdout);
    const report = JSON.parse(trained.stdout);
    assert.deepEqual(metrics, report.metrics);
    assert.deepEqual(intervals, report.intervals);
    assert.equal(equalsReport, true);
  });

  it("is judged at other cuts", async () => {
    const { stdout } = await lumiere("evaluate", run, "--k", "3", "--json");
    const { metrics, equalsReport } = JSON.parse(stdout);
    assert.ok("recall@3" in metrics && !("recall@20" in metrics));
    assert.equal(equalsReport, null);
  });

  it("is the same with a config file, on one thread", async () => {
    writeFileSync(
      at("config.json"),
      JSON.stringify({
        data: ratings,
        split: "random:0.8",
        model: "lightgcn",
        hyperparameters: { width: 8, batchSize: 128, learningRate: 0.01, epochs: 99 },
        seed: 4,
        threads: 1,
        output: at("from-config"),
      }),
    );
    const again = await lumiere(
      ...["train", "--config", at("config.json"), "--seed", "5", "--set", "epochs=15", "--json"],
    );
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(JSON.parse(again.stdout).metrics, JSON.parse(trained.stdout).metrics);
    const model = (name: string) =>
      JSON.parse(readFileSync(at(name, "bundle", "manifest.json"), "utf8")).files[
        "model.safetensors"
      ];
    assert.deepEqual(model("from-config"), model("run"), "the same bits");
  });

  it("recommends to a user what the user has not seen, with reasons", async () => {
    const { code, stdout } = await lumiere("recommend", run, "--user", "u7", "--k", "5", "--json");
    assert.equal(code, 0);
    const { user, recommendations } = JSON.parse(stdout);
    assert.equal(user, "u7");
    assert.deepEqual(
      recommendations.map(({ rank }: { rank: number }) => rank),
      [1, 2, 3, 4, 5],
    );
    const text = await lumiere("recommend", run, "--user", "u7", "--k", "5");
    assert.match(text.stdout, /because you liked i\d+/);
  });

  it("explains: shares that sum to the score, the popularity share, paths", async () => {
    const asked = ["recommend", run, "--user", "u7", "--k", "3", "--explain"];
    const { recommendations } = JSON.parse((await lumiere(...asked, "--json")).stdout);
    assert.equal(recommendations.length, 3);
    for (const { score, explanation } of recommendations) {
      const { basis, parts, remainder, popularityShare, paths } = explanation;
      const sum = parts.reduce((total: number, part: { share: number }) => total + part.share, 0);
      assert.equal(basis, "messages");
      assert.ok(Math.abs(sum + remainder - score) < 1e-4);
      assert.ok(Number.isFinite(popularityShare));
      assert.ok(paths.length > 0 && paths.every(({ user }: { user: string }) => user !== "u7"));
    }
    const { stdout } = await lumiere(...asked);
    assert.match(stdout, /shares: i\d+ [+−]\d\.\d{3}, .*\n(.*\n)*? +path: i\d+ → user u\d+ → i\d+/);
    assert.match(stdout, /Shares are what each item of the history told/);
    const refused = await lumiere("recommend", run, "--all", "--explain");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /--explain is for one person .*found --all/);
  });

  it("recommends to somebody new, and not what they named", async () => {
    const { stdout } = await lumiere("recommend", run, "--history", "i3,i7", "--json");
    const { history, recommendations } = JSON.parse(stdout);
    assert.deepEqual(history, ["i3", "i7"]);
    const items = recommendations.map(({ item }: { item: string }) => item);
    assert.equal(items.length, 10);
    assert.ok(!items.includes("i3") && !items.includes("i7"));
    // Items 3 and 7 are of taste group 3: so is most of what follows.
    const own = items.filter((item: string) => Number(item.slice(1)) % 4 === 3);
    assert.ok(own.length >= 5, items.join());
  });

  it("says which ids are near an unknown one", async () => {
    const { code, stderr } = await lumiere("recommend", run, "--user", "u700");
    assert.equal(code, 2);
    assert.match(stderr, /user "u700" is not among the 80.*nearest: "u70"/);
  });

  it("writes everybody's lists the same as CSV, JSON lines and Parquet", async () => {
    const all = ["recommend", run, "--all", "--k", "4"];
    const [printed, ...written] = await Promise.all([
      lumiere(...all),
      ...["csv", "jsonl", "parquet"].map((ending) =>
        lumiere(...all, "--out", at(`all.${ending}`), "--json"),
      ),
    ]);
    for (const { code, stdout } of written) {
      assert.equal(code, 0);
      // Every user of the file is in train: nobody gets the most popular items for want of better.
      const expected = { out: "", k: 4, users: 80, byPopularity: 0, rows: 320 };
      assert.deepEqual({ ...JSON.parse(stdout), out: "" }, expected);
    }
    assert.equal(printed?.stdout, readFileSync(at("all.csv"), "utf8"));
    const [header, ...lines] = (printed?.stdout ?? "").trimEnd().split("\n");
    assert.equal(header, "user,rank,item,score");
    const rows = lines.map((line) => {
      const [user, rank, item, score] = line.split(",");
      return { user, rank: Number(rank), item, score: Number(score) };
    });
    const json = readFileSync(at("all.jsonl"), "utf8").trimEnd().split("\n");
    assert.deepEqual(
      json.map((line) => JSON.parse(line)),
      rows,
    );
    const connection = await (await DuckDBInstance.create()).connect();
    const table = await connection.runAndReadAll(`from '${at("all.parquet")}'`);
    assert.deepEqual(
      table.getRows(),
      rows.map(({ user, rank, item, score }) => [user, rank, item, Math.fround(score)]),
    );
    connection.closeSync();
    const alone = JSON.parse(
      (await lumiere("recommend", run, "--user", rows[0]!.user!, "--k", "4", "--json")).stdout,
    );
    assert.deepEqual(
      alone.recommendations.map(({ item }: { item: string }) => item),
      rows.slice(0, 4).map(({ item }) => item),
    );
  });

  it("refuses to mix everybody's lists with one JSON object", async () => {
    const { code, stderr } = await lumiere("recommend", run, "--all", "--json");
    assert.equal(code, 2);
    assert.match(stderr, /add --out/);
  });

  it("lets a reader go that has seen enough", async () => {
    const { process: child, finished } = start(["recommend", run, "--all", "--k", "50"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, stderr } = await finished;
    assert.equal(code, 0);
    assert.equal(stderr, "");
  });

  it("lists similar items", async () => {
    const { stdout } = await lumiere("similar", run, "--item", "i8", "--k", "3", "--json");
    const { of, measure, items } = JSON.parse(stdout);
    assert.equal(of.item, "i8");
    assert.equal(measure, "embeddings");
    assert.equal(items.length, 3);
    const unknown = await lumiere("similar", run, "--item", "i48x");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /nearest: "i48"/);
  });

  it("names a broken file of the bundle", async () => {
    const path = at("broken-run");
    const { code } = await lumiere(
      ...["train", "--data", ratings, "--model", "popularity", "--threads", "1", "--out", path],
    );
    assert.equal(code, 0);
    const file = join(path, "bundle", "model.safetensors");
    writeFileSync(file, readFileSync(file).subarray(0, 100));
    const { code: refused, stderr } = await lumiere("recommend", path, "--all");
    assert.equal(refused, 2);
    assert.match(stderr, /model\.safetensors/);
  });
});
