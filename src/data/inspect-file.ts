/**
 * The first look at a file: its format by content rather than by name, its
 * compression, and the beginning of its text. A compressed file is read to its
 * end once, because a truncated one can look whole to a reader of rows.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { BadInputError, StoppedError } from "../base/errors.ts";
import { type DataContext, quietContext } from "./context.ts";
import { explainFileError, folderInstead } from "./file-errors.ts";

/** Character encodings that text files may have. */
export type Encoding = "utf-8" | "latin-1" | "utf-16";

/** What a file is. */
export interface FileInspection {
  readonly format: "text" | "json" | "parquet" | "sqlite";
  readonly compression: "none" | "gzip" | "zstd";
  /** The beginning of the text; empty for binary formats. */
  readonly head: string;
  /** Whether `head` is all of the text. */
  readonly whole: boolean;
}

/** Bytes of text that are looked at; more only where not even one line fits. */
const HEAD_BYTES = 256 * 1024;
const LONGEST_HEAD_BYTES = 4 * 1024 * 1024;

const SQLITE_MAGIC = "SQLite format 3\0";

/**
 * Looks at a file.
 * @throws BadInputError "file-missing", "file-unreadable", "file-folder", "file-empty",
 *   "file-truncated", "encoding" or "file-format"
 */
export async function inspectFile(
  path: string,
  encoding: Encoding = "utf-8",
  context: DataContext = quietContext,
  known: readonly string[] = [],
): Promise<FileInspection> {
  const { magic, size } = await readMagic(path, known);
  const ascii = magic.toString("latin1");
  if (ascii.startsWith("PAR1")) return binary("parquet");
  if (ascii.startsWith(SQLITE_MAGIC)) return binary("sqlite");
  if (ascii.startsWith("PK\x03\x04")) {
    throw new BadInputError(
      "file-format",
      `${path} is a zip archive (or a spreadsheet); unpack it and pass a file of it`,
    );
  }
  const compression =
    magic[0] === 0x1f && magic[1] === 0x8b
      ? "gzip"
      : magic.readUInt32LE(0) === 0xfd2fb528
        ? "zstd"
        : "none";
  const { bytes, whole } =
    compression === "none"
      ? await readHead(path, size)
      : await readCompressed(path, size, compression, context);
  if (bytes.length === 0) throw emptyFile(path);
  if (encoding !== "utf-16") refuseUtf16(path, bytes);
  const head = new TextDecoder(encoding === "latin-1" ? "latin1" : encoding).decode(bytes);
  const format = /^\uFEFF?\s*[{[]/.test(head) ? "json" : "text";
  return { format, compression, head, whole };
}

/** The byte order mark of UTF-16, which no text in another encoding begins with. */
function refuseUtf16(path: string, bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark !== "fffe" && mark !== "feff") return;
  throw new BadInputError(
    "encoding",
    mark === "fffe"
      ? `${path} is in UTF-16; pass --encoding utf-16, or save it as UTF-8`
      : `${path} is in UTF-16 with the high byte first, which cannot be read; save it as UTF-8`,
  );
}

function binary(format: "parquet" | "sqlite"): FileInspection {
  return { format, compression: "none", head: "", whole: false };
}

const emptyFile = (path: string): BadInputError =>
  new BadInputError(
    "file-empty",
    `${path} is empty (0 bytes of content); expected rows of user and item`,
  );

/** The first 16 bytes (zeros where the file is shorter) and the size. */
async function readMagic(
  path: string,
  known: readonly string[],
): Promise<{ readonly magic: Buffer; readonly size: number }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const stat = await file.stat();
    if (stat.isDirectory()) throw await folderInstead(path);
    if (!stat.isFile()) {
      throw new BadInputError(
        "file-unreadable",
        `${path} is not a regular file; write its content to a file and pass that`,
      );
    }
    if (stat.size === 0) throw emptyFile(path);
    const magic = Buffer.alloc(16);
    await file.read(magic, 0, magic.length, 0);
    return { magic, size: stat.size };
  } catch (error) {
    throw error instanceof BadInputError ? error : await explainFileError(path, error, known);
  } finally {
    await file?.close();
  }
}

interface Head {
  readonly bytes: Buffer;
  readonly whole: boolean;
}

async function readHead(path: string, size: number): Promise<Head> {
  const file = await open(path, "r");
  try {
    for (const most of [HEAD_BYTES, LONGEST_HEAD_BYTES]) {
      const bytes = Buffer.alloc(Math.min(most, size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      const whole = bytes.length === size;
      if (whole || bytes.includes(0x0a) || most === LONGEST_HEAD_BYTES) {
        return { bytes: bytes.subarray(0, bytesRead), whole };
      }
    }
    throw new Error("unreachable");
  } finally {
    await file.close();
  }
}

/** Reads all of a compressed file, keeps the head, and lets nothing through that is cut off or damaged. */
async function readCompressed(
  path: string,
  size: number,
  compression: "gzip" | "zstd",
  { progress, signal }: DataContext,
): Promise<Head> {
  const parts: Buffer[] = [];
  let kept = 0;
  let whole = true;
  const source = createReadStream(path);
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (kept < LONGEST_HEAD_BYTES) parts.push(chunk);
      else whole = false;
      kept += chunk.length;
      progress({ stage: "check", done: source.bytesRead, total: size, unit: "bytes" });
      done();
    },
  });
  const unpack = compression === "gzip" ? createGunzip() : createZstdDecompress();
  try {
    const steps: [Readable, typeof unpack, Writable] = [source, unpack, sink];
    await pipeline(...steps, ...(signal ? [{ signal }] : []));
  } catch (error) {
    if (signal?.aborted) throw new StoppedError("stopped while reading data");
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadInputError(
      "file-truncated",
      `${path}: the ${compression} data are cut off or damaged (${reason}); fetch or write the file again`,
      { cause: error },
    );
  }
  return { bytes: Buffer.concat(parts), whole };
}
