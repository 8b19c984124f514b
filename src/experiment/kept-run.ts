/**
 * A run in a folder of its own that is made once: a folder that holds the very
 * same run is left as it is, an unfinished one goes on from its checkpoint, and
 * one with other settings is replaced.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../artifact/atomic.ts";
import { packageVersion } from "../artifact/versions.ts";
import { makeFolder } from "../base/folders.ts";
import { isFinished } from "./comparison/judged-run.ts";
import type { Experiment } from "./description.ts";
import { type ChildRunOptions, runInChild } from "./run-in-child.ts";

/** What a folder was made from. */
const DESCRIPTION_FILE = "experiment.json";

/**
 * The experiment as a text that is the same for the same result: threads change none. Where the data
 * are is in its checksum alone, because addresses and queries can hold passwords.
 */
function describe(experiment: Experiment): string {
  const { threads: _threads, output: _output, checkpoint: _checkpoint, ...result } = experiment;
  const lumiere = packageVersion();
  const identity = createHash("sha256")
    .update(JSON.stringify([lumiere, result]))
    .digest("hex");
  const { data: _address, ...reading } = result.data;
  return `${JSON.stringify({ identity, lumiere, ...result, data: reading }, null, 2)}\n`;
}

/** Makes the run of a folder in a child process, unless it is there. @returns whether it ran now */
export async function makeRun(
  experiment: Experiment,
  folder: string,
  options: ChildRunOptions,
): Promise<boolean> {
  const description = describe(experiment);
  const path = join(folder, DESCRIPTION_FILE);
  const before = existsSync(path) ? readFileSync(path, "utf8") : null;
  const whole = isFinished(folder) && (!options.bundle || existsSync(join(folder, "bundle")));
  if (before === description && whole) return false;
  const resume = before === description && existsSync(join(folder, "checkpoint"));
  if (before !== null && before !== description) {
    options.notice?.(`${folder} holds a run with other settings, which is replaced`);
    rmSync(folder, { recursive: true });
  }
  makeFolder(folder);
  writeFileAtomically(path, description);
  await runInChild({ ...experiment, output: folder }, { ...options, resume });
  return true;
}
