/** Under NCF's protocol no figure of the studio stands without "sampled". */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runExperiment } from "../../src/experiment.ts";
import type { ModelAnswer } from "../../src/serving/schemas.ts";
import type { JobsAnswer } from "../../src/studio/schemas/jobs.ts";
import type { RunsAnswer } from "../../src/studio/schemas.ts";
import { ncfFolder } from "../evaluation/ncf-world.ts";
import { noBrowser, studioForTests } from "./studio-under-test.ts";

const data = ncfFolder();

const under = studioForTests(async (folder) => {
  const hyperparameters = { epochs: 3, width: 2, stopMetric: "ndcg@20", evaluateEvery: 1 };
  const shared = { data, validation: 0.3, evaluation: { ks: [20], intervals: false } };
  await runExperiment({ ...shared, model: "bpr", hyperparameters, output: join(folder, "bpr") });
  await runExperiment({ ...shared, model: "popularity", output: join(folder, "popularity") });
  await runExperiment({ data: "synthetic", model: "random", output: join(folder, "full") });
});

const get = async <T>(path: string): Promise<T> =>
  (await fetch(under.studio.url + path)).json() as Promise<T>;

test("the list and a run's own API say which runs have sampled metrics", async () => {
  const { runs } = await get<RunsAnswer>("/api/runs");
  assert.deepEqual(runs.map(({ id, sampled }) => [id, sampled]).sort(), [
    ["bpr", true],
    ["full", false],
    ["popularity", true],
  ]);
  for (const [id, sampled] of [
    ["bpr", true],
    ["full", false],
  ] as const) {
    const { current } = await get<{ current: ModelAnswer }>(`/runs/${id}/v1/models`);
    assert.equal(current.sampled, sampled);
  }
});

test("a training's curve says so", async () => {
  await fetch(`${under.studio.url}/api/jobs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "trained", data, model: "bpr", settings: { epochs: "2" } }),
  });
  for (;;) {
    const { jobs } = await get<JobsAnswer>("/api/jobs");
    if (jobs[0]!.state === "done") {
      assert.equal(jobs[0]!.sampled, true);
      break;
    }
    assert.ok(jobs[0]!.error === null, jobs[0]!.error ?? "");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test("the overview says so beside each figure of such a run", { skip: noBrowser }, async () => {
  const page = await under.open("/");
  const cells = (name: RegExp) =>
    page.getByRole("row", { name }).getByText("sampled", { exact: true });
  await page.getByRole("rowheader", { name: "Random" }).waitFor();
  assert.equal(await cells(/^BPR-MF bpr/).count(), 3);
  assert.equal(await cells(/^Random/).count(), 0);
  await page.close();
});

test("a comparison says so in its table, its pictures and its choice of runs", {
  skip: noBrowser,
}, async () => {
  const page = await under.open("/compare?runs=bpr,popularity");
  await page.locator(".chart svg").nth(3).waitFor();
  await page.locator("details.run-choice").evaluate((details: HTMLDetailsElement) => {
    details.open = true;
  });
  const texts = await page.locator("main").evaluate((main) => {
    const said = [...main.querySelectorAll("[aria-label]")].map((part) =>
      part.getAttribute("aria-label"),
    );
    return [...said, main.textContent].join("\n");
  });
  const names = texts.match(/(NDCG|Recall|Precision|Hit rate|Coverage)@20( \(sampled\))?/g) ?? [];
  assert.ok(names.length > 10, String(names.length));
  // The run over all items is there to be chosen, by its own figure.
  const bare = names.filter((name) => !name.endsWith("(sampled)"));
  assert.deepEqual(bare, ["NDCG@20"]);
  assert.ok(texts.includes("validation NDCG@20 (sampled)"));
  await page.close();
});
