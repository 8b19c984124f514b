import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { peakMemory } from "../../bench/columns.ts";
import type { Contender } from "../../bench/contenders.ts";
import type { Series } from "../../bench/rounds.ts";
import { scaleReport } from "../../bench/scale-report.ts";
import { runSuite, type Suite } from "../../bench/suite.ts";
import { suites } from "../../bench/suites/all.ts";
import { wholeProcess } from "../../bench/whole-process.ts";
import { MemoryError } from "../../src/base/errors.ts";
import { largestArena } from "../../src/engine/cpu/arena.ts";

const task = { folder: "", threads: 1, seconds: 0 };

test("every suite can be chosen from: names differ, no title holds the comma that ends it on the command line", () => {
  assert.equal(new Set(suites.map(({ name }) => name)).size, suites.length);
  for (const { name, variants } of suites) {
    assert.equal(new Set(variants.map(({ title }) => title)).size, variants.length, name);
    for (const { title, contenders } of variants) {
      const keys = contenders.map(({ key }) => key);
      assert.equal(new Set(keys).size, keys.length, `${name}, ${title}: ${keys}`);
      assert.ok(![title, ...keys].some((text) => text.includes(",")), `${name}, ${title}`);
      assert.ok(contenders[0]!.ours, `${name}, ${title}: ratios are to ours, which runs first`);
    }
  }
});

test("a variant is not fought on data that it is left out of", async () => {
  const out = mkdtempSync(join(tmpdir(), "lumiere-bench-"));
  after(() => rmSync(out, { recursive: true, force: true }));
  const started: string[] = [];
  const contender = (title: string): Contender => ({
    ...{ key: title, title, ours: true, command: () => [] },
    missing: (task) => {
      started.push(`${title} on ${task.folder}`);
      return "not here";
    },
  });
  const suite: Suite = {
    ...suites.find(({ name }) => name === "fit")!,
    variants: [
      { title: "small", contenders: [contender("small")], leftOut: { large: "too slow" } },
      { title: "any", contenders: [contender("any")] },
    ],
    prepare: async (name) => ({ folder: name, title: name, detail: "" }),
  };
  const options = { rounds: 1, seconds: 1, threads: [1], datasets: ["other", "large"], out };
  await runSuite(suite, options).catch(() => {});
  assert.deepEqual(started, ["small on other", "any on other", "any on large"]);
});

test("models beside their peers: each suite shows peak memory, which every program prints", () => {
  for (const suite of suites) {
    if (!["als", "fit", "mult-vae", "ngcf", "gat", "knn"].includes(suite.name)) continue;
    assert.ok(suite.columns.includes(peakMemory), suite.name);
    for (const { contenders } of suite.variants) {
      for (const { title, command } of contenders) {
        const program = command(task).find((word) => /[/\\]bench[/\\].*\.(ts|py)$/.test(word));
        const source = readFileSync(program!, "utf8");
        // The last two print it for the programs that use them.
        assert.match(
          source,
          /peakMebibytes"?:|measure_fit\(|import .*\bmeasure\b/,
          `${suite.name}, ${title}`,
        );
      }
    }
  }
});

test("a choice that leaves nothing is refused, with what there is", async () => {
  const suite: Suite = {
    ...suites.find(({ name }) => name === "fit")!,
    prepare: async () => ({ folder: "", title: "d", detail: "" }),
  };
  await assert.rejects(
    runSuite(suite, { rounds: 1, seconds: 1, out: "", variants: ["esae"] }),
    /nothing is left of suite "fit": --variants takes "ease", .*--only takes ours, /,
  );
});

test("time to quality has no ratio for a contender that stays below it", () => {
  const suite = suites.find(({ name }) => name === "quality")!;
  const seriesOf = (key: string, recall20: number, milliseconds: number): Series => {
    const runMs = { median: milliseconds, min: milliseconds, max: milliseconds };
    const round = { threads: 2, runMs, quality: { recall20 }, versions: {} };
    return { key, title: key, ours: key === "ours", command: "", rounds: [round] };
  };
  const us = seriesOf("ours", 0.1861, 10_000);
  const cells = (series: Series) =>
    ["≥ .1830", "÷ ours"].map((head) =>
      suite.columns.find((column) => column.head === head)!.cell(series, us),
    );
  assert.deepEqual(cells(seriesOf("at it", 0.183, 25_000)), ["yes", "2.50×"]);
  assert.deepEqual(cells(seriesOf("below", 0.1829, 25_000)), ["no", "–"]);
});

test("a process is measured from its start to its end", async () => {
  const wait = "const end = Date.now() + 120; while (Date.now() < end); console.log(7)";
  const found = await wholeProcess(
    { command: () => [process.execPath, "-e", wait] },
    task,
    2,
    (stdout) => ({ checkLosses: [Number(stdout)] }),
  );
  assert.ok(found.runMs!.min >= 120 && found.runMs!.max >= found.runMs!.median);
  // Busy all the while: a loaded machine stretches the wall clock, not the processor time.
  if (found.processorMs !== undefined) assert.ok(found.processorMs <= found.runMs!.max + 100);
  assert.deepEqual(found.checkLosses, [7]);
});

test("a process that fails says why", async () => {
  const command = () => [
    process.execPath,
    "-e",
    "console.error('no such bundle'); process.exit(3)",
  ];
  await assert.rejects(wholeProcess({ command }, task, 1), /no such bundle\nended with 3/);
});

test("the scale report says from where on the engine refuses", () => {
  const machine = {
    ...{ processor: "p", cores: 2, vectors: "", caches: "", memoryGibibytes: 1 },
    ...{ system: "s", node: "1", v8: "1", loadBefore: 0 },
  };
  // 40 bytes an interaction in the engine and 100 in all; 4 GiB hold 2³² / 40 = 107.37 million.
  const points = [1e7, 2e7].map((interactions) => {
    const stage = { seconds: 1, peakBytes: 100 * interactions };
    const training = { ...stage, stepsPerEpoch: 10, arenaBytes: 40 * interactions };
    const refused = new MemoryError("too much").message;
    return {
      ...{ interactions, users: 1, items: 1 },
      stages: { ingestion: stage, training, evaluation: { refused } },
    };
  });
  const options = { seconds: 1, threads: 2, width: 64 };
  const report = scaleReport(machine, points, options);
  assert.equal(Math.floor(largestArena / 40 / 1e6), 107);
  assert.match(report, /trains up to about 107 million interactions/);
  assert.match(report, /\| 100,000,000 \| 9\.31 \| 9\.31 \| – \| 16 GiB \| yes \|/);
  assert.match(
    report,
    /\| 200,000,000 \| 18\.6 .* \| 24 GiB \| no: the engine would need 7\.45 of/,
  );
  assert.match(report, /\| 2,000,000,000 .* no: offsets of the graph are 32-bit \|/);
  assert.match(report, /\*\*10,000,000, evaluation: too much\*\*/);
});
