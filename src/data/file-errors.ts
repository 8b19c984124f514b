/**
 * Files and folders that cannot be read: what is wrong, and the nearest thing
 * that is there.
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { BadInputError, LumiereError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";

/** Code of a system error ("ENOENT", "EACCES", …), or null for any other error. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || error instanceof LumiereError) return null;
  return "code" in error && typeof error.code === "string" ? error.code : null;
}

/**
 * The error that a person understands, for a system error met at a path.
 * @param known other things the person may have meant, for instance names of datasets
 */
export async function explainFileError(
  path: string,
  error: unknown,
  known: readonly string[] = [],
): Promise<Error> {
  const code = systemCode(error);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return missingFile(path, error, known);
    case "EACCES":
    case "EPERM":
      return new BadInputError(
        "file-unreadable",
        `${path}: no permission to read it; change its permissions or run as its owner`,
        { cause: error },
      );
    case "EISDIR":
      return folderInstead(path);
    case null:
      return error instanceof Error ? error : new Error(String(error));
    default:
      return new BadInputError("file-unreadable", `${path}: cannot be read (${code})`, {
        cause: error,
      });
  }
}

async function missingFile(
  path: string,
  cause: unknown,
  known: readonly string[],
): Promise<BadInputError> {
  const folder = dirname(resolve(path));
  let siblings: readonly string[] = [];
  let where = "";
  try {
    siblings = await readdir(folder);
  } catch {
    where = ` (there is no folder ${folder} either)`;
  }
  const name = basename(path);
  const near = nearest(name, [...siblings, ...known], 3).filter((other) => resembles(name, other));
  const advice =
    near.length > 0
      ? `did you mean ${near.map((other) => (known.includes(other) ? `the dataset ${other}` : other)).join(", ")}?`
      : "check the path";
  return new BadInputError("file-missing", `${path}: no such file${where}; ${advice}`, { cause });
}

/** Share of letter pairs that two names must have in common to be worth a suggestion (Dice). */
const LEAST_RESEMBLANCE = 0.4;

/** Whether a suggestion would make sense: the nearest of strangers is still a stranger. */
function resembles(a: string, b: string): boolean {
  const pairs = (name: string) =>
    new Set(
      Array.from({ length: name.length - 1 }, (_, at) => name.toLowerCase().slice(at, at + 2)),
    );
  const [ofA, ofB] = [pairs(a), pairs(b)];
  return (
    2 * [...ofA].filter((pair) => ofB.has(pair)).length >= LEAST_RESEMBLANCE * (ofA.size + ofB.size)
  );
}

/** The error for a folder where a file of interactions was expected. */
export async function folderInstead(path: string): Promise<BadInputError> {
  const names = (await readdir(path)).sort();
  const shown = names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "");
  return new BadInputError(
    "file-folder",
    names.length === 0
      ? `${path} is an empty folder; pass a file of interactions`
      : `${path} is a folder of no known layout; pass one of its files (${shown})`,
  );
}
