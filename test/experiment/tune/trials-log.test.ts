import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Trial, TrialsLog } from "../../../src/experiment/tune/trials-log.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-trials-"));
after(() => rmSync(folder, { recursive: true }));

const identity = { model: "bpr", seed: 1 };
const trial = (number: number): Trial => ({
  ...{ trial: number, configuration: number, rung: null, epochs: null },
  ...{ settings: { width: 8, loss: "bpr", twice: true }, value: 1 / (number + 2) },
  ...{ bestEpoch: 3, seconds: 0.5, error: null },
});
const failed: Trial = { ...trial(3), value: null, error: { code: "x", message: 'a "b"\nc' } };

function written(name: string): string {
  const path = join(folder, name);
  const log = TrialsLog.create(path, identity);
  for (const each of [trial(1), trial(2), failed]) log.append(each);
  return path;
}

describe("the log of trials", () => {
  it("gives back what was written, one line each", () => {
    const path = written("whole.jsonl");
    assert.equal(readFileSync(path, "utf8").split("\n").length, 5);
    assert.deepEqual(TrialsLog.resume(path, identity).trials, [trial(1), trial(2), failed]);
  });

  it("drops a last line that was cut off, wherever it was cut, and goes on", () => {
    const path = written("cut.jsonl");
    const whole = readFileSync(path);
    const before = whole.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let end = before; end < whole.length; end++) {
      writeFileSync(path, whole.subarray(0, end));
      const log = TrialsLog.resume(path, identity);
      assert.equal(log.trials.length, 2);
      log.append(failed);
      assert.deepEqual(readFileSync(path), whole);
    }
  });

  it("refuses trials that are not its own, and never overwrites any", () => {
    const path = written("own.jsonl");
    assert.throws(() => TrialsLog.create(path, identity), /holds 3 trials .* --resume/);
    assert.throws(
      () => TrialsLog.resume(path, { ...identity, seed: 2 }),
      /another search: seed was 1, and is 2 now/,
    );
    assert.throws(
      () => TrialsLog.resume(path, { ...identity, metric: "hr@5" }),
      /metric was nothing, and is "hr@5" now/,
    );
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, lines.with(2, "{").join("\n"));
    assert.throws(() => TrialsLog.resume(path, identity), /line 3 is not trial 2/);
    writeFileSync(path, lines.toSpliced(2, 1).join("\n"));
    assert.throws(() => TrialsLog.resume(path, identity), /line 3 is not trial 2/);
    writeFileSync(path, "");
    assert.throws(() => TrialsLog.resume(path, identity), /line 1 does not say/);
  });

  it("notices another program that writes to it", () => {
    const path = written("shared.jsonl");
    const log = TrialsLog.resume(path, identity);
    appendFileSync(path, `${JSON.stringify(trial(4))}\n`);
    assert.throws(() => log.append(trial(4)), /changed by another program/);
  });
});
