import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { lumiere } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-generate-"));
after(() => rmSync(folder, { recursive: true }));

describe("lumiere generate", () => {
  it("writes as many distinct ratings as asked for, the same for the same seed", async () => {
    const sizes = ["--interactions", "3000", "--users", "150", "--items", "90", "--json"];
    const [first, again] = [join(folder, "a.csv"), join(folder, "b.csv")];
    const { code, stdout, stderr } = await lumiere("generate", "--out", first, ...sizes);
    assert.equal(code, 0, stderr);
    const found: { interactions: number; bytes: number } = JSON.parse(stdout);
    const text = readFileSync(first, "utf8");
    assert.equal(found.interactions, 3000);
    assert.equal(found.bytes, text.length);
    const [header, ...lines] = text.trim().split("\n");
    assert.equal(header, "user,item,rating,timestamp");
    const pairs = lines.map((line) => line.split(",").slice(0, 2).join());
    assert.equal(new Set(pairs).size, 3000);
    assert.equal(new Set(pairs.map((pair) => pair.split(",")[0])).size, 150);
    await lumiere("generate", "--out", again, ...sizes);
    assert.equal(readFileSync(again, "utf8"), text);
  });

  it("refuses sizes that do not fit together, and leaves nothing behind", async () => {
    const out = join(folder, "none.csv");
    const few = await lumiere(
      ...["generate", "--out", out, "--interactions", "1000", "--users", "10", "--items", "20"],
    );
    assert.equal(few.code, 2);
    assert.ok(!existsSync(out));
    const name = await lumiere("generate", "--out", join(folder, "ratings.parquet"));
    assert.equal(name.code, 2);
    assert.match(name.stderr, /ends in \.csv/);
  });
});
