import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_SHOWN, readPageToken, writePageToken } from "../../src/serving/page-token.ts";
import { MOST_TOKEN } from "../../src/serving/schemas.ts";

test("a token remembers any ids, and comes back whole", () => {
  const shown = ["i1", "é 😀", "__proto__", "a\tb", "", "x".repeat(1000)];
  assert.deepEqual(readPageToken(writePageToken(shown)!), shown);
});

test("a token that a request could not bring back is not handed out", () => {
  assert.equal(writePageToken(Array(MOST_SHOWN + 1).fill("a")), null);
  const long = Array(MOST_SHOWN).fill("x".repeat(140));
  assert.ok(writePageToken(long)!.length <= MOST_TOKEN);
  assert.equal(writePageToken(Array(MOST_SHOWN).fill("x".repeat(160))), null);
});

test("what is no token of ours is refused", () => {
  const forged = [
    "x",
    Buffer.from("[]").toString("base64url"),
    Buffer.from('{"shown":"i1"}').toString("base64url"),
    Buffer.from('{"shown":[1]}').toString("base64url"),
    Buffer.from('{"shown":[],"more":1}').toString("base64url"),
    Buffer.from(JSON.stringify({ shown: Array(MOST_SHOWN + 1).fill("a") })).toString("base64url"),
  ];
  for (const token of forged) {
    assert.throws(() => readPageToken(token), { status: 400, code: "page-token" }, token);
  }
});
