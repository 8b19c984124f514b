/**
 * Folders that results go to: made without a call that could hang, and tried
 * out before the work whose results they shall hold.
 *
 * @module
 */

import { closeSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BadInputError } from "./errors.ts";

const stateOf = (path: string) => statSync(path, { throwIfNoEntry: false });

/** The folders of a path that are missing, outermost first, and what the first lies in. */
function missingOf(path: string): { readonly base: string; readonly missing: string[] } {
  const missing: string[] = [];
  let base = resolve(path);
  while (stateOf(base) === undefined && dirname(base) !== base) {
    missing.unshift(base);
    base = dirname(base);
  }
  return { base, missing };
}

/**
 * Makes a folder and those that it lies in, where they are missing; throws the system's error. One
 * by one: Node's own recursive mkdir tries for ever where the system denies that a folder is there
 * and cannot make it either, as below /proc.
 */
export function makeFolder(path: string): void {
  for (const folder of missingOf(path).missing) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!stateOf(folder)?.isDirectory()) throw error;
    }
  }
}

/** Flushes a folder's entries (new names, renames); a no-op where the system has no such call. */
export async function flushFolder(path: string): Promise<void> {
  // Windows cannot open folders; its renames are journalled by the file system.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Tries whether a folder can be made or written to, and leaves everything as it was.
 * @param field names where the path was written, for the error: "--out"
 * @throws BadInputError saying what is in the way
 */
export function checkFolder(field: string, path: string): void {
  refuseNothing(field, path, "folder");
  try {
    const { base } = missingOf(path);
    if (!stateOf(base)?.isDirectory()) {
      throw wrongPlace(field, path, `${base} is a file, expected a folder`);
    }
    // Rights and read-only file systems are known only by trying.
    const trial = join(base, `.lumiere-${process.pid}.tmp`);
    closeSync(openSync(trial, "w"));
    rmSync(trial);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error instanceof BadInputError)
      throw error;
    throw wrongPlace(field, path, `nothing can be written there (${String(error.code)})`);
  }
}

/**
 * Tries whether a file can be written, and leaves everything as it was.
 * @throws BadInputError saying what is in the way
 */
export function checkFile(field: string, path: string): void {
  refuseNothing(field, path, "file");
  if (stateOf(path)?.isDirectory()) {
    throw wrongPlace(field, path, "found a folder, expected the name of a file");
  }
  checkFolder(field, dirname(path));
}

function refuseNothing(field: string, path: string, what: string): void {
  if (path.trim() !== "") return;
  throw wrongPlace(field, path, `found no name, expected that of a ${what}`);
}

const wrongPlace = (field: string, path: string, found: string) =>
  new BadInputError("output", `${field} "${path}": ${found}; name another place (--out)`);
