/**
 * The techniques as Markdown: a table for each graph, the engine's own way first, then what the
 * same work takes without it, and whether it came to the same numbers.
 *
 * @module
 */

import { numberText } from "../columns.ts";
import { isDisturbed } from "../contention.ts";
import { type Machine, machineLine } from "../machine.ts";
import type { TechniqueMeasurement } from "../ours/techniques.ts";
import { ratio, spreadOf } from "../rounds.ts";
import { markdown } from "../table.ts";
import { resultText } from "./take-turns.ts";
import type { Technique } from "./technique.ts";

/** A technique in every round, the ways in the same order. */
export interface TechniqueRounds {
  readonly technique: Pick<Technique, "key" | "title">;
  readonly rounds: TechniqueMeasurement[];
}

/** All techniques on one graph. */
export interface Bout {
  readonly dataset: string;
  readonly threads: number;
  readonly date: string;
  /** Cores that other processes kept busy meanwhile; null where the system does not tell. */
  readonly coresOfOthers: number | null;
  readonly techniques: readonly TechniqueRounds[];
  /** Techniques that failed, and how. */
  readonly skipped: readonly string[];
}

export function techniquesReport(
  machine: Machine,
  bouts: readonly Bout[],
  seconds: number,
): string {
  const parts = ["# techniques", machineLine(machine)];
  for (const bout of bouts) {
    const { dataset, threads, date, coresOfOthers: others } = bout;
    const rounds = Math.max(0, ...bout.techniques.map(({ rounds: taken }) => taken.length));
    parts.push(
      `## ${dataset}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
      `Measured ${date.slice(0, 16).replace("T", " ")} UTC, ${rounds} ${rounds === 1 ? "round" : "rounds"} of ${seconds} s for each way; other processes used ${others?.toFixed(2) ?? "unknown"} cores meanwhile.`,
      markdown(
        ["what is done, and without it", "ms (spread)", "÷ ours", "result"],
        bout.techniques.flatMap(rowsOf),
      ),
    );
    const notes = bout.techniques.flatMap(({ rounds: [first] }) => first?.notes ?? []);
    if (notes.length) parts.push(notes.map((note) => `- ${note}.`).join("\n"));
    parts.push(...bout.skipped);
    if (isDisturbed(others, threads, machine.cores)) {
      parts.push(
        `**Disturbed: other processes kept ${others!.toFixed(2)} cores busy. Measure again in quiet.**`,
      );
    }
  }
  return `${parts.join("\n\n")}\n`;
}

function rowsOf({ technique, rounds }: TechniqueRounds): string[][] {
  const ways = rounds[0]?.ways ?? [];
  const times = (at: number) => rounds.map((round) => round.ways[at]!.ms);
  return ways.map((way, at) => {
    const { median, min, max } = spreadOf(times(at));
    const title = [technique.title, way.title].filter((text) => text !== "").join(" ");
    const sameBits = rounds.every((round) => round.ways[at]!.digest === round.ways[0]!.digest);
    return [
      at === 0 ? `**${title}**` : `… ${way.title}`,
      `${timeText(median)} (${timeText(min)}–${timeText(max)})`,
      `${ratio(times(at), times(0)).toFixed(2)}×`,
      at === 0 ? "" : resultText(way, sameBits),
    ];
  });
}

/** Jobs of microseconds are shown with their digits. */
function timeText(milliseconds: number): string {
  return milliseconds < 1 ? milliseconds.toPrecision(2) : numberText(milliseconds);
}
