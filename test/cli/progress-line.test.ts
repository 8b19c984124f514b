import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeProgress, ProgressLine } from "../../src/cli/progress-line.ts";

const event = (done: number) => ({ stage: "train", done, total: 100, unit: "epochs" });

function line(isTTY: boolean, columns = 200) {
  const written: string[] = [];
  const clock = { now: 0 };
  const target = { isTTY, columns, write: (text: string) => written.push(text) };
  return { written, clock, progress: new ProgressLine(target, () => clock.now) };
}

describe("progress line", () => {
  it("shows epoch, loss, validation metric and time left", () => {
    const text = describeProgress(
      { ...event(25.6), figures: { loss: 0.34567, "ndcg@20": 0.4321 } },
      62.4,
    );
    assert.equal(
      text,
      "train     ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  25/100 epochs  loss 0.3457  validation NDCG@20 0.4321  at most 1:02 left",
    );
  });

  it("says validation where a comparison names the run before the stage", () => {
    const named = {
      ...event(50),
      stage: "bpr, seed 1 (2 of 6): train",
      figures: { "ndcg@20": 0.25 },
    };
    assert.equal(
      describeProgress(named, 5, false),
      "bpr, seed 1 (2 of 6): train  50/100 epochs  validation NDCG@20 0.2500  at most 0:05 left",
    );
  });

  it("shows bytes as megabytes, and what it can where the total is not known", () => {
    assert.equal(
      describeProgress({ stage: "download", done: 3_100_000, total: 4_700_000, unit: "bytes" }, 5),
      "download  ━━━━━━━━━━━━━╌╌╌╌╌╌╌  3.1/4.7 MB  0:05 left",
    );
    assert.equal(
      describeProgress({ stage: "ingest", done: 1_234_567, unit: "rows" }, null),
      "ingest    1,234,567 rows",
    );
    assert.match(describeProgress(event(1), 3 * 3600 + 61), /at most 3:01:01 left/);
  });

  it("rewrites one line on a terminal, ten times a second, and takes it away", () => {
    const { written, clock, progress } = line(true, 30);
    progress.report(event(1));
    clock.now = 50;
    progress.report(event(2));
    clock.now = 150;
    progress.report(event(3));
    progress.clear();
    progress.clear();
    assert.equal(written.length, 3, "the event at 50 ms comes too soon; a line goes once");
    for (const text of written) assert.ok(text.startsWith("\r\u001b[2K"));
    assert.ok(written.every((text) => text.length <= "\r\u001b[2K".length + 29));
    assert.equal(written[2], "\r\u001b[2K");
  });

  it("gives up the bar before the figures where the terminal is narrow or will not say", () => {
    const { written, progress } = line(true, 0);
    progress.report({ ...event(25), figures: { loss: 0.34567, "ndcg@20": 0.4321 } });
    assert.equal(
      written[0],
      "\r\u001b[2Ktrain     25/100 epochs  loss 0.3457  validation NDCG@20 0.4321",
    );
  });

  it("writes a line every five seconds elsewhere, and none for short stages", () => {
    const { written, clock, progress } = line(false);
    for (const now of [0, 1000, 4900, 5000, 9000, 10_100]) {
      clock.now = now;
      progress.report(event(now / 1000));
    }
    progress.clear();
    assert.equal(written.length, 2);
    assert.ok(
      written.every((text) => /^train .*left\n$/.test(text)),
      String(written),
    );
  });

  it("counts the rate from where the stage began, also after a resume", () => {
    const { written, clock, progress } = line(true);
    clock.now = 1000;
    progress.report(event(50));
    clock.now = 11_000;
    progress.report(event(60));
    // 10 epochs in 10 s leave 40 s for the other 40.
    assert.match(written.at(-1)!, /at most 0:40 left/);
  });

  it("counts the rate anew where the same stage goes on in another unit", () => {
    const { written, clock, progress } = line(true);
    progress.report({ stage: "refit", done: 900, total: 900, unit: "rows" });
    clock.now = 1000;
    progress.report({ stage: "refit", done: 1, total: 10, unit: "epochs" });
    clock.now = 2000;
    progress.report({ stage: "refit", done: 2, total: 10, unit: "epochs" });
    assert.match(written.at(-1)!, /0:08 left/);
  });
});
