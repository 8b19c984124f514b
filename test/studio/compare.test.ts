import assert from "node:assert/strict";
import { test } from "node:test";
import { runExperiment } from "../../src/experiment.ts";
import type { ComparisonAnswer } from "../../src/studio/schemas.ts";
import {
  assertAccessible,
  assertFits,
  makeRuns,
  noBrowser,
  studioForTests,
} from "./studio-under-test.ts";

const under = studioForTests(async (folder) => {
  await makeRuns(folder);
  // Another cut: it cannot be compared with the two.
  await runExperiment({
    data: "synthetic",
    split: "random:0.7",
    model: "random",
    output: `${folder}/other`,
  });
});

const compare = async (query: string) => {
  const response = await fetch(`${under.studio.url}/api/compare?${query}`);
  return { status: response.status, body: await response.json() };
};

test("runs are compared as lumiere compare does, under the names of their folders", async () => {
  const { status, body } = await compare("runs=first,second");
  assert.equal(status, 200);
  const { comparison, markdown, csv } = body as ComparisonAnswer;
  assert.deepEqual(comparison.models.map(({ label }) => label).sort(), ["lightgcn", "popularity"]);
  assert.deepEqual(comparison.models.flatMap(({ folders }) => folders).sort(), ["first", "second"]);
  const [test] = comparison.tests;
  const of = (label: string) => comparison.models.find((model) => model.label === label)!;
  const key = test!.metric;
  const difference = of(test!.label).metrics[key]!.mean! - of(test!.reference).metrics[key]!.mean!;
  assert.ok(Math.abs(difference - test!.difference!) < 1e-9);
  assert.match(markdown, /\| popularity/i);
  assert.equal(csv.trimEnd().split("\n").length > 2, true);
});

test("a metric orders, a baseline is whom the others meet", async () => {
  const { body } = await compare("runs=first,second&metric=recall@10&baseline=popularity");
  const { comparison } = body as ComparisonAnswer;
  assert.equal(comparison.metric, "recall@10");
  assert.equal(comparison.reference, "popularity");
  const means = comparison.models.map(({ metrics }) => metrics["recall@10"]!.mean!);
  assert.deepEqual(
    means,
    means.toSorted((a, b) => b - a),
  );
});

test("what cannot be compared says why", async () => {
  for (const [query, status, message] of [
    ["runs=first,other", 400, /another split/],
    ["runs=first,nothing", 404, /no run "nothing"/],
    ["runs=first,second&metric=fame@3", 400, /fame@3/],
    ["runs=first,second&baseline=nobody", 400, /nobody/],
    ["", 400, /query\.runs/],
  ] as const) {
    const { status: found, body } = await compare(query);
    assert.equal(found, status, query);
    assert.match(body.detail, message);
  }
});

test("the view compares what is chosen, by keyboard, and a link restores it", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/compare");
  await page.getByRole("heading", { name: "Which runs?" }).waitFor();
  await page.getByRole("checkbox", { name: /LightGCN/ }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("table").waitFor();
  await page.getByRole("button", { name: "All of these 2" }).press("Enter");
  await page.getByText("reference", { exact: true }).waitFor();
  await page.getByLabel("Tested against").selectOption("popularity");
  const row = page.getByRole("row", { name: /^popularity/ });
  await row.getByText("reference").waitFor();
  const address = page.url();
  assert.match(address, /runs=first%2Csecond|runs=second%2Cfirst/);
  await page.close();

  const again = await under.open(address.slice(under.studio.url.length));
  await again
    .getByRole("row", { name: /^popularity/ })
    .getByText("reference")
    .waitFor();
  assert.equal(await again.locator(".chart svg").count(), 4);
  const download = again.waitForEvent("download");
  await again.getByRole("link", { name: "leaderboard.csv" }).click();
  assert.equal((await download).suggestedFilename(), "leaderboard.csv");
  await again.close();
});

test("runs of another cut take the place of what was chosen; a lost run is said", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/compare?runs=first,gone");
  await page.getByText("1 of the runs in this link").waitFor();
  await page.getByRole("checkbox", { name: /other/ }).check();
  await page.getByRole("row", { name: /^random/ }).waitFor();
  assert.equal(await page.getByRole("checkbox", { checked: true }).count(), 1);
  await page.close();
});

test("it is accessible and fits, on a desk and on a phone, light and dark", {
  skip: noBrowser,
}, async () => {
  for (const options of [{}, { width: 360, dark: true }]) {
    const page = await under.open("/compare?runs=first,second", options);
    await page.getByRole("img").first().waitFor();
    await assertAccessible(page);
    await assertFits(page);
    await page.close();
  }
});
