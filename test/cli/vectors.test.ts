import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { start, writeRatings } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-vectors-"));
after(() => rmSync(folder, { recursive: true }));
const ratings = writeRatings(join(folder, "ratings.csv"));
const vectors = new URL("../../src/cli/vectors.ts", import.meta.url).href;
const isIntel = { skip: process.arch !== "x64" && "x64 alone has 256-bit vectors" };

/** What a program prints that chooses vectors as `options` say, and then says what became of it. */
function choose(options: string, LUMIERE_WIDE?: string): string[] {
  const program = join(folder, "choose.mjs");
  const lines = [
    `import { chooseVectors } from ${JSON.stringify(vectors)};`,
    'console.log("start", process.env.LUMIERE_WIDE ?? "unset");',
    `chooseVectors(${options});`,
    'console.log("goes on", process.env.LUMIERE_WIDE, ...process.argv.slice(2));',
  ];
  writeFileSync(program, lines.join("\n"));
  const { LUMIERE_WIDE: _, ...rest } = process.env;
  const env = LUMIERE_WIDE === undefined ? rest : { ...rest, LUMIERE_WIDE };
  const words = ["--no-warnings", program, "two words", "--flag"];
  return execFileSync(process.execPath, words, { env, encoding: "utf8" }).trim().split("\n");
}

describe("vectors of commands that train", isIntel, () => {
  it("are of 256 bits where they compute the same numbers", () => {
    assert.deepEqual(choose("{}"), ["start unset", "goes on on two words --flag"]);
  });

  it("start the program again without them where they do not, with the same words", () => {
    const right = "{ isRight: () => false }";
    assert.deepEqual(choose(right), ["start unset", "start off", "goes on off two words --flag"]);
  });

  it("are as LUMIERE_WIDE says, where it says so", () => {
    const never = "{ isRight: () => { throw new Error('asked') } }";
    assert.deepEqual(choose(never, "off"), ["start off", "goes on off two words --flag"]);
  });

  it("give the same bits as those of 128", async () => {
    const bundles = await Promise.all(
      ["", "off"].map(async (wide) => {
        const out = join(folder, `run${wide}`);
        const words = [
          ...["train", "--data", ratings, "--split", "random:0.8", "--threads", "1", "--json"],
          ...["--set", "patience=0", "--set", "batchSize=64", "--epochs", "15", "--out", out],
        ];
        const environment = { LUMIERE_WIDE: wide || undefined };
        const { code, stdout, stderr } = await start(words, environment).finished;
        assert.equal(code, 0, stderr);
        const { device } = JSON.parse(stdout);
        assert.equal(/256-bit vectors/.test(device), wide === "", device);
        return readFileSync(join(out, "bundle", "model.safetensors"));
      }),
    );
    assert.deepEqual(bundles[0], bundles[1]);
  });
});
