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

const training = new Set(commands.filter(({ trains }) => trains).map(({ name }) => name));

process.exitCode = await runCommandLine(process.argv.slice(2), async (command) => {
  if (training.has(command)) (await import("./vectors.ts")).chooseVectors();
});
