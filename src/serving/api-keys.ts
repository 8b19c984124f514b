/**
 * Who may do what. A key is 32 random bytes, so its SHA-256 is enough: nobody
 * guesses it, and the file of hashes opens nothing. The file:
 *
 *   {"keys": [{"name": "shop", "sha256": "…", "scopes": ["read", "write"]}]}
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { writeFileAtomically } from "../artifact/atomic.ts";
import { BadInputError } from "../base/errors.ts";
import { Problem } from "./problem.ts";

export const scopes = ["read", "write"] as const;

/** read: lists, histories, items, models, metrics; write: events, items, forgetting, reloading. */
export type Scope = (typeof scopes)[number];

const LONGEST_NAME = 100;

const keyFileSchema = z.strictObject({
  keys: z.array(
    z.strictObject({
      name: z.string().min(1).max(LONGEST_NAME),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      scopes: z.array(z.enum(scopes)).min(1),
    }),
  ),
});

type KeyFile = z.infer<typeof keyFileSchema>;

/** Every key begins with it, so that scanners for leaked secrets know one. */
const PREFIX = "lumiere_";

const digest = (key: string): string => createHash("sha256").update(key).digest("hex");

function readKeyFile(path: string): KeyFile {
  try {
    return keyFileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")
        : error instanceof Error
          ? error.message
          : "";
    throw new BadInputError(
      "key-file",
      `the key file ${path} cannot be used: ${why}; make keys with lumiere key`,
    );
  }
}

/**
 * Adds a key to a file, which is made where there is none.
 * @returns the key, which is kept nowhere
 * @throws BadInputError where the name is taken, or the file damaged or not to be written
 */
export function addKey(path: string, name: string, granted: readonly Scope[]): string {
  if (name.length < 1 || name.length > LONGEST_NAME) {
    throw new BadInputError(
      "key-name",
      `a key's name has ${name.length} characters; choose one of 1 to ${LONGEST_NAME}`,
    );
  }
  const file = existsSync(path) ? readKeyFile(path) : { keys: [] };
  if (file.keys.some((key) => key.name === name)) {
    throw new BadInputError("key-name", `${path} has a key named "${name}"; choose another name`);
  }
  const key = `${PREFIX}${randomBytes(32).toString("base64url")}`;
  const keys = [...file.keys, { name, sha256: digest(key), scopes: [...granted] }];
  try {
    writeFileAtomically(path, `${JSON.stringify({ keys }, null, 2)}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BadInputError("key-file", `the key file ${path} cannot be written: ${why}`);
  }
  return key;
}

/** The keys that a server takes. */
export class ApiKeys {
  readonly #keys: ReadonlyMap<string, { readonly name: string; readonly scopes: readonly Scope[] }>;

  private constructor(file: KeyFile) {
    this.#keys = new Map(file.keys.map(({ sha256, ...key }) => [sha256, key]));
  }

  /** @throws BadInputError where the file is missing or damaged */
  static open(path: string): ApiKeys {
    return new ApiKeys(readKeyFile(path));
  }

  /**
   * The name of the key of an `Authorization: Bearer …` header. Only hashes are compared, so that
   * how long it takes says nothing of a key.
   * @throws Problem 401 without a known key, 403 where it lacks the scope
   */
  authorise(header: string | undefined, scope: Scope): string {
    const token = /^Bearer ([\w-]{1,200})$/i.exec(header ?? "")?.[1];
    const key = token === undefined ? undefined : this.#keys.get(digest(token));
    if (!key) {
      throw new Problem(401, "key", "send a known key as Authorization: Bearer KEY");
    }
    if (!key.scopes.includes(scope)) {
      throw new Problem(403, "scope", `key "${key.name}" has no ${scope} scope`);
    }
    return key.name;
  }
}
