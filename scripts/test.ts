/**
 * Runs the tests under `test/` (or the files named on the command line) with
 * Node's own runner. Files share the machine's cores two at a time, because the
 * engine's tests use threads of their own.
 */

import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const named = process.argv.slice(2);
const files = named.length > 0 ? named : globSync("test/**/*.test.ts").sort();
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=2", "--test-timeout=240000", ...files],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
