import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { BadInputError } from "../../src/base/errors.ts";
import { checkFile, checkFolder, makeFolder } from "../../src/base/folders.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-folders-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => join(folder, ...names);
writeFileSync(at("file"), "!");
mkdirSync(at("real"));
symlinkSync(at("real"), at("link"));

it("makes a folder with those around it, and leaves one that is there", () => {
  for (const path of [at("a", "b", "c"), at("a", "b", "c"), at("link", "d"), at("a", "..", "e")]) {
    makeFolder(path);
    assert.ok(statSync(path).isDirectory(), path);
  }
  assert.deepEqual(readdirSync(at("real")), ["d"]);
  assert.throws(() => makeFolder(at("file", "below")), { code: "ENOTDIR" });
});

it("below /proc, where Node's recursive mkdir never ends, it is an error", {
  skip: !existsSync("/proc/self"),
}, () => {
  assert.throws(() => makeFolder("/proc/nope/deeper"), /mkdir '\/proc\/nope'/);
});

it("checking leaves nothing behind, and names what is in the way", () => {
  const before = readdirSync(folder);
  for (const path of [at("new"), at("new", "er"), at("real"), at("link", "x")]) {
    checkFolder("--out", path);
    checkFile("--out", join(path, "x.csv"));
  }
  const refusals: [() => void, RegExp][] = [
    [
      () => checkFolder("--out", at("file")),
      /^--out ".*file": .*file is a file, expected a folder/,
    ],
    [() => checkFolder("--out", at("file", "x")), /file is a file/],
    [() => checkFolder("--out", " "), /found no name, expected that of a folder/],
    [
      () => checkFolder("--out", at("x".repeat(300))),
      /nothing can be written there \(ENAMETOOLONG\)/,
    ],
    [() => checkFile("--out", at("real")), /found a folder, expected the name of a file/],
    [() => checkFile("--out", ""), /found no name, expected that of a file/],
  ];
  for (const [check, message] of refusals) {
    assert.throws(check, (error: Error) => {
      assert.match(error.message, message);
      return error instanceof BadInputError;
    });
  }
  assert.deepEqual(readdirSync(folder), before);
  assert.deepEqual(readdirSync(at("real")), ["d"]);
});
