import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { DatasetsAnswer, Portrait, StatisticsAnswer } from "../../src/studio/schemas.ts";
import { assertAccessible, assertFits, noBrowser, studioForTests } from "./studio-under-test.ts";

// No dataset but the made-up one, on every machine.
const nothing = mkdtempSync(join(tmpdir(), "lumiere-no-data-"));
mkdirSync(join(nothing, "data"));
process.env.LUMIERE_DATA = join(nothing, "data");
process.env.XDG_CACHE_HOME = nothing;
after(() => rmSync(nothing, { recursive: true }));

const under = studioForTests();

const get = async <T>(path: string) => {
  const response = await fetch(under.studio.url + path);
  return { status: response.status, body: (await response.json()) as T };
};

async function portraitAt(path: string): Promise<Portrait> {
  for (;;) {
    const { status, body } = await get<StatisticsAnswer>(path);
    assert.equal(status, 200, JSON.stringify(body));
    if (body.state === "ready") return body.portrait;
  }
}

test("the list says which datasets are here", async () => {
  const { body } = await get<DatasetsAnswer>("/api/datasets");
  assert.ok(body.datasets.length > 10);
  assert.ok(body.datasets.every(({ isHere }) => !isHere));
});

test("a portrait adds up", async () => {
  const portrait = await portraitAt("/api/datasets/synthetic/statistics");
  const { adjacency, interactions, perItem, sampling, activity } = portrait;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  assert.ok(adjacency.rows + adjacency.columns <= 400);
  assert.equal(sum(adjacency.byId), interactions);
  assert.equal(sum(adjacency.byDegree), interactions);
  assert.equal(sum(activity!.bins.map(({ count }) => count)), interactions);
  assert.equal(sum(perItem.bins.map(({ nodes }) => nodes)), portrait.items);
  assert.equal(sum(sampling!.items), portrait.items);
  assert.equal(sum(sampling!.positives.interaction), sampling!.drawn);
  for (const { draws } of sampling!.negatives) assert.equal(sum(draws), sampling!.drawn);
  // By degree the busiest corner comes first.
  assert.equal(adjacency.byDegree[0], Math.max(...adjacency.byDegree));
});

test("the data of a run are those it was trained on; filters are the data's own", async () => {
  const run = await portraitAt("/api/runs/first/statistics");
  assert.deepEqual(run, await portraitAt("/api/datasets/synthetic/statistics"));
  const filtered = await portraitAt("/api/datasets/synthetic/statistics?minRating=5");
  assert.deepEqual(filtered.valueHistogram, run.valueHistogram!.slice(-1));
});

test("what cannot be described says why", async () => {
  for (const [path, status, code] of [
    ["/api/datasets/nothing/statistics", 404, "unknown-dataset"],
    ["/api/datasets/ml-100k/statistics", 404, "not-here"],
    ["/api/datasets/synthetic/statistics?kCore=-1", 400, "invalid"],
    ["/api/datasets/synthetic/statistics?kCore=100000", 400, "filter-empty"],
    ["/api/runs/nothing/statistics", 404, "unknown-run"],
  ] as const) {
    let answer = await get<{ code?: string; state?: string }>(path);
    while (answer.body.state === "working") answer = await get(path);
    assert.deepEqual([answer.status, answer.body.code], [status, code], path);
  }
});

test("the view shows a portrait, on a desk and on a phone, light and dark", {
  skip: noBrowser,
}, async () => {
  for (const options of [{}, { width: 360, dark: true }]) {
    const page = await under.open("/data", options);
    await page.getByRole("img", { name: /adjacency matrix in blocks/ }).waitFor();
    assert.equal(await page.getByRole("combobox", { name: "Data" }).inputValue(), "run:second");
    await page.getByText("The same as a table").click();
    await page.getByText("How full each part is").click();
    await assertAccessible(page);
    await assertFits(page);
    await page.close();
  }
});

test("choices change what is shown, by keyboard, and a link restores them", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/data?data=synthetic");
  const sentence = page.getByText(/The most popular tenth of the items makes up/);
  const before = await sentence.textContent();
  await page.getByRole("combobox", { name: "Negatives" }).focus();
  await page.keyboard.press("End");
  await page.waitForURL(/exponent=1/);
  const after = await sentence.textContent();
  assert.notEqual(after, before);
  await page.getByRole("combobox", { name: "Order" }).selectOption("id");
  await page.waitForURL(/order=id/);
  const filter = page.getByLabel("Ratings from");
  await filter.fill("5");
  await filter.press("Enter");
  await page.getByText(/^Filter: /).waitFor();
  const link = new URL(page.url());
  await page.close();

  const again = await under.open(link.pathname + link.search);
  await again.getByText(/^Filter: /).waitFor();
  assert.equal(await again.getByRole("combobox", { name: "Order" }).inputValue(), "id");
  assert.equal(await again.getByRole("combobox", { name: "Negatives" }).inputValue(), "1");
  assert.equal(await again.getByLabel("Ratings from").inputValue(), "5");
  await again.close();
});

test("data that are not here are an error with a way on", { skip: noBrowser }, async () => {
  const page = await under.open("/data?data=nothing", { refused: true });
  await page
    .getByRole("alert")
    .getByText(/no dataset "nothing"/)
    .waitFor();
  await assertAccessible(page);
  await page.getByRole("combobox", { name: "Data" }).selectOption("dataset:synthetic");
  await page.getByRole("img", { name: /adjacency matrix in blocks/ }).waitFor();
  await page.close();
});
