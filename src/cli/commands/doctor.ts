/**
 * `lumiere doctor`: what this machine offers, and what to do about each gap.
 *
 * @module
 */

import type { CommandDefinition } from "../command.ts";
import { examineMachine, type FindingState } from "../machine.ts";
import { wrap } from "../table.ts";

const marks: Readonly<Record<FindingState, string>> = { ok: "✓", gap: "○", broken: "✗" };

export const doctor: CommandDefinition = {
  configure(command) {
    command.addHelpText(
      "after",
      "\nExits with 1 where something that every command needs is broken.\n\nExamples:\n  $ lumiere doctor\n  $ lumiere doctor --json",
    );
  },

  async run(session) {
    const findings = await examineMachine();
    const lines = findings.flatMap(({ name, state, found, advice }) => [
      `${marks[state]} ${name.padEnd(13)} ${found}`,
      ...(advice === null ? [] : [wrap(`→ ${advice}`, 78, " ".repeat(16))]),
    ]);
    const healthy = findings.every(({ state }) => state !== "broken");
    session.result({ healthy, findings }, lines.join("\n"));
    if (!healthy) session.failed = true;
  },
};
