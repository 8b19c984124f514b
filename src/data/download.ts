/**
 * Downloads that survive: what has arrived stays in `<file>.part`, a cut
 * connection or a later run goes on from there (HTTP Range, guarded by the
 * server's version tag), and the file appears under its name only when it is
 * whole and its checksum is right.
 *
 * @module
 */

import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { BadInputError, LumiereError, StoppedError } from "../base/errors.ts";
import { makeFolder } from "../base/folders.ts";
import { type Checksum, checksumOf } from "./checksum.ts";
import type { DataContext } from "./context.ts";
import { systemCode } from "./file-errors.ts";

/** What to fetch, and where to. */
export interface DownloadRequest {
  readonly url: string;
  /** The finished file; its folder is made where it is missing. */
  readonly path: string;
  /** What the publisher states; null where it states nothing. */
  readonly checksum: Checksum | null;
  /** What a person does with a copy from elsewhere, for errors; default: "point LUMIERE_DATA to it". */
  readonly copy?: string;
}

/** How patient a download is. */
export interface DownloadPatience {
  /** Tries without any progress before it gives up. */
  readonly tries: number;
  /** Milliseconds before the second try; doubled for each further one. */
  readonly firstPause: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stall: number;
}

const PATIENCE: DownloadPatience = { tries: 4, firstPause: 500, stall: 30_000 };

/** No answer at all: another try a second later would not help. */
const UNREACHABLE = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The server does not have what was asked for, or did not give it. */
class HttpError extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(`HTTP ${status} ${text}`.trim());
    this.status = status;
  }
  /** Whether another try may go better. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

/**
 * Fetches a file.
 * @throws LumiereError "download" where the server cannot be reached or breaks off for good,
 *   "download-checksum" where the content is not what the publisher states
 * @throws BadInputError "download-missing" where the server says there is no such file
 * @throws StoppedError on abort; the part that arrived stays for the next time
 */
export async function downloadFile(
  request: DownloadRequest,
  context: DataContext,
  patience: DownloadPatience = PATIENCE,
): Promise<void> {
  const { url, path, checksum, copy = "point LUMIERE_DATA to it" } = request;
  if (!URL.canParse(url)) {
    throw new BadInputError("download-missing", `${url} is not a web address; check it`);
  }
  const part = `${path}.part`;
  makeFolder(dirname(path));
  const resumed = (await sizeOf(part)) > 0;
  await fetchPart({ url, copy }, part, context, patience);
  let problem = await mismatch(part, checksum);
  if (problem !== null && resumed) {
    // The old part may have been of another version: once more, from the beginning.
    await dropPart(part);
    await fetchPart({ url, copy }, part, context, patience);
    problem = await mismatch(part, checksum);
  }
  if (problem !== null) {
    await dropPart(part);
    throw new LumiereError(
      "download-checksum",
      `${url}: the download is damaged or not the published file: ${problem}; it was deleted; try again, or fetch it by another way and ${copy}`,
    );
  }
  await rename(part, path);
  await rm(tagFile(part), { force: true });
}

const tagFile = (part: string): string => `${part}.tag`;

async function dropPart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(tagFile(part), { force: true });
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** Fills the part until it is whole, with as many connections as it takes. */
async function fetchPart(
  { url, copy }: { readonly url: string; readonly copy: string },
  part: string,
  context: DataContext,
  patience: DownloadPatience,
): Promise<void> {
  const { signal } = context;
  for (let failures = 0; ; ) {
    const before = await sizeOf(part);
    try {
      await fetchRest(url, part, context, patience.stall);
      return;
    } catch (error) {
      if (signal?.aborted)
        throw new StoppedError(`stopped; the download of ${url} goes on next time`);
      if (error instanceof LumiereError) throw error;
      const grown = (await sizeOf(part)) > before;
      failures = grown ? 1 : failures + 1;
      if (failures >= patience.tries || !worthAnotherTry(error, grown))
        throw failed(url, copy, error);
      await pause(patience.firstPause * 2 ** (failures - 1), undefined, { signal }).catch(() => {
        throw new StoppedError(`stopped; the download of ${url} goes on next time`);
      });
    }
  }
}

