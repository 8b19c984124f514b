import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { commandLinePage } from "../../scripts/document-cli.ts";

it("docs/cli.md is what the commands say (else run: node scripts/document-cli.ts)", async () => {
  const file = new URL("../../docs/cli.md", import.meta.url);
  assert.equal(readFileSync(file, "utf8"), await commandLinePage());
});
