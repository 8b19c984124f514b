/**
 * Unpacks a zip archive into a folder, trusting nothing in it: no entry may
 * leave the folder, be a link, overwrite another, or swell beyond bounds.
 *
 * @module
 */

import { createWriteStream } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import yauzl from "yauzl";
import { LumiereError, StoppedError } from "../base/errors.ts";
import { makeFolder } from "../base/folders.ts";
import type { DataContext } from "./context.ts";

/** Bounds of an archive; what exceeds them is taken for an attack. */
export interface ZipBounds {
  readonly entries: number;
  readonly bytes: number;
  /** Unpacked bytes for each packed one, over the whole archive. Ratings compress about fivefold. */
  readonly ratio: number;
}

const BOUNDS: ZipBounds = { entries: 10_000, bytes: 8 * 1024 ** 3, ratio: 200 };

const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/**
 * Unpacks an archive into a folder, which is made where it is missing.
 * @throws LumiereError "archive" where it is damaged or breaks a rule; what was written so far stays
 *   for the caller to remove
 */
export async function extractZip(
  archive: string,
  folder: string,
  { progress, signal }: DataContext,
  bounds: ZipBounds = BOUNDS,
): Promise<void> {
  const refuse = (reason: string) =>
    new LumiereError("archive", `${archive}: ${reason}; delete it and fetch it again`);
  const root = resolve(folder);
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.openPromise(archive, { lazyEntries: true, strictFileNames: true });
  } catch (error) {
    throw refuse(`not a readable zip archive (${messageOf(error)})`);
  }
  try {
    if (zip.entryCount > bounds.entries) throw refuse(`more than ${bounds.entries} entries`);
    const most = Math.min(bounds.bytes, bounds.ratio * zip.fileSize);
    let unpacked = 0;
    for await (const entry of zip.eachEntry()) {
      const target = resolve(join(root, entry.fileName));
      if (!target.startsWith(root + sep)) throw refuse(`entry ${entry.fileName} leaves its folder`);
      if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === SYMBOLIC_LINK) {
        throw refuse(`entry ${entry.fileName} is a symbolic link`);
      }
      if (entry.fileName.endsWith("/")) {
        makeFolder(target);
        continue;
      }
      if (entry.isEncrypted()) throw refuse(`entry ${entry.fileName} is encrypted`);
      makeFolder(dirname(target));
      let sum = 0;
      const guard = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          unpacked += chunk.length;
          // The sizes an archive states may lie: count what comes out.
          if (unpacked > most) return done(refuse(`unpacks to more than ${most} bytes`));
          sum = crc32(chunk, sum);
          done(null, chunk);
        },
      });
      await pipeline(
        await zip.openReadStreamPromise(entry),
        guard,
        createWriteStream(target, { flags: "wx" }),
        ...(signal ? [{ signal }] : []),
      );
      if (sum !== entry.crc32) throw refuse(`entry ${entry.fileName} is damaged (CRC-32)`);
      progress({ stage: "unpack", done: zip.entriesRead, total: zip.entryCount, unit: "files" });
    }
  } catch (error) {
    if (signal?.aborted) throw new StoppedError("stopped while unpacking");
    throw error instanceof LumiereError ? error : refuse(messageOf(error));
  } finally {
    zip.close();
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
