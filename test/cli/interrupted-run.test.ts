import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { lumiere, start, writeRatings } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-command-line-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const ratings = writeRatings(at("ratings.csv"));

describe("an interrupted run", () => {
  it("stops cleanly on Ctrl-C and goes on to the same bits with --resume", async () => {
    const words = (out: string) => [
      ...["train", "--data", ratings, "--split", "random:0.8", "--set", "patience=0"],
      ...["--set", "batchSize=8", "--set", "width=8", "--epochs", "150", "--out", at(out)],
      ...["--threads", "1"],
    ];
    const whole = lumiere(...words("whole"), "--json");
    const { process: child, finished } = start([
      ...words("interrupted"),
      ...["--json", "--checkpoint-epochs", "1"],
    ]);
    const checkpoint = at("interrupted", "checkpoint");
    while (!existsSync(checkpoint)) await new Promise((later) => setTimeout(later, 5));
    child.kill("SIGINT");
    const stopped = await finished;
    assert.equal(stopped.code, 1, stopped.stderr);
    assert.equal(JSON.parse(stopped.stdout).error.code, "stopped");
    assert.match(stopped.stderr, /stopping cleanly/);
    assert.equal(existsSync(at("interrupted", "report.json")), false);
    assert.equal(existsSync(at("interrupted", "bundle")), false);

    const resumed = await lumiere(...words("interrupted"), "--json", "--resume");
    assert.equal(resumed.code, 0, resumed.stderr);
    const [straight, again] = [JSON.parse((await whole).stdout), JSON.parse(resumed.stdout)];
    assert.deepEqual(again.metrics, straight.metrics);
    const file = (out: string) => readFileSync(at(out, "bundle", "model.safetensors"));
    assert.deepEqual(file("interrupted"), file("whole"));
  });

  it("says so where there is nothing to resume", async () => {
    const { code, stderr } = await lumiere(
      ...["train", "--data", ratings, "--model", "random", "--out", at("fresh"), "--resume"],
    );
    assert.equal(code, 0);
    assert.match(stderr, /checkpoint does not exist: starting from the beginning/);
  });
});
