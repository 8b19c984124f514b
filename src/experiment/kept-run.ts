/**
 * A run in a folder of its own that is made once: a folder that holds the very
 * same run is left as it is, an unfinished one goes on from its checkpoint, and
 * one with other settings is replaced.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../artifact/atomic.ts";
import { packageVersion } from "../artifact/versions.ts";
import { isFinished } from "./comparison/judged-run.ts";
import type { Experiment } from "./description.ts";
import { type ChildRunOptions, runInChild } from "./run-in-child.ts";

/** What a folder was made from; threads change no result, and the folder is where it is. */
const DESCRIPTION_FILE = "experiment.json";

/** Makes the run of a folder in a child process, unless it is there. @returns whether it ran now */
export async function makeRun(
  experiment: Experiment,
  folder: string,
  options: ChildRunOptions,
): Promise<boolean> {
  const { threads: _threads, output: _output, checkpoint: _checkpoint, ...result } = experiment;
  const description = `${JSON.stringify({ lumiere: packageVersion(), ...result }, null, 2)}\n`;
  const path = join(folder, DESCRIPTION_FILE);
  const before = existsSync(path) ? readFileSync(path, "utf8") : null;
  const whole = isFinished(folder) && (!options.bundle || existsSync(join(folder, "bundle")));
  if (before === description && whole) return false;
  const resume = before === description && existsSync(join(folder, "checkpoint"));
  if (before !== null && before !== description) {
    options.notice?.(`${folder} holds a run with other settings, which is replaced`);
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true });
  writeFileAtomically(path, description);
  await runInChild({ ...experiment, output: folder }, { ...options, resume });
  return true;
}
