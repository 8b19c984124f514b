/**
 * Writes docs/cli.md from the commands themselves: `node scripts/document-cli.ts`.
 * A test fails where the file and the commands differ.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { commands } from "../src/cli/commands.ts";
import { buildProgram } from "../src/cli/program.ts";
import { dataOptionsSchema } from "../src/data/options.ts";
import { experimentSchema } from "../src/experiment/description.ts";
import { type SettingRow, settingRows } from "../src/experiment/settings.ts";

const file = new URL("../docs/cli.md", import.meta.url);

const INTRODUCTION = `# Command line

Written by \`node scripts/document-cli.ts\` from the commands themselves; edit those, not this.

- Results go to stdout; progress, notices and errors to stderr. \`--json\` prints exactly one JSON
  object on stdout, also when something fails: \`{"error": {"code": …, "message": …}}\`.
- Exit codes: 0 = done, 1 = failed, 2 = bad input (a flag, a file, an id).
- Training that diverges (a loss or a parameter that is no finite number) ends at that epoch with exit
  code 1: no checkpoint and no bundle ever holds such numbers, and the last good checkpoint stays.
- The first Ctrl-C stops cleanly: training keeps a checkpoint, from which \`--resume\` goes on bit for
  bit; no half-written file stays. The second ends the process at once.
- Passwords and signed query strings of addresses never reach a report.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function settingTable(rows: readonly SettingRow[]): string {
  return [
    "| field | type | default | |",
    "|---|---|---|---|",
    ...rows.map(
      ({ name, type, defaultValue, description }) =>
        `| \`${name}\` | ${cell(type)} | ${defaultValue === null ? "" : `\`${cell(defaultValue)}\``} | ${cell(description)} |`,
    ),
  ].join("\n");
}

/** The page as it should be. */
export async function commandLinePage(): Promise<string> {
  let help = "";
  const program = await buildProgram({
    loaded: () => true,
    run: async () => {},
    write: (text) => {
      help += text;
    },
    columns: 96,
  });
  const sections = commands.map(({ name }) => {
    help = "";
    program.commands.find((command) => command.name() === name)?.outputHelp();
    return `## lumiere ${name}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``;
  });
  // One machine's number of cores is no business of the page.
  const { threads: _threads, ...fields } = experimentSchema.shape;
  const rows = settingRows(z.object(fields)).filter(({ name }) => name !== "data");
  return [
    INTRODUCTION,
    sections.join("\n\n"),
    `## The config file\n\n\`--config file.json\` holds an experiment; flags override its fields.\n\n\`\`\`json\n${JSON.stringify(
      {
        data: { data: "ml-100k", minRating: 3 },
        split: "random:0.8",
        validation: 0.1,
        model: "lightgcn",
        hyperparameters: { layers: 3, epochs: 100 },
        evaluation: { ks: [10, 20] },
        seed: 1,
        output: "runs/first",
      },
      null,
      2,
    ).replace(
      /\[\s+10,\s+20\s+\]/,
      "[10, 20]",
    )}\n\`\`\`\n\n\`"data": "ml-100k"\` is short for \`"data": {"data": "ml-100k"}\`.`,
    settingTable(rows),
    `\`threads\` is one a core unless it is given. Fields of \`data\`:`,
    settingTable(settingRows(dataOptionsSchema)),
    `Fields of \`evaluation\`:`,
    settingTable(settingRows(experimentSchema.shape.evaluation.unwrap())),
    `Fields of \`checkpoint\`:`,
    settingTable(settingRows(experimentSchema.shape.checkpoint.unwrap())),
    "",
  ]
    .join("\n\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()
    .concat("\n");
}

if (import.meta.main) {
  const page = await commandLinePage();
  const before = (() => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  })();
  if (page !== before) writeFileSync(file, page);
  console.log(page === before ? "docs/cli.md is up to date" : "docs/cli.md written");
}
