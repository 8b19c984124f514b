import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { models } from "../../src/models/registry.ts";
import type { Job, ModelForms } from "../../src/studio/schemas/jobs.ts";
import { startStudio } from "../../src/studio/server.ts";
import { assertAccessible, assertFits, noBrowser, studioForTests } from "./studio-under-test.ts";

const under = studioForTests(async (folder) => {
  mkdirSync(join(folder, "taken"));
  writeFileSync(join(folder, "taken", "notes.txt"), "mine");
});

async function call(method: string, path: string, body?: unknown, url = under.studio.url) {
  const response = await fetch(url + path, {
    method,
    ...(body !== undefined && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: await response.json() };
}

async function until(name: string, reached: (job: Job) => boolean, url?: string): Promise<Job> {
  for (const end = performance.now() + 60_000; ; await wait(50)) {
    const { body } = await call("GET", `/api/jobs/${name}`, undefined, url);
    if (reached(body)) return body;
    assert.ok(performance.now() < end, `still waiting for ${JSON.stringify(body)}`);
  }
}

const small = { data: "synthetic", model: "lightgcn", split: "random:0.8" };
/** So many epochs that it runs until it is stopped. */
const endless = { epochs: "100000", width: "4", patience: "0" };

test("the form has every model, with the kinds and bounds of its settings", async () => {
  const { body } = await call("GET", "/api/models");
  const forms = (body as ModelForms).models;
  assert.deepEqual(
    forms.map(({ name }) => name),
    models.map(({ name }) => name),
  );
  const lightgcn = forms.find(({ name }) => name === "lightgcn")!;
  const all = ({ groups }: ModelForms["models"][number]) =>
    groups.flatMap(({ settings }) => settings);
  const setting = (name: string) => all(lightgcn).find((setting) => setting.name === name)!;
  assert.deepEqual(setting("epochs").number, { isWhole: true, least: 1, most: 1_000_000 });
  assert.deepEqual(setting("optimiser").choices, ["adam", "sgd", "adagrad"]);
  assert.equal(setting("refit").default, "false");
  for (const form of forms) for (const { description } of all(form)) assert.ok(description);
  // Every setting once, in the group of the schema that it comes from.
  for (const form of forms) {
    const { hyperparameters } = models.find(({ name }) => name === form.name)!;
    assert.deepEqual(
      all(form)
        .map(({ name }) => name)
        .sort(),
      Object.keys(hyperparameters.shape).sort(),
    );
  }
  const groups = Object.fromEntries(
    lightgcn.groups.map(({ title, settings }) => [title, settings.map(({ name }) => name)]),
  );
  assert.deepEqual(Object.keys(groups), ["The model", "Training", "Loss and sampling", "Stopping"]);
  assert.ok(groups["The model"]!.includes("layers") && groups["The model"]!.includes("width"));
  assert.ok(groups.Training!.includes("learningRate") && groups.Stopping!.includes("patience"));
  assert.ok(groups["Loss and sampling"]!.includes("margin"));
  // ItemKNN's similarity is the model itself, not how a loss compares vectors.
  const knn = forms.find(({ name }) => name === "item-knn")!;
  assert.deepEqual(
    knn.groups.map(({ title }) => title),
    ["The model"],
  );
});

test("an order that is wrong in many places hears of all of them at once", async () => {
  const { status, body } = await call("POST", "/api/jobs", {
    ...small,
    name: "../out",
    split: "half",
    seed: -1,
    settings: { width: "0", layers: "many", epochs: "3", loss: "bsl" },
  });
  assert.equal(status, 400);
  const fields = (body.fields as { field: string; message: string }[]).toSorted((a, b) =>
    a.field < b.field ? -1 : 1,
  );
  assert.deepEqual(
    fields.map(({ field }) => field),
    ["body.name", "body.seed", "body.settings.layers", "body.settings.width", "body.split"],
  );
  assert.match(fields[2]!.message, /^found "many"; /);
  assert.match(fields[3]!.message, /^found "0"; .*1/);
  assert.match(fields[4]!.message, /"half"/);
  // Nobody can say what a setting of an unknown model means.
  const unknown = await call("POST", "/api/jobs", {
    ...small,
    name: "never",
    model: "lightgnc",
    settings: { width: "0" },
  });
  assert.deepEqual(
    unknown.body.fields.map(({ field }: { field: string }) => field),
    ["body.model"],
  );
  const taken = await call("POST", "/api/jobs", { ...small, name: "taken" });
  assert.equal(taken.body.fields[0].field, "body.name");
});

test("what cannot be trained is refused before anything is written", async () => {
  for (const [change, status, message] of [
    [{ name: "../out" }, 400, /body\.name/],
    [{ name: ".hidden" }, 400, /body\.name/],
    [{ name: "a/b" }, 400, /body\.name/],
    [{ name: "bundle" }, 400, /body\.name/],
    [{ name: "taken" }, 409, /"taken"/],
    [{ settings: { widht: "8" } }, 400, /did you mean "?width/],
    [{ settings: { layers: "many" } }, 400, /many/],
    [{ model: "lightgnc" }, 400, /lightgcn/],
    [{ split: "half" }, 400, /"half"/],
  ] as const) {
    const { status: found, body } = await call("POST", "/api/jobs", {
      ...small,
      name: "never",
      ...change,
    });
    assert.equal(found, status, JSON.stringify(change));
    assert.match(body.detail, message);
  }
  assert.equal(existsSync(join(under.runs, "never")), false);
  assert.equal(readFileSync(join(under.runs, "taken", "notes.txt"), "utf8"), "mine");
});

test("a training runs, shows its curve, and leaves a run that answers", async () => {
  const order = { ...small, name: "quick", settings: { epochs: "3", width: "4" }, minRating: 3 };
  assert.equal((await call("POST", "/api/jobs", order)).status, 200);
  const job = await until("quick", ({ state }) => state !== "waiting" && state !== "running");
  assert.deepEqual([job.state, job.error, job.canResume], ["done", null, false]);
  const report = JSON.parse(readFileSync(join(under.runs, "quick", "report.json"), "utf8"));
  assert.equal(report.hyperparameters.epochs, 3);
  assert.deepEqual(
    job.curve.map(({ epoch, figures }) => [epoch, figures.loss]),
    report.curve.map(({ epoch, loss }: { epoch: number; loss: number }) => [epoch, loss]),
  );
  const { body } = await call("POST", "/runs/quick/v1/recommendations", { user: "1", k: 3 });
  assert.equal(body.items.length, 3);
});

test("one runs at a time; a stopped one goes on, also in another studio", async () => {
  await call("POST", "/api/jobs", { ...small, name: "long", settings: endless });
  await call("POST", "/api/jobs", { ...small, name: "next", settings: endless });
  await until("long", ({ curve }) => curve.length > 1);
  assert.equal((await call("GET", "/api/jobs/next")).body.state, "waiting");
  assert.equal((await call("POST", "/api/jobs/next/stop", {})).body.state, "stopped");
  assert.equal((await call("POST", "/api/jobs/long/stop", {})).body.state, "stopping");
  const { canResume, error } = await until("long", ({ state }) => state === "stopped");
  assert.equal(canResume, true);
  assert.match(error!, /stopped in epoch/);
  assert.ok(existsSync(join(under.runs, "long", "checkpoint")));

  const other = await startStudio({ runs: under.runs, port: 0 });
  const found = (await call("GET", "/api/jobs", undefined, other.url)).body.jobs as Job[];
  assert.deepEqual(found.map(({ name, state }) => `${name} ${state}`).sort(), [
    "long stopped",
    "next stopped",
  ]);
  const before = (await call("GET", "/api/jobs/long")).body.curve.at(-1).epoch;
  assert.equal((await call("POST", "/api/jobs/long/resume", {}, other.url)).status, 200);
  const later = await until("long", ({ curve }) => curve.length > 0, other.url);
  assert.ok(later.curve[0]!.epoch >= before, "it went on from where it was");
  // Closing stops what runs, and keeps it.
  await other.close();
  assert.ok(existsSync(join(under.runs, "long", "checkpoint")));
  assert.equal((await call("POST", "/api/jobs/nothing/stop", {})).status, 404);
  assert.equal((await call("POST", "/api/jobs/quick/resume", {})).status, 409);
});

test("a training that fails says why, also in another studio, until it goes on", async () => {
  const order = {
    ...small,
    data: join(under.runs, "absent.csv"),
    name: "broken",
    settings: endless,
  };
  await call("POST", "/api/jobs", order);
  const { state, error } = await until("broken", ({ state }) => state === "failed");
  assert.equal(state, "failed");
  assert.match(error!, /absent\.csv/);

  const other = await startStudio({ runs: under.runs, port: 0 });
  const kept: Job = (await call("GET", "/api/jobs/broken", undefined, other.url)).body;
  assert.deepEqual([kept.state, kept.error, kept.canResume], ["failed", error, true]);
  // What it lacked has come.
  const rows = Array.from({ length: 300 }, (_, at) => `${at % 20},${(at * 7) % 31},5`);
  writeFileSync(order.data, `user,item,rating\n${rows.join("\n")}\n`);
  await call("POST", "/api/jobs/broken/resume", {}, other.url);
  await until("broken", ({ state }) => state === "running", other.url);
  assert.equal(existsSync(join(under.runs, "broken", "studio-failure.json")), false);
  await until("broken", ({ progress }) => progress !== null, other.url);
  await other.close();

  const third = await startStudio({ runs: under.runs, port: 0 });
  const stopped: Job = (await call("GET", "/api/jobs/broken", undefined, third.url)).body;
  assert.deepEqual([stopped.state, stopped.error], ["stopped", null]);
  await third.close();
});

test("the view trains by keyboard, stops, and a link restores the form", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/train?data=synthetic&set-epochs=100000&set-patience=0&name=seen");
  await page.getByLabel("width", { exact: true }).fill("8");
  await page.getByLabel("width", { exact: true }).blur();
  await page.waitForURL(/set-width=8/);
  const address = page.url().slice(under.studio.url.length);
  await page.getByRole("button", { name: "Start training" }).press("Enter");
  const job = page.getByRole("article", { name: "seen" });
  await job.locator(".chart svg").waitFor();
  await job.getByRole("button", { name: "Stop" }).press("Enter");
  await job.getByText("stopped; its checkpoint is kept").waitFor();
  await job.getByRole("button", { name: "Go on" }).waitFor();
  assert.notEqual(await page.getByLabel("Name of the run").inputValue(), "seen");
  await page.close();

  const again = await under.open(address);
  assert.equal(await again.getByLabel("epochs", { exact: true }).inputValue(), "100000");
  assert.equal(await again.getByLabel("width", { exact: true }).inputValue(), "8");
  await again.getByRole("combobox", { name: "Model", exact: true }).selectOption("ease");
  await again.getByLabel("regularisation", { exact: true }).waitFor();
  assert.equal(new URL(again.url()).searchParams.get("set-width"), null);
  await again.close();
});

test("every wrong field is marked and said at once, until it is changed", {
  skip: noBrowser,
}, async () => {
  for (const options of [{ refused: true }, { refused: true, width: 360, dark: true }]) {
    const page = await under.open(
      "/train?data=synthetic&name=taken&split=half&set-width=0&set-temperature=-1&model=lightgcn",
      options,
    );
    const start = page.getByRole("button", { name: "Start training" });
    await start.press("Enter");
    const summary = page.getByRole("alert");
    await summary.getByText("3 fields need another value").waitFor();
    for (const label of ["Split", "width", "temperature"]) {
      const field = page.getByLabel(label, { exact: true });
      assert.equal(await field.getAttribute("aria-invalid"), "true", label);
      const words = (await field.getAttribute("aria-describedby"))!.split(" ")[0]!;
      assert.match((await page.locator(`[id="${words}"]`).textContent())!, /half|found/);
      // Its group stands open.
      assert.ok(await field.isVisible());
    }
    await assertAccessible(page);
    await assertFits(page);
    await summary.getByRole("button", { name: "temperature" }).press("Enter");
    const temperature = page.getByLabel("temperature", { exact: true });
    assert.ok(await temperature.evaluate((field) => field === document.activeElement));
    await temperature.fill("0.2");
    await temperature.blur();
    await summary.getByText("2 fields need another value").waitFor();
    assert.equal(await temperature.getAttribute("aria-invalid"), null);
    await page.getByLabel("width", { exact: true }).fill("4");
    await page.getByLabel("Split", { exact: true }).fill("random:0.8");
    await page.getByLabel("Split", { exact: true }).blur();
    await summary.waitFor({ state: "detached" });
    await start.press("Enter");
    // What only this machine can say comes once the order makes sense.
    await summary.getByText(/there is a folder "taken"/).waitFor();
    const name = page.getByLabel("Name of the run", { exact: true });
    assert.equal(await name.getAttribute("aria-invalid"), "true");
    await page.close();
  }
});

test("it is accessible and fits, on a desk and on a phone, light and dark", {
  skip: noBrowser,
}, async () => {
  for (const options of [{}, { width: 360, dark: true }]) {
    const page = await under.open("/train", options);
    await page.getByRole("button", { name: "Start training" }).waitFor();
    await page.getByRole("article").first().waitFor();
    await assertAccessible(page);
    await assertFits(page);
    await page.close();
  }
});
