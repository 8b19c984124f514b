/**
 * Checksums of downloaded files, in the forms publishers state them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** A published checksum in hexadecimal; "git-blob" is the SHA-1 a git repository lists for a file. */
export interface Checksum {
  readonly algorithm: "md5" | "sha256" | "git-blob";
  readonly value: string;
}

/** The checksum of a file, read in a stream. */
export async function checksumOf(
  path: string,
  algorithm: Checksum["algorithm"],
): Promise<Checksum["value"]> {
  const hash = createHash(algorithm === "git-blob" ? "sha1" : algorithm);
  if (algorithm === "git-blob") hash.update(`blob ${(await stat(path)).size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
