import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { writeMovies } from "./small-movies.ts";
import { start } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-demo-"));
after(() => rmSync(folder, { recursive: true, force: true }));

it("the demo refuses a user whom nobody knows before it trains", async () => {
  writeMovies(folder);
  const out = join(folder, "run");
  const words = ["demo", "--user", "3000", "--out", out];
  const { code, stdout, stderr } = await start(words, { LUMIERE_DATA: folder }).finished;
  assert.match(
    stderr,
    /^lumiere: --user "3000" is not among the 30 users of ml-100k; nearest: "30", .*; without --user somebody is drawn$/m,
  );
  assert.equal(stdout, "");
  assert.equal(code, 2);
  assert.ok(!existsSync(out), "no model was trained");
});
