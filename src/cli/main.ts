#!/usr/bin/env node
/**
 * The program `lumiere`.
 *
 * @module
 */

import { enableCompileCache } from "node:module";

// Compiled code is kept between runs: the next start takes half the time.
enableCompileCache();
const { commands } = await import("./commands.ts");
const { runCommandLine } = await import("./run.ts");

const words = process.argv.slice(2);
if (commands.some(({ name, trains }) => trains && name === words[0]) && !words.includes("--help")) {
  (await import("./vectors.ts")).chooseVectors();
}
process.exitCode = await runCommandLine(words);
