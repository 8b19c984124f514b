import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { table, wrap } from "../../src/cli/table.ts";

describe("table", () => {
  it("aligns text to the left and figures to the right", () => {
    assert.equal(
      table(
        [
          ["name", "n"],
          ["a", "10"],
          ["bcdef", "5"],
        ],
        { right: [1], indent: " " },
      ),
      [" name    n", " ─────────", " a      10", " bcdef   5"].join("\n"),
    );
  });

  it("gives wide letters two columns and combining accents none", () => {
    const lines = table([
      ["x", "y"],
      ["漢字", "1"],
      ["e\u0301", "2"],
    ]).split("\n");
    assert.equal(lines[2], "漢字  1");
    assert.equal(lines[3], "e\u0301     2");
  });

  it("breaks prose in the last column to fit the terminal", () => {
    const text = table(
      [
        ["k", "what"],
        ["a", "one two three four five six seven eight"],
      ],
      {
        columns: 30,
      },
    );
    assert.deepEqual(text.split("\n").slice(2), [
      "a  one two three four five six",
      "   seven eight",
    ]);
    assert.ok(text.split("\n").every((line) => line.length <= 30));
  });

  it("leaves words longer than the line whole", () => {
    assert.equal(wrap("a bbbbbbbb c", 4), "a\nbbbbbbbb\nc");
  });
});
