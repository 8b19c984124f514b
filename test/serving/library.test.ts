import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Vocabulary } from "../../src/data/interactions.ts";
import { bundleFolder, servedBundle } from "./served-bundle.ts";

const root = join(import.meta.dirname, "..", "..");

test("the example of docs/serving.md runs as it stands, on the built package, and ends", async () => {
  assert.ok(existsSync(join(root, "dist", "server.js")), "dist/ is missing: npm run build");
  const text = readFileSync(join(root, "docs", "serving.md"), "utf8");
  const [, example] = /```ts\n(.*?)```/s.exec(text) ?? [];
  assert.ok(example, "docs/serving.md has a ts block");
  const bundle = servedBundle();
  const items = new Vocabulary(bundle.items.ids.map((id, at) => ["50", "181"][at] ?? id));
  // Inside the package's own folder "lumiere" names the package itself.
  const folder = mkdtempSync(join(root, "build", "serving-"));
  try {
    cpSync(await bundleFolder({ ...bundle, items }), join(folder, "runs", "first"), {
      recursive: true,
    });
    writeFileSync(join(folder, "example.ts"), example);
    const run = spawnSync(process.execPath, ["example.ts"], {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.deepEqual([run.status, run.stdout, run.stderr], [0, "fold-in 3\n", ""]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what only serves does not load what trains", () => {
  const code = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import("lumiere/server");
    console.log(loaded.join("\\n"));
  `;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: root,
    encoding: "utf8",
  });
  const loaded = run.stdout.split("\n");
  assert.ok(
    loaded.some((url) => url.endsWith("dist/serving/server.js")),
    run.stderr,
  );
  const heavy = /dist\/(training|experiment|cli|studio)|@duckdb|echarts/;
  assert.deepEqual(
    loaded.filter((url) => heavy.test(url)),
    [],
  );
});
