import assert from "node:assert/strict";
import { test } from "node:test";
import { killServer } from "./killed-server.ts";
import { storeKinds } from "./stores.ts";

for (const kind of storeKinds) {
  const what = "a server that is killed under load loses no acknowledged event and starts again";
  test(`${what}, on ${kind.name}`, { skip: kind.skip }, async (t) => {
    await kind.start();
    t.after(() => kind.stop());
    const { acknowledged, missing, stored } = await killServer(3, 1, kind);
    assert.equal(missing, 0);
    assert.ok(stored >= acknowledged);
  });
}
