/**
 * One at a time, among programs that share a folder: a lock file that its
 * holder keeps fresh. A file that nobody refreshed for a while belongs to a
 * program that died, and is taken over.
 *
 * Two programs that find the same dead lock in the same instant may both go on;
 * what they do must stay harmless then, only wasteful.
 *
 * @module
 */

import { open, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { StoppedError } from "../base/errors.ts";
import { makeFolder } from "../base/folders.ts";
import { systemCode } from "./file-errors.ts";

/** Times in milliseconds. */
export interface LockTimes {
  /** Between two looks at a lock that another program holds. */
  readonly look: number;
  /** Without a sign of life after which its holder counts as dead. */
  readonly dead: number;
}

const TIMES: LockTimes = { look: 500, dead: 20_000 };

/** Whom to tell that another program holds the lock (once), and when to stop waiting. */
export interface LockWaiting {
  readonly onWait: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does the work while holding the lock file `path` (its folder is made where it is missing).
 * @throws StoppedError where the person stopped the waiting
 */
export async function withLock<Result>(
  path: string,
  { onWait, signal }: LockWaiting,
  work: () => Promise<Result>,
  times: LockTimes = TIMES,
): Promise<Result> {
  makeFolder(dirname(path));
  let told = false;
  while (!(await take(path, times.dead))) {
    if (!told) onWait();
    told = true;
    await pause(times.look, undefined, { signal }).catch(() => {
      throw new StoppedError("stopped while another program was at work");
    });
  }
  const refresh = () => {
    const now = new Date();
    // Where it cannot be refreshed it may be taken over: wasteful, not wrong.
    utimes(path, now, now).catch(() => {});
  };
  const heartbeat = setInterval(refresh, times.dead / 4).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

/** Whether the lock is ours now. */
async function take(path: string, dead: number): Promise<boolean> {
  try {
    await (await open(path, "wx")).close();
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > dead) await rm(path, { force: true });
  } catch (error) {
    // Its holder finished in between.
    if (systemCode(error) !== "ENOENT") throw error;
  }
  return false;
}
