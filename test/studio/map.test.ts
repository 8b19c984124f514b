import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { MapAnswer, VectorsAnswer } from "../../src/studio/schemas.ts";
import { assertAccessible, assertFits, noBrowser, studioForTests } from "./studio-under-test.ts";

const under = studioForTests();

const get = async <T>(path: string) => {
  const response = await fetch(under.studio.url + path);
  return { status: response.status, body: (await response.json()) as T };
};

test("a map has every item and user, the most popular first, with coordinates around nought", async () => {
  const { body } = await get<MapAnswer>("/api/runs/first/map");
  assert.ok(body.state === "ready");
  const { items, users, shares, genreNames } = body;
  assert.equal(items.ids.length, body.itemCount);
  assert.equal(new Set(items.ids).size, body.itemCount);
  assert.equal(users.ids.length, body.userCount);
  assert.deepEqual(
    items.popularity,
    items.popularity.toSorted((a, b) => b - a),
  );
  assert.ok(shares[0]! >= shares[1]! && shares[1]! > 0 && shares[0]! + shares[1]! <= 1);
  for (const column of [items.titles!, items.years!, items.genres!, items.x, items.y]) {
    assert.equal(column.length, body.itemCount);
  }
  assert.ok(items.genres!.flat().every((genre) => genreNames[genre] !== undefined));
  const mean = items.x.reduce((sum, x) => sum + x, 0) / items.x.length;
  assert.ok(Math.abs(mean) < 1e-3 * Math.max(...items.x.map(Math.abs)));
  // The first direction spreads the items the most.
  const variance = (places: number[]) => places.reduce((sum, place) => sum + place * place, 0);
  assert.ok(Math.abs(variance(items.x) / variance(items.y) / (shares[0]! / shares[1]!) - 1) < 0.01);
});

test("vectors come in the order of the map, each of length 1", async () => {
  const { body } = await get<VectorsAnswer>("/api/runs/first/map/vectors?count=20");
  const data = new Float32Array(new Uint8Array(Buffer.from(body.base64, "base64")).buffer);
  assert.equal(data.length, 20 * body.width);
  const row = (at: number) => data.subarray(at * body.width, (at + 1) * body.width);
  for (let at = 0; at < 20; at++) assert.ok(Math.abs(Math.hypot(...row(at)) - 1) < 1e-5);
  // The cosine of the first and its nearest is what the server says it is.
  const map = (await get<MapAnswer>("/api/runs/first/map")).body;
  assert.ok(map.state === "ready");
  const [first, second] = map.items.ids;
  const { body: similar } = await get<{ items: { item: string; similarity: number }[] }>(
    `/runs/first/v1/items/${first}/similar?k=500`,
  );
  const told = similar.items.find(({ item }) => item === second);
  const cosine = row(0).reduce((sum, part, at) => sum + part * row(1)[at]!, 0);
  if (told) assert.ok(Math.abs(told.similarity - cosine) < 1e-4);
  else assert.ok(cosine <= similar.items.at(-1)!.similarity + 1e-6);
});

test("models without vectors say so, and bad questions are refused", async () => {
  assert.equal((await get<MapAnswer>("/api/runs/second/map")).body.state, "no-embeddings");
  for (const [path, status] of [
    ["/api/runs/second/map/vectors", 404],
    ["/api/runs/nothing/map", 404],
    ["/api/runs/first/map/vectors?count=1", 400],
  ] as const) {
    assert.equal((await get(path)).status, status, path);
  }
});

/** How many pixels of the picture differ from its ground. */
async function painted(page: Page): Promise<number> {
  const picture = await page.locator(".plot canvas").screenshot();
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const copy = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
    copy.drawImage(image, 0, 0);
    const { data } = copy.getImageData(0, 0, image.width, image.height);
    const ground = 4 * (20 * image.width + 20);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      count += data[at] === data[ground] && data[at + 1] === data[ground + 1] ? 0 : 1;
    }
    return count;
  }, picture.toString("base64"));
}

test("the view paints the items, on a desk and on a phone, light and dark", {
  skip: noBrowser,
}, async () => {
  for (const options of [{}, { width: 360, dark: true }]) {
    const page = await under.open("/map?run=first", options);
    await page.getByRole("img", { name: /items on a plane/ }).waitFor();
    await page.getByRole("button", { name: "Whole map" }).waitFor();
    await listReady(page);
    assert.ok((await painted(page)) > 1000);
    await assertAccessible(page);
    await assertFits(page);
    await page.close();
  }
});

test("an item is found by keyboard, its neighbours are listed, and a link restores it", {
  skip: noBrowser,
}, async () => {
  const { body } = await get<MapAnswer>("/api/runs/first/map");
  assert.ok(body.state === "ready");
  const sought = 700;
  const title = body.items.titles![sought]!;
  const page = await under.open("/map?run=first");
  await page.getByLabel(/^Search by title/).fill(title);
  await page.getByRole("heading", { name: "Found" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: title }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("item"), body.items.ids[sought]);
  const neighbours = page.locator(".beside-list li");
  await neighbours.first().waitFor();
  assert.equal(await neighbours.count(), 12);
  await page.getByRole("combobox", { name: "Colour", exact: true }).selectOption("popularity");
  await page.waitForURL(/colour=popularity/);
  const link = new URL(page.url());
  await page.close();

  const again = await under.open(link.pathname + link.search, { dark: true });
  await again.getByRole("heading", { name: title }).waitFor();
  assert.equal(
    await again.getByRole("combobox", { name: "Colour", exact: true }).inputValue(),
    "popularity",
  );
  await listReady(again);
  await assertAccessible(again);
  await again.locator(".beside-list button").first().press("Enter");
  await again.waitForFunction(
    (title) => document.querySelector("h2")?.textContent !== title,
    title,
  );
  await again.close();
});

