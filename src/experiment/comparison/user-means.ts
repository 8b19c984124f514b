/**
 * One value a user and metric over several runs of a model: the user's mean over
 * the seeds. The user is the unit of every interval and test, so five seeds do
 * not count as five times the people.
 *
 * @module
 */

import { parseSplit } from "../../data/split-language.ts";
import type { PerUserValues } from "../per-user-values.ts";
import type { JudgedRun } from "./judged-run.ts";

/** Whether another seed judges other interactions. */
export function dependsOnSeed(specification: string): boolean {
  const split = parseSplit(specification);
  switch (split.kind) {
    case "file":
    case "temporal":
    case "user-temporal":
      return false;
    case "loo":
      return split.choice === "random";
    default:
      return true;
  }
}

/** Each user's mean over the runs that judged the user; NaN where none has a value. */
export function userMeans(runs: readonly JudgedRun[], keys: readonly string[]): PerUserValues {
  const [only] = runs;
  const parts = runs.map(({ perUser }) => perUser);
  if (only !== undefined && runs.length === 1) {
    const values = keys.map((key) => [key, only.perUser.values[key]!] as const);
    return { users: only.perUser.users, values: Object.fromEntries(values) };
  }
  const users = Int32Array.from(new Set(parts.flatMap((part) => [...part.users]))).sort();
  const place = new Map(Array.from(users, (user, at) => [user, at]));
  const values = keys.map((key) => {
    const sums = new Float64Array(users.length);
    const counts = new Int32Array(users.length);
    for (const part of parts) {
      const column = part.values[key]!;
      part.users.forEach((user, at) => {
        const value = column[at]!;
        if (Number.isNaN(value)) return;
        sums[place.get(user)!]! += value;
        counts[place.get(user)!]!++;
      });
    }
    return [key, sums.map((sum, at) => sum / counts[at]!)] as const;
  });
  return { users, values: Object.fromEntries(values) };
}

/**
 * The values of one metric of the users that both models have a value for, side by side. Where the
 * cut depends on the seed, only seeds that both ran count.
 */
export function pairedValues(
  own: readonly JudgedRun[],
  others: readonly JudgedRun[],
  key: string,
  seeded: boolean,
): { readonly own: Float64Array; readonly others: Float64Array } {
  const seedsOf = (runs: readonly JudgedRun[]) => new Set(runs.map(({ report }) => report.seed));
  const common = (runs: readonly JudgedRun[], seeds: ReadonlySet<number>) =>
    seeded ? runs.filter(({ report }) => seeds.has(report.seed)) : runs;
  const a = userMeans(common(own, seedsOf(others)), [key]);
  const b = userMeans(common(others, seedsOf(own)), [key]);
  const placeInB = new Map(Array.from(b.users, (user, at) => [user, at]));
  const pairs: [number, number][] = [];
  a.users.forEach((user, at) => {
    const place = placeInB.get(user);
    if (place === undefined) return;
    const pair: [number, number] = [a.values[key]![at]!, b.values[key]![place]!];
    if (!pair.some(Number.isNaN)) pairs.push(pair);
  });
  return {
    own: Float64Array.from(pairs, ([value]) => value),
    others: Float64Array.from(pairs, ([, value]) => value),
  };
}
