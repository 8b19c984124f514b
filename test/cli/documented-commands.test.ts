/** Every `lumiere …` line of the documents is one that the program would take. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CommanderError } from "commander";
import { z } from "zod";
import { buildProgram } from "../../src/cli/program.ts";
import { chooseRecipes, loadRecipes } from "../../src/experiment/recipe/recipe.ts";
import { settingsFromText } from "../../src/experiment/settings.ts";
import { findModel } from "../../src/models/registry.ts";

const root = join(import.meta.dirname, "..", "..");
const documents = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

const recipes = loadRecipes();

interface Line {
  readonly text: string;
  /** A block is to be copied as it stands; prose may name a command by a part of it. */
  readonly whole: boolean;
}

/** Optional variables, npx or a prompt, then the program's name and something after it. */
const COMMAND = /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?lumiere (?<words>\S.*)$/;

function linesOf(document: string): Line[] {
  const lines: Line[] = [];
  const add = (text: string, whole: boolean) => {
    const words = COMMAND.exec(text.replace(/\s+/g, " ").trim())?.groups?.words;
    if (words !== undefined) lines.push({ text: words, whole });
  };
  const prose = document.replace(/^```\w*\n(.*?)^```$/gms, (_, block: string) => {
    for (const line of block.replace(/\\\n/g, " ").split("\n")) add(line, true);
    return "";
  });
  for (const [, span = ""] of prose.matchAll(/`([^`]+)`/g)) add(span, false);
  return lines;
}

/** Words as a shell makes them, up to a comment or a pipe; … stands for what is left out. */
function wordsOf(text: string): string[] {
  const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
  const end = words.findIndex((word) => word === "#" || word === "|" || word === "&&");
  const typed = end < 0 ? words : words.slice(0, end);
  return typed.filter((word, at) => word !== "…" || typed[at - 1]?.startsWith("--"));
}

const typedSchema = z.looseObject({
  model: z.string().default("lightgcn"),
  set: z.array(z.string()).default([]),
});

/** @throws what the program would say */
async function parse({ text, whole }: Line): Promise<void> {
  const program = await buildProgram({
    loaded: (name) => text.startsWith(name),
    run: async (_, command) => {
      if (command.name() === "reproduce") {
        // In prose NAME stands for any recipe.
        const names = command.args.filter((name) => !/^[A-Z]+$|…/.test(name));
        chooseRecipes(recipes, names);
      }
      if (command.name() !== "train") return;
      const { model, set } = typedSchema.parse(command.opts());
      const given = set.filter((assignment) => !/…|^key=value$/.test(assignment));
      settingsFromText(findModel(model).hyperparameters, given, "--set");
    },
    write: () => {},
  });
  try {
    await program.parseAsync(wordsOf(text), { from: "user" });
  } catch (error) {
    const partial =
      error instanceof CommanderError &&
      /^commander\.(missingArgument|missingMandatoryOptionValue|optionMissingArgument)$/.test(
        error.code,
      );
    if (whole || !partial) throw error;
  }
}

describe("commands in the documents", () => {
  for (const name of documents) {
    it(name, async () => {
      for (const line of linesOf(readFileSync(join(root, name), "utf8"))) {
        await assert.doesNotReject(parse(line), `${name}: lumiere ${line.text}`);
      }
    });
  }

  it("are found in blocks and in prose, and a wrong one is noticed", async () => {
    const found = linesOf(
      "Run `A=1 lumiere train --data\nx` or `npm test`:\n\n```sh\nnpx lumiere doctor   # looks\n```\n",
    );
    assert.deepEqual(found, [
      { text: "doctor # looks", whole: true },
      { text: "train --data x", whole: false },
    ]);
    const wrong = (text: string, message: RegExp) =>
      assert.rejects(parse({ text, whole: false }), message);
    await wrong("train --data x --set layers=2 width=8", /too many arguments/);
    await wrong("reproduce ml-100k-layers", /did you mean/);
    await wrong("train --data x --sead 1", /unknown option/);
    await wrong("train --data x --set layer=2", /did you mean "layers"/);
  });
});
