import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ApiKeys, addKey } from "../../src/serving/api-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-keys-"));

test("a key is known by its text alone, and allows what it was given", () => {
  const path = join(folder, "keys.json");
  const [reading, writing] = [addKey(path, "page", ["read"]), addKey(path, "shop", ["write"])];
  assert.ok(!readFileSync(path, "utf8").includes(reading.slice(-10)));
  const keys = ApiKeys.open(path);
  assert.equal(keys.authorise(`Bearer ${reading}`, "read"), "page");
  assert.equal(keys.authorise(`bearer ${writing}`, "write"), "shop");
  for (const [header, scope, status] of [
    [undefined, "read", 401],
    ["", "read", 401],
    [reading, "read", 401],
    [`Bearer  ${reading}`, "read", 401],
    [`Bearer ${reading} `, "read", 401],
    [`Bearer ${reading.slice(0, -1)}`, "read", 401],
    [`Basic ${reading}`, "read", 401],
    ["Bearer __proto__", "read", 401],
    [`Bearer ${"x".repeat(10_000)}`, "read", 401],
    [`Bearer ${reading}`, "write", 403],
    [`Bearer ${writing}`, "read", 403],
  ] as const) {
    assert.throws(() => keys.authorise(header, scope), { status }, header);
  }
});

test("names that are taken or missing, and files that cannot be used, are refused by name", () => {
  const path = join(folder, "more.json");
  addKey(path, "shop", ["read"]);
  assert.throws(() => addKey(path, "shop", ["read"]), { code: "key-name", message: /"shop"/ });
  assert.throws(() => addKey(path, "", ["read"]), { code: "key-name", exitCode: 2 });
  assert.throws(() => addKey(path, "x".repeat(101), ["read"]), {
    code: "key-name",
    message: /101/,
  });
  assert.equal(JSON.parse(readFileSync(path, "utf8")).keys.length, 1);
  const inside = join(path, "keys.json");
  assert.throws(() => addKey(inside, "a", ["read"]), { code: "key-file", message: /more\.json/ });
  for (const text of ["", "{", '{"keys": [{"name": "a"}]}', '{"keys": [], "more": 1}']) {
    writeFileSync(path, text);
    assert.throws(() => ApiKeys.open(path), {
      code: "key-file",
      exitCode: 2,
      message: /more\.json/,
    });
  }
});
