import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { RandomStream } from "../../src/base/random.ts";

const program = fileURLToPath(new URL("./killed-run.ts", import.meta.url));

interface Ran {
  /** Of the model, where the run came to its end. */
  readonly hash: string | null;
  /** From the moment the program said that it had started. */
  readonly milliseconds: number;
}

/** Runs the program; kills it so many milliseconds after it has started. */
function run(
  model: string,
  directory: string,
  threads: number,
  killAfter: number | null,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    let begin = 0;
    const child = spawn(process.execPath, [program, model, directory, String(threads)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (output === "") {
        begin = performance.now();
        if (killAfter !== null) setTimeout(() => child.kill("SIGKILL"), killAfter);
      }
      output += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", () => {
      const hash = output.match(/model (\w+)/)?.[1] ?? null;
      resolve({ hash, milliseconds: performance.now() - begin });
    });
  });
}

// NeuMF is three runs: GMF and MLP, and then itself from what they have learned.
for (const model of ["lightgcn", "neumf"]) {
  it(`a run killed with SIGKILL at random moments and resumed equals an uninterrupted one: ${model}`, async () => {
    const { hash: expected, milliseconds } = await run(model, "", 1, null);
    assert.ok(expected);
    const directory = mkdtempSync(join(tmpdir(), "lumiere-kill-"));
    const random = new RandomStream(Date.now(), "kill");
    try {
      let kills = 0;
      for (; kills < 8; kills++) {
        // Shares of a whole run, so that a fast machine is not done before its second death.
        const after = milliseconds * (0.08 + random.below(250) / 1000);
        if ((await run(model, directory, 1 + random.below(2), after)).hash !== null) break;
      }
      assert.ok(kills >= 2, `killed only ${kills} times before the run was over`);
      assert.equal((await run(model, directory, 2, null)).hash, expected);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
