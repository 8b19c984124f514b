import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

it("the README's example runs as it stands, on the built package", () => {
  assert.ok(existsSync(join(root, "dist", "index.js")), "dist/ is missing: npm run build");
  const [, example] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  assert.ok(example, "the README has a ts block");
  // Inside the package's own folder "lumiere" names the package itself.
  const folder = mkdtempSync(join(root, "build", "readme-"));
  const file = join(folder, "example.ts");
  writeFileSync(file, example);
  const run = spawnSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  assert.equal(run.status, 0, run.stderr);
  const [metric, ...lines] = run.stdout.split("\n");
  const recall = Number(/^recall@20 (0\.\d+)$/.exec(metric ?? "")?.[1]);
  assert.ok(recall > 0.02 && recall < 1, metric);
  for (const line of lines.slice(0, 3)) {
    assert.match(line, /^.+ \(\d{4}\) because you liked .+ \(\d{4}\)$/);
  }
  assert.match(run.stdout, /similarity: 0\.\d+/);
});

it("the README's links lead somewhere", () => {
  for (const [, target = ""] of readme.matchAll(/\]\(([^)]+)\)/g)) {
    if (!/^https?:/.test(target)) assert.ok(existsSync(join(root, target)), target);
  }
});
