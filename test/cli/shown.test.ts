import assert from "node:assert/strict";
import { it } from "node:test";
import { shown, shownItem } from "../../src/cli/shown.ts";

it("shows control characters escaped, and long texts cut", () => {
  assert.equal(shown("日本, 東京 é"), "日本, 東京 é");
  assert.equal(shown("a\nb\r\tc"), "a\\nb\\r\\tc");
  assert.equal(shown("\u001b[31mred\u0085\u2028\u202e"), "\\u001b[31mred\\u0085\\u2028\\u202e");
  assert.equal(shown("x".repeat(80)), "x".repeat(80));
  assert.equal(shown("x".repeat(5000)), `${"x".repeat(79)}…`);
  // A character of two code units is one, and never cut in half.
  assert.equal(shown("🎬".repeat(80)), "🎬".repeat(80));
  assert.equal(shown("🎬".repeat(81)), `${"🎬".repeat(79)}…`);
  assert.equal(shownItem({ item: "1\n", title: null }), "1\\n");
  assert.equal(shownItem({ item: "1", title: "T\n" }), "T\\n");
});
