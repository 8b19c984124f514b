import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  assertAccessible,
  assertFits,
  makeRuns,
  noBrowser,
  studioForTests,
} from "./studio-under-test.ts";

const under = studioForTests(async (folder) => {
  await makeRuns(folder);
  mkdirSync(join(folder, "broken"));
  writeFileSync(join(folder, "broken", "report.json"), "{");
});

const get = async (path: string, init?: RequestInit) => {
  const response = await fetch(under.studio.url + path, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("the list names every run with a report, and those that cannot be read", async () => {
  const { body } = await get("/api/runs");
  const runs = body.runs as { id: string; hasBundle: boolean; hasPerUser: boolean }[];
  assert.deepEqual(runs.map(({ id }) => id).sort(), ["first", "second"]);
  assert.ok(runs.every(({ hasBundle, hasPerUser }) => hasBundle && hasPerUser));
  assert.deepEqual(
    (body.unreadable as { folder: string }[]).map(({ folder }) => folder),
    ["broken"],
  );
});

test("a run answers the API of lumiere serve below its own address", async () => {
  const post = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: "1", k: 3 }),
  };
  const { status, body } = await get("/runs/first/v1/recommendations", post);
  assert.equal(status, 200);
  assert.equal((body.items as unknown[]).length, 3);
  const { body: models } = await get("/runs/second/v1/models");
  assert.equal((models.current as { name: string }).name, "popularity");
});

test("no id reaches a folder that is not a run", async () => {
  for (const id of ["..", "%2e%2e", "first%2f..%2fsecond", "..~first", "nothing", "__proto__"]) {
    const { status } = await get(`/runs/${id}/v1/models`);
    assert.equal(status, 404, id);
    assert.equal((await get(`/api/runs/${id}/report`)).status, 404, id);
  }
});

test("a page of another site cannot ask by its own name", async () => {
  // fetch cannot forge the Host header; a raw request can.
  const { request } = await import("node:http");
  const { port } = new URL(under.studio.url);
  for (const path of ["/api/runs", "/runs/first/v1/models"]) {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ port, path, headers: { host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    assert.equal(status, 421, path);
  }
});

test("the overview shows the runs, on a desk and on a phone, light and dark", {
  skip: noBrowser,
}, async () => {
  for (const options of [{}, { width: 360, dark: true }]) {
    const page = await under.open("/", options);
    await page.getByRole("rowheader", { name: "LightGCN" }).waitFor();
    assert.equal(await page.getByRole("rowheader").count(), 2);
    await assertAccessible(page);
    await assertFits(page);
    await page.close();
  }
});
