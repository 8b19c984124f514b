/**
 * The metrics of every user of a run on disk, so that runs can be compared pair
 * by pair later: `per-user.safetensors` with `users` (dense indices, ascending)
 * and one column of doubles a metric; NaN = no value for that user.
 *
 * @module
 */

import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "../artifact/safetensors.ts";
import { BadInputError } from "../base/errors.ts";
import type { Evaluation } from "../evaluation/evaluate.ts";

export const PER_USER_FILE = "per-user.safetensors";

/** One value a user and metric. */
export type PerUserValues = Evaluation["perUser"];

/** Writes the file into a run's folder. */
export async function writePerUserValues(
  folder: string,
  { users, values }: PerUserValues,
): Promise<string> {
  const path = join(folder, PER_USER_FILE);
  const shape = [users.length];
  await writeSafetensors(path, {
    users: { shape, data: users },
    ...Object.fromEntries(Object.entries(values).map(([key, data]) => [key, { shape, data }])),
  });
  return path;
}

/** Reads the file of a run's folder. @throws BadInputError "per-user" where it holds something else */
export async function readPerUserValues(folder: string): Promise<PerUserValues> {
  const path = join(folder, PER_USER_FILE);
  const { tensors } = await readSafetensors(path);
  const users = tensors.get("users")?.data;
  if (!(users instanceof Int32Array)) {
    throw new BadInputError(
      "per-user",
      `${path} has no users; expected a file that a run of Lumière wrote`,
    );
  }
  const values: Record<string, Float64Array> = {};
  for (const [key, { data }] of tensors) {
    if (key === "users") continue;
    if (!(data instanceof Float64Array) || data.length !== users.length) {
      throw new BadInputError(
        "per-user",
        `${path}: ${key} is not one double for each of ${users.length} users; run it again`,
      );
    }
    values[key] = data;
  }
  return { users, values };
}