test("a user is found by id with the keyboard or by a click, with their items, and a link restores them", {
  skip: noBrowser,
}, async () => {
  const { body } = await get<{ training: { item: string; title: string | null }[] }>(
    "/runs/first/v1/users/17/history",
  );
  const page = await under.open("/map?run=first");
  await page.getByLabel(/^Search by title/).fill("user 17");
  await page.getByRole("heading", { name: "Users" }).waitFor();
  // No title holds that, so that the first thing after the search is the user.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "user 17", exact: true }).waitFor();
  await listReady(page);
  assert.equal(await page.locator(".beside-list li").count(), Math.min(100, body.training.length));
  assert.ok(await page.getByLabel("Users too").isChecked());
  assert.equal(await page.locator(".plot-name").textContent(), "user 17");
  const link = new URL(page.url());
  assert.deepEqual([link.searchParams.get("user"), link.searchParams.get("item")], ["17", null]);
  await assertAccessible(page);
  // The views that say more open on the same user.
  await page.getByRole("link", { name: "Their graph" }).press("Enter");
  await page.getByRole("heading", { name: "Around user 17" }).waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "What they are recommended" }).press("Enter");
  await page.getByText("ranked by what training learnt of this user").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("user"), "17");
  await page.close();

  const again = await under.open(link.pathname + link.search, { width: 360, dark: true });
  await again.getByRole("heading", { name: "user 17", exact: true }).waitFor();
  await listReady(again);
  await assertAccessible(again);
  await assertFits(again);
  await again.locator(".beside-list button").first().press("Enter");
  await again.getByRole("heading", { name: "Nearest to it" }).waitFor();
  assert.equal(new URL(again.url()).searchParams.get("user"), null);
  await again.close();

  const desk = await under.open("/map?run=first&users=yes");
  await listReady(desk);
  const box = (await desk.getByRole("img", { name: /items on a plane/ }).boundingBox())!;
  const name = desk.locator(".plot-name");
  const isUser = async () => /^user /.test((await name.allTextContents())[0] ?? "");
  for (let step = 0; step < 400 && !(await isUser()); step++) {
    const [row, column] = [Math.floor(step / 40), step % 40];
    await desk.mouse.move(
      box.x + box.width * (0.2 + 0.015 * column),
      box.y + box.height * (0.2 + 0.06 * row),
    );
  }
  const pointed = (await name.textContent())!;
  await desk.mouse.down();
  await desk.mouse.up();
  await desk.getByRole("heading", { name: pointed, exact: true }).waitFor();
  await desk.getByLabel("Users too").uncheck();
  await desk.getByRole("heading", { name: "Most popular" }).waitFor();
  await desk.close();
});

const listReady = (page: Page) => page.locator(".beside-list li").first().waitFor();

test("clicking a point chooses the item there; moving and enlarging change what is seen", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/map?run=first&colour=genre");
  const picture = page.getByRole("img", { name: /items on a plane/ });
  await picture.waitFor();
  await listReady(page);
  const box = (await picture.boundingBox())!;
  const name = page.locator(".plot-name");
  // Somewhere near the middle there is a point under the pointer.
  for (let step = 0; step < 60 && (await name.count()) === 0; step++) {
    await page.mouse.move(box.x + box.width / 2 + 4 * step, box.y + box.height / 2 + step);
  }
  const pointed = (await name.textContent())!;
  await page.mouse.down();
  await page.mouse.up();
  await page.getByRole("heading", { name: pointed, exact: true }).waitFor();
  await listReady(page);

  const whole = page.getByRole("button", { name: "Whole map" });
  assert.ok(await whole.isDisabled());
  for (let turn = 0; turn < 12; turn++) await page.getByRole("button", { name: "Enlarge" }).click();
  const enlarged = await painted(page);
  await whole.click();
  const all = await painted(page);
  assert.ok(all > 500 && enlarged < all, `${enlarged} of ${all} pixels`);
  await page.close();
});

test("UMAP lays the items out beside the page, and can be stopped", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/map?run=first&layout=umap");
  await page.getByRole("progressbar").waitFor();
  await page.getByText(/UMAP keeps near what is near/).waitFor({ timeout: 60_000 });
  await assertAccessible(page);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText(/The two directions in which/).waitFor();
  assert.equal(await page.getByRole("progressbar").count(), 0);
  await page.close();
});

test("a model without vectors has a map that says why not", { skip: noBrowser }, async () => {
  const page = await under.open("/map?run=second");
  await page.getByText(/has no vectors to lay out/).waitFor();
  await assertAccessible(page);
  await page.getByRole("combobox", { name: "Run" }).selectOption("first");
  await page.getByRole("img", { name: /items on a plane/ }).waitFor();
  await page.close();
});

test("without WebGL the list still has every item", { skip: noBrowser }, async () => {
  const page = await under.open("/");
  await page.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  await page.goto(`${under.studio.url}/map?run=first`);
  await page.getByText(/no WebGL 2/).waitFor();
  await listReady(page);
  await assertAccessible(page);
  await page.close();
});
