import assert from "node:assert/strict";
import { test } from "node:test";
import type { EgoAnswer, LayersAnswer } from "../../src/studio/schemas/graph.ts";
import { assertAccessible, assertFits, noBrowser, studioForTests } from "./studio-under-test.ts";

const under = studioForTests();

const get = async <T>(path: string, status = 200): Promise<T> => {
  const response = await fetch(under.studio.url + path);
  assert.equal(response.status, status, path);
  return (await response.json()) as T;
};

test("the surroundings alternate between users and items, within the bounds asked for", async () => {
  const ego = await get<EgoAnswer>("/api/runs/first/ego?id=17&first=3&second=4&third=5");
  const history = await get<{ training: { item: string }[] }>("/runs/first/v1/users/17/history");
  const own = new Set(history.training.map(({ item }) => item));
  assert.deepEqual(ego.nodes[0], {
    ...ego.nodes[0],
    kind: "user",
    id: "17",
    hop: 0,
    degree: own.size,
  });
  assert.equal(ego.reached[0], own.size);
  for (const node of ego.nodes) {
    assert.equal(node.kind, node.hop % 2 === 0 ? "user" : "item");
    if (node.hop === 1) assert.ok(own.has(node.id));
  }
  const counts = [1, 2, 3].map((at) => ego.nodes.filter(({ hop }) => hop === at).length);
  assert.deepEqual(counts, [3, 4, 5]);
  const item = await get<EgoAnswer>(`/api/runs/second/ego?kind=item&id=${ego.nodes[1]!.id}`);
  assert.equal(item.nodes[0]!.title, ego.nodes[1]!.title);
  await get("/api/runs/first/ego?id=nobody", 404);
  await get("/api/runs/first/ego?id=17&first=21", 400);
});

test("the layers of a trained run sum to the vector and to every score; others say why not", async () => {
  const { layers, vectors, because } = await get<LayersAnswer>("/api/runs/first/layers?user=17");
  assert.equal(because, null);
  assert.equal(layers!.length, 4);
  assert.deepEqual(
    layers!.map(({ strongest }) => strongest[0]!.kind),
    ["user", "item", "user", "item"],
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  assert.ok(Math.abs(sum(vectors!.shares) - 1) < 1e-4);
  for (const { score, parts } of vectors!.recommended) {
    assert.ok(Math.abs(sum(parts) - score) < 1e-4 * Math.abs(score), `${sum(parts)} for ${score}`);
  }
  const none = await get<LayersAnswer>("/api/runs/second/layers?user=17");
  assert.equal(none.layers, null);
  assert.match(none.because!, /layers/);
  await get("/api/runs/first/layers?user=nobody", 404);
});

test("a node is put into the middle, the layers step, and a link restores both", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/graph?run=first&user=17");
  await page.getByRole("heading", { name: "Around user 17" }).waitFor();
  await page.getByRole("heading", { name: /^Layer 3: from [\d,]+ items/ }).waitFor();
  await page.getByRole("button", { name: "layer 1" }).click();
  await page.getByRole("heading", { name: /^Layer 1: from [\d,]+ items/ }).waitFor();
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByRole("heading", { name: /^Layer 2: from [\d,]+ users/ }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();

  const picture = page.getByRole("region", { name: "Picture of the surroundings" });
  assert.equal(await picture.getByRole("button").count(), 25);
  await page.getByLabel("Hop 3").focus();
  await page.keyboard.press("Home");
  await picture.getByRole("button").nth(18).waitFor({ state: "detached" });
  assert.equal(await picture.getByRole("button").count(), 18);
  await page.getByText("As a table").click();
  assert.equal(
    (await page.getByRole("rowheader", { name: "user 17", exact: true }).count()) > 0,
    true,
  );
  await assertAccessible(page);
  await assertFits(page);

  const item = picture.getByRole("button").nth(1);
  const name = await item.textContent();
  await item.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `Around ${name}` }).waitFor();
  await page.getByText("Put a user into the middle").waitFor();
  const { searchParams } = new URL(page.url());
  assert.deepEqual([searchParams.has("user"), searchParams.has("item")], [false, true]);
  const again = await under.open(page.url().slice(under.studio.url.length));
  await again.getByRole("heading", { name: `Around ${name}` }).waitFor();
  await again.close();
  await page.close();
});

test("on a phone, in the dark, and for a model without layers", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/graph?run=second", { width: 360, dark: true });
  await page.getByRole("heading", { name: /has no layers to show/ }).waitFor();
  await assertAccessible(page);
  await assertFits(page);
  await page.locator(".picker select").selectOption("first");
  await page.getByRole("heading", { name: /gathers, layer by layer/ }).waitFor();
  await assertAccessible(page);
  await assertFits(page);
  await page.close();
});
