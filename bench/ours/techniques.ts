/**
 * One technique's ways in turn, in this process.
 *
 * Usage: node bench/ours/techniques.ts FOLDER --technique KEY [--threads 2] [--seconds 0.3]
 * Prints one line of JSON.
 *
 * @module
 */

import { techniques } from "../techniques/all.ts";
import { withGround } from "../techniques/ground.ts";
import { takeTurns, type WayMeasurement } from "../techniques/take-turns.ts";
import { readFlags, readNeutral } from "./neutral.ts";

/** The line that is printed. */
export interface TechniqueMeasurement {
  readonly ways: readonly WayMeasurement[];
  readonly notes: readonly string[];
}

const { folder, threads, seconds, technique: key } = readFlags({ technique: "" });
const technique = techniques.find((known) => known.key === key);
if (!technique) {
  const known = techniques.map((each) => each.key).join(", ");
  throw new Error(`--technique "${key}": expected one of ${known}`);
}
const found: TechniqueMeasurement = await withGround(
  readNeutral(folder),
  { threads },
  async (ground) => {
    const notes = technique.notes?.(ground) ?? [];
    const absence = technique.absent?.(ground.graph) ?? null;
    if (absence !== null) return { ways: [], notes: [...notes, absence] };
    return { ways: await takeTurns(await technique.ways(ground), seconds), notes };
  },
);
console.log(JSON.stringify(found));
