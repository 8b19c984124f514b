#!/usr/bin/env node
/**
 * The program `lumiere`.
 *
 * @module
 */

import { enableCompileCache } from "node:module";

// Compiled code is kept between runs: the next start takes half the time.
enableCompileCache();
const { runCommandLine } = await import("./run.ts");

process.exitCode = await runCommandLine(process.argv.slice(2));
