/**
 * Whatever Node the shell has, npm scripts, npx and the program `lumiere` run on the project's own, which
 * the development dependency `node` brings along.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  engines: { node: string };
};
const leastMajor = Number(/\d+/.exec(engines.node)?.[0]);

/** What the shell's own Node answers to everything. */
const OLD = "v20.0.0";

/** A shell whose `node` is old. */
const folder = mkdtempSync(join(tmpdir(), "lumiere-old-node-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "node"), `#!/bin/sh\necho ${OLD}\n`);
chmodSync(join(folder, "node"), 0o755);
// Where these tests run below npm, node_modules/.bin is in front of the path already.
const shellPath = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((part) => !part.includes("node_modules"));

/** npm's program: npm started by the old Node would itself answer `OLD`. */
function npmProgram(): string {
  const given = process.env.npm_execpath;
  if (given?.endsWith(".js")) return given;
  const link = shellPath.map((part) => join(part, "npm")).find((path) => existsSync(path));
  assert.ok(link, "npm is on the path");
  return realpathSync(link);
}

/** What an npm command prints in a shell whose Node is old. */
async function npm(...words: readonly string[]): Promise<string> {
  const environment = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE/i.test(name));
  const { stdout } = await promisify(execFile)(process.execPath, [npmProgram(), ...words], {
    cwd: root,
    env: {
      ...Object.fromEntries(environment),
      PATH: [folder, ...shellPath].join(delimiter),
    },
  });
  return stdout.trim();
}

describe("in a shell with an old Node", () => {
  test("the shell's node is the old one", async () => {
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", "node --version"], {
      env: { PATH: [folder, ...shellPath].join(delimiter) },
    });
    assert.equal(stdout.trim(), OLD);
  });

  test(`npx node is ${engines.node}`, async () => {
    const [, major] = /^v(\d+)\./.exec(await npm("exec", "--no", "--", "node", "--version")) ?? [];
    assert.ok(Number(major) >= leastMajor, `npx node is ${major}, expected ${engines.node}`);
  });

  test("an npm script runs on it", async () => {
    // The old one would print its own version.
    assert.equal(await npm("run", "--silent", "lumiere", "--", "--version"), version);
  });

  test("the program runs on it, started as npm links it", async () => {
    const program = join(root, "dist", "cli", "main.js");
    const link = join(folder, "lumiere");
    // npm makes the file executable and links it; its first line asks the path for `node`.
    chmodSync(program, 0o755);
    symlinkSync(program, link);
    assert.equal(await npm("exec", "--no", "-c", `${link} --version`), version);
  });
});
