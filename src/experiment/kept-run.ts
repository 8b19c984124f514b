/**
 * A run in a folder of its own that is made once: a folder that holds the very
 * same run is left as it is, an unfinished one goes on from its checkpoint, and
 * one with other settings or data is replaced. A blend of such runs likewise.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../artifact/atomic.ts";
import { BUNDLE_FOLDER } from "../artifact/bundle.ts";
import { packageVersion } from "../artifact/versions.ts";
import { makeFolder } from "../base/folders.ts";
import { type BlendOptions, blendRuns } from "./blend.ts";
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
  const stamps = fileStamps(result.data.data);
  const identity = createHash("sha256")
    .update(JSON.stringify([lumiere, result, ...(stamps ? [stamps] : [])]))
    .digest("hex");
  const { data: _address, ...reading } = result.data;
  return `${JSON.stringify({ identity, lumiere, ...result, data: reading }, null, 2)}\n`;
}

/** Size and time of a file, or of the files of a folder, so that a run of data that changed is made again; null for other addresses. */
function fileStamps(address: string): readonly (readonly [string, number, number])[] | null {
  if (!existsSync(address)) return null;
  const names = statSync(address).isDirectory() ? readdirSync(address).sort() : [""];
  return names.map((name) => {
    const { size, mtimeMs } = statSync(join(address, name));
    return [name, size, mtimeMs];
  });
}

type KeepOptions = Pick<ChildRunOptions, "bundle" | "notice">;

/** Whether a folder holds the whole run of that description; if not, it is made ready for it. */
function isKept(description: string, folder: string, { bundle, notice }: KeepOptions): boolean {
  const path = join(folder, DESCRIPTION_FILE);
  const before = existsSync(path) ? readFileSync(path, "utf8") : null;
  const whole = isFinished(folder) && (!bundle || existsSync(join(folder, BUNDLE_FOLDER)));
  if (before === description && whole) return true;
  if (before !== null && before !== description) {
    notice?.(`${folder} holds a run with other settings or data, which is replaced`);
    rmSync(folder, { recursive: true });
  }
  makeFolder(folder);
  writeFileAtomically(path, description);
  return false;
}

/** Makes the run of a folder in a child process, unless it is there. @returns whether it ran now */
export async function makeRun(
  experiment: Experiment,
  folder: string,
  options: ChildRunOptions,
): Promise<boolean> {
  if (isKept(describe(experiment), folder, options)) return false;
  const resume = existsSync(join(folder, "checkpoint"));
  await runInChild({ ...experiment, output: folder }, { ...options, resume });
  return true;
}

/** Blends runs that `makeRun` made with their bundles, unless the blend is there. */
export async function makeBlend(
  parts: readonly { readonly folder: string; readonly weight: number }[],
  folder: string,
  options: Omit<BlendOptions, "weights" | "output"> & Pick<ChildRunOptions, "notice">,
): Promise<void> {
  const described = parts.map((part) => ({
    weight: part.weight,
    run: JSON.parse(readFileSync(join(part.folder, DESCRIPTION_FILE), "utf8")),
  }));
  const description = `${JSON.stringify({ blend: described }, null, 2)}\n`;
  if (isKept(description, folder, options)) return;
  const weights = parts.map(({ weight }) => weight);
  const folders = parts.map((part) => part.folder);
  await blendRuns(folders, { ...options, weights, output: folder });
}
