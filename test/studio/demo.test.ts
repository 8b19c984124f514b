import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertFits, noBrowser, studioForTests } from "./studio-under-test.ts";

const under = studioForTests();

const get = async <T>(path: string, status = 200): Promise<T> => {
  const response = await fetch(under.studio.url + path);
  assert.equal(response.status, status, path);
  return (await response.json()) as T;
};

interface Users {
  total: number;
  matching: number;
  users: { user: string; items: number }[];
}
interface Items {
  total: number;
  matching: number;
  items: { item: string; title: string; users: number; genres: string[] }[];
}

test("users are found by a part of their id or by position, a bounded number at a time", async () => {
  const all = await get<Users>("/api/runs/first/users");
  assert.equal(all.users.length, 12);
  assert.equal(all.matching, all.total);
  const exact = await get<Users>("/api/runs/first/users?search=17&limit=3");
  assert.equal(exact.users[0]?.user, "17");
  const history = await get<{ training: unknown[] }>("/runs/first/v1/users/17/history");
  assert.equal(exact.users[0]?.items, history.training.length);
  const last = await get<Users>(`/api/runs/first/users?at=${all.total - 1}&limit=5`);
  assert.equal(last.users.length, 1);
  assert.deepEqual((await get<Users>("/api/runs/first/users?at=1000000")).users, []);
  await get("/api/runs/first/users?limit=51", 400);
  await get("/api/runs/nothing/users", 404);
});

test("items are found by words of their title, or named by id in the order asked", async () => {
  const popular = await get<Items>("/api/runs/first/items?limit=50");
  const users = popular.items.map((item) => item.users);
  assert.deepEqual(
    users,
    users.toSorted((a, b) => b - a),
  );
  const [one, other] = popular.items;
  const word = one!.title.split(" ")[1]!;
  const found = await get<Items>(`/api/runs/first/items?search=${encodeURIComponent(word)}`);
  assert.ok(found.items.every(({ title }) => title.toLowerCase().includes(word.toLowerCase())));
  assert.ok(found.items.some(({ item }) => item === one!.item));
  const named = await get<Items>(
    `/api/runs/first/items?ids=${encodeURIComponent(`${other!.item},no%20such%2C,${one!.item}`)}`,
  );
  assert.deepEqual(named.items, [other, one]);
  await get(`/api/runs/first/items?ids=${Array(51).fill("1").join(",")}`, 400);
  await get("/api/runs/first/items?ids=%25", 400);
});

test("the catalogue counts the genres and bounds the years", async () => {
  const { genres, years, items } = await get<{
    items: number;
    genres: { name: string; items: number }[];
    years: { from: number; to: number };
  }>("/api/runs/first/catalogue");
  assert.ok(genres.length > 1 && years.from < years.to);
  assert.ok(genres.every((genre) => genre.items > 0 && genre.items <= items));
});

test("the list follows every wish, a link restores it, and two models stand side by side", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/demo?run=first&user=17&k=5");
  const list = page.getByRole("region", { name: "LightGCN · first" });
  const titles = () => list.getByRole("heading", { level: 3 }).allTextContents();
  await list.getByText("Trained", { exact: true }).waitFor();
  const trained = await titles();
  assert.equal(trained.length, 5);

  await list.getByRole("button", { name: `I like ${trained[0]}` }).click();
  await list.getByText("Folded in").waitFor();
  assert.ok(!(await titles()).includes(trained[0]!), "what is liked is not recommended");
  assert.match(page.url(), /liked=/);

  await page.getByLabel("Compare with").selectOption("second");
  const beside = page.getByRole("region", { name: /^Popularity/ });
  await beside.getByRole("listitem").first().waitFor();
  await page.getByText(/of 5 items are in both lists/).waitFor();
  await list.getByRole("button", { name: "More" }).click();
  await page.getByText(/of 10 items are in both lists/).waitFor();
  assert.equal(new Set(await titles()).size, 10);

  await list.locator("summary").first().click();
  await list.getByText("Paths in the data").waitFor();
  await assertAccessible(page);
  await assertFits(page);

  const shown = await titles();
  const again = await under.open(page.url().slice(under.studio.url.length));
  await again.getByText(/of 10 items are in both lists/).waitFor();
  const restored = again.getByRole("region", { name: "LightGCN · first" });
  assert.deepEqual(await restored.getByRole("heading", { level: 3 }).allTextContents(), shown);
  await again.close();

  await page.getByRole("button", { name: /^Take away user/ }).click();
  await page.getByRole("button", { name: "Take away" }).click();
  await list.getByText("nothing is known of the person").waitFor();
  await page.close();
});

test("with the keyboard alone: a user is searched and picked, a genre wanted and then not", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/demo?run=second&k=30");
  const list = page.getByRole("region", { name: /^Popularity/ });
  await list.getByRole("listitem").first().waitFor();
  await page.getByRole("combobox", { name: "A user of the data" }).focus();
  await page.keyboard.type("17");
  await page.getByRole("option", { name: "17" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Take away user 17" }).waitFor();
  assert.match(page.url(), /user=17/);

  const { genres } = await get<{ genres: { name: string }[] }>("/api/runs/second/catalogue");
  const genre = genres[0]!.name;
  const facts = () => list.locator(".facts").allTextContents();
  await page.getByRole("button", { name: genre }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: `${genre}, wanted` }).waitFor();
  await page.locator(".list[aria-busy=false]").waitFor();
  assert.ok((await facts()).every((text) => text.includes(genre)));
  const atChange = await page.evaluateHandle((name) => {
    const seen: { busy?: string | null } = {};
    const observer = new MutationObserver(() => {
      const buttons = [...document.querySelectorAll("button")];
      if (!buttons.some((button) => button.ariaLabel === name)) return;
      observer.disconnect();
      seen.busy = document.querySelector(".list")!.getAttribute("aria-busy");
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    return seen;
  }, `${genre}, unwanted`);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: `${genre}, unwanted` }).waitFor();
  const { busy } = await atChange.jsonValue();
  assert.equal(busy, "true", "the old list is never taken for the new one");
  await page.locator(".list[aria-busy=false]").waitFor();
  assert.ok((await facts()).every((text) => !text.includes(genre)));
  await page.close();
});

test("on a phone, in the dark, and where a run is not there", { skip: noBrowser }, async () => {
  const page = await under.open("/demo?run=first&with=second&user=17", { width: 360, dark: true });
  await page.getByText("items are in both lists").waitFor();
  await page.getByRole("combobox", { name: "Items you like" }).click();
  await page.locator("[role=option]").first().waitFor();
  await assertAccessible(page);
  await assertFits(page);
  await page.goto(`${under.studio.url}/demo?run=gone`);
  await page.getByRole("alert").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Pick a user or items you like").waitFor();
  await page.close();
});
