import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { RandomStream } from "../../src/base/random.ts";

const program = fileURLToPath(new URL("./killed-run.ts", import.meta.url));

/** Runs the program; kills it so many milliseconds after it has started. */
function run(
  model: string,
  directory: string,
  threads: number,
  killAfter: number | null,
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, model, directory, String(threads)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const isFirst = output === "";
      output += chunk.toString();
      if (isFirst && killAfter !== null) setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("error", reject);
    child.on("close", () => resolve(output.match(/model (\w+)/)?.[1] ?? null));
  });
}

// NeuMF is three runs: GMF and MLP, and then itself from what they have learned.
for (const model of ["lightgcn", "neumf"]) {
  it(`a run killed with SIGKILL at random moments and resumed equals an uninterrupted one: ${model}`, async () => {
    const expected = await run(model, "", 1, null);
    assert.ok(expected);
    const directory = mkdtempSync(join(tmpdir(), "lumiere-kill-"));
    const random = new RandomStream(Date.now(), "kill");
    try {
      let kills = 0;
      for (; kills < 8; kills++) {
        const after = 60 + random.below(250);
        if ((await run(model, directory, 1 + random.below(2), after)) !== null) break;
      }
      assert.ok(kills >= 2, `killed only ${kills} times before the run was over`);
      assert.equal(await run(model, directory, 2, null), expected);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
