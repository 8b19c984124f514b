import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { replaceFiles } from "../../src/data/replace-files.ts";

const folder = await mkdtemp(join(tmpdir(), "lumiere-replace-"));
after(() => rm(folder, { recursive: true }));

test("files appear together, and obsolete ones go", async () => {
  await writeFile(join(folder, "c"), "obsolete");
  await replaceFiles(
    folder,
    ["a", "b"].map((name) => ({ name, write: async (file) => file.writeFile(`new ${name}`) })),
    ["c", "never there"],
  );
  assert.deepEqual((await readdir(folder)).toSorted(), ["a", "b"]);
  assert.equal(await readFile(join(folder, "b"), "utf8"), "new b");
});

test("a failure in the second file leaves the first as it was", async () => {
  const files = [
    { name: "a", write: async () => {} },
    { name: "b", write: () => Promise.reject(new Error("disk full")) },
  ];
  await assert.rejects(replaceFiles(folder, files, ["a"]), /disk full/);
  assert.deepEqual((await readdir(folder)).toSorted(), ["a", "b"]);
  assert.equal(await readFile(join(folder, "a"), "utf8"), "new a");
});
