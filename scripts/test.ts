/**
 * Runs the tests under `test/` (or the files named on the command line) with
 * Node's own runner. Files share the machine's cores two at a time, because the
 * engine's tests use threads of their own. With `--wide` all kernels are optimised before
 * their first call, and with 256-bit vectors, which are else met only after a while.
 */

import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const isWide = process.argv.includes("--wide");
const named = process.argv.slice(2).filter((word) => word !== "--wide");
const files = named.length > 0 ? named : globSync("test/**/*.test.ts").sort();
const { status } = spawnSync(
  process.execPath,
  [
    ...(isWide ? ["--no-liftoff", "--experimental-wasm-revectorize"] : []),
    ...["--test", "--test-concurrency=2", "--test-timeout=240000", ...files],
  ],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