function worthAnotherTry(error: unknown, grown: boolean): boolean {
  if (error instanceof HttpError) return error.passing;
  const code = systemCode(error) ?? systemCode(causeOf(error));
  return grown || code === null || !UNREACHABLE.has(code);
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

function failed(url: string, copy: string, error: unknown): LumiereError {
  const advice = `fetch it by another way and ${copy}, or try again later`;
  if (error instanceof HttpError) {
    const message = `${url}: the server answered ${error.message}`;
    return error.passing
      ? new LumiereError("download", `${message}; ${advice}`, 1, { cause: error })
      : new BadInputError("download-missing", `${message}; check the address, or ${advice}`);
  }
  const cause = causeOf(error) ?? error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LumiereError("download", `${url}: cannot be downloaded (${reason}); ${advice}`, 1, {
    cause: error,
  });
}

/** One connection: asks for what is missing and appends it to the part. */
async function fetchRest(
  url: string,
  part: string,
  { progress, signal }: DataContext,
  stall: number,
): Promise<void> {
  const stalled = new AbortController();
  const watchdog = setTimeout(() => stalled.abort(new Error(`no data for ${stall} ms`)), stall);
  try {
    const tag = await readFile(tagFile(part), "utf8").catch(() => "");
    // Without a tag nobody can tell whether the part belongs to the file as it is now.
    const offset = tag === "" ? 0 : await sizeOf(part);
    const stage = `download ${basename(part, ".part")}`;
    progress({ stage, done: 0, unit: "bytes" });
    const response = await fetch(url, {
      headers: {
        // Compressed transfers have no byte ranges.
        "accept-encoding": "identity",
        ...(offset > 0 && { range: `bytes=${offset}-`, "if-range": tag }),
      },
      signal: AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]),
    });
    if (response.status === 416) {
      await response.body?.cancel();
      await dropPart(part);
      throw new Error("the server has less than was downloaded; starting over");
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new HttpError(response.status, response.statusText);
    }
    const start = response.status === 206 ? rangeStart(response) : 0;
    const whole = wholeLength(response, start);
    const version = versionTag(response);
    if (start === 0) {
      await rm(part, { force: true });
      if (version === null) await rm(tagFile(part), { force: true });
      else await writeFile(tagFile(part), version);
    } else if (start !== offset) throw new Error(`asked for byte ${offset}, got byte ${start}`);
    const file = await open(part, "a");
    let done = start;
    try {
      for await (const chunk of response.body ?? []) {
        watchdog.refresh();
        await file.appendFile(chunk);
        done += chunk.length;
        progress({
          stage,
          done,
          unit: "bytes",
          ...(whole !== null && { total: whole }),
        });
      }
      await file.sync();
      if ((await file.stat()).size !== done) {
        throw new Error("another program writes to the same download; starting over");
      }
    } finally {
      await file.close();
    }
    if (whole !== null && done !== whole) {
      throw new Error(`the connection ended after ${done} of ${whole} bytes`);
    }
  } finally {
    clearTimeout(watchdog);
  }
}

/** Only what the server promises to be the same bytes guards a resumed transfer. */
function versionTag(response: Response): string | null {
  const tag = response.headers.get("etag");
  if (tag !== null && !tag.startsWith("W/")) return tag;
  return response.headers.get("last-modified");
}

function rangeStart(response: Response): number {
  const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return start === undefined ? -1 : Number(start);
}

/** Length of the whole file, or null where the server does not say. */
function wholeLength(response: Response, start: number): number | null {
  const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (total !== undefined) return Number(total);
  const length = response.headers.get("content-length");
  return length === null ? null : start + Number(length);
}

/** What is wrong with a finished part, or null. */
async function mismatch(part: string, checksum: Checksum | null): Promise<string | null> {
  if (checksum === null) return null;
  const found = await checksumOf(part, checksum.algorithm);
  if (found === checksum.value) return null;
  return `${checksum.algorithm} is ${found}, expected ${checksum.value}`;
}
