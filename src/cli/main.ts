#!/usr/bin/env node
/**
 * The program `lumiere`.
 *
 * @module
 */

import { runCommandLine } from "./run.ts";

process.exitCode = await runCommandLine(process.argv.slice(2));
