import assert from "node:assert/strict";
import { test } from "node:test";
import { killServer } from "./killed-server.ts";

test("a server that is killed under load loses no acknowledged event and starts again", async () => {
  const { acknowledged, missing, stored } = await killServer(3, 1);
  assert.equal(missing, 0);
  assert.ok(stored >= acknowledged);
});
