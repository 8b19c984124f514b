/**
 * Several files that belong together, replaced as nearly at once as a file
 * system allows: all are written under temporary names and flushed first, then
 * renamed. A failure while writing leaves the old files untouched.
 *
 * @module
 */

import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { flushFolder, makeFolder } from "../base/folders.ts";

/** One file to write: its name in the folder, and who writes its content. */
export interface FileToWrite {
  readonly name: string;
  readonly write: (file: FileHandle) => Promise<void>;
}

/**
 * Writes the files into a folder (made where it is missing).
 * @param obsolete names of files of an earlier set that must not stay beside this one
 */
export async function replaceFiles(
  directory: string,
  files: readonly FileToWrite[],
  obsolete: readonly string[] = [],
): Promise<void> {
  makeFolder(directory);
  const staged = files.map(({ name, write }) => ({
    path: join(directory, name),
    temporary: join(directory, `.${name}.${process.pid}.tmp`),
    write,
  }));
  try {
    for (const { temporary, write } of staged) {
      const file = await open(temporary, "w");
      try {
        await write(file);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    for (const { temporary, path } of staged) await rename(temporary, path);
    for (const name of obsolete) await rm(join(directory, name), { force: true });
  } catch (error) {
    for (const { temporary } of staged) await rm(temporary, { force: true });
    throw error;
  }
  await flushFolder(directory);
}
