import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { commandText } from "../../src/cli/command-text.ts";

describe("command text", () => {
  it("can be typed again: a shell reads the same words", () => {
    const words = ["train", "--data", 'it\'s a $(file) "here".csv', "--set", "layers=3", "", "é*"];
    const script = `lumiere() { for word in "$@"; do printf '%s\\n' "$word"; done; }\n${commandText(words)}`;
    const shell = spawnSync("sh", ["-c", script], { encoding: "utf8" });
    assert.deepEqual(shell.stdout.split("\n").slice(0, -1), words);
  });

  it("shows no password", () => {
    const words = [
      "postgres://me:s3cret@db.example/shop",
      "https://me:s3cret@example.org/a.csv?sig=s3cret",
      "s3://bucket/key.parquet?secret=s3cret",
      "SELECT * FROM postgres_scan('host=db password=s3cret user=me', 'public', 'likes')",
      "SELECT * FROM 'postgres://me:s3cret@db/shop'",
      "CREATE SECRET (TYPE s3, KEY_ID 'id', SECRET 's3cret')",
    ];
    for (const word of words) {
      const text = commandText(["train", "--data", word]);
      assert.ok(!text.includes("s3cret"), text);
    }
    assert.match(commandText(["--data", words[0]!]), /db\.example\/shop/);
  });
});
