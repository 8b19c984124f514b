/**
 * `lumiere reproduce NAME…`: runs recipes and prints ours beside theirs.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../../artifact/atomic.ts";
import { BadInputError } from "../../base/errors.ts";
import { checkFolder } from "../../base/folders.ts";
import {
  chooseRecipes,
  chooseRows,
  loadRecipes,
  type Recipe,
} from "../../experiment/recipe/recipe.ts";
import {
  recipeTable,
  reproductionMarkdown,
  reproductionTable,
} from "../../experiment/recipe/recipe-tables.ts";
import { missingData, type Reproduction, reproduce } from "../../experiment/recipe/reproduce.ts";
import { type CommandDefinition, several } from "../command.ts";
import { seedList, wholeNumber } from "../numbers.ts";
import type { Session } from "../session.ts";
import { alignedTable, wrap } from "../table.ts";

const optionsSchema = z.object({
  list: z.boolean().default(false),
  row: z.array(z.string()).default([]),
  seeds: z.string().optional(),
  threads: z.string().optional(),
  out: z.string().optional(),
  download: z.boolean().default(false),
  markdown: z.boolean().default(false),
});

export const reproduceCommand: CommandDefinition = {
  configure(command) {
    command
      .argument("[names...]", "recipes to run; gowalla-* stands for all that begin so")
      .option("--list", "list the recipes, what they take, and whether their data are here")
      .option(
        "--row <text>",
        "only the row called this, else those whose name contains it; any number of times",
        several,
      )
      .option("--seeds <number|list>", "in place of the recipe's: how many from 1 on, or which")
      .option("--threads <number>", "threads of each run (default: one a core)")
      .option("--out <dir>", "keep every run there; what is there is not run again")
      .option("--download", "fetch data that are not here (accepting their licence)")
      .option("--markdown", "print Markdown tables")
      .addHelpText(
        "after",
        [
          "",
          "A figure passes where ours is no further below theirs than the recipe's tolerance.",
          "",
          "Examples:",
          "  $ lumiere reproduce --list",
          "  $ lumiere reproduce ncf-ml-1m-popularity",
          '  $ lumiere reproduce ml-100k-lightgcn-layers --row "K = 1" --row "K = 3" --seeds 1',
          "  $ lumiere reproduce 'gowalla-*' --out runs/recipes --markdown",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const options = optionsSchema.parse(command.opts());
    const recipes = loadRecipes();
    if (options.list) return list(session, recipes);
    if (command.args.length === 0) {
      throw new BadInputError("usage", "which recipe? lumiere reproduce --list shows them");
    }
    const named = chooseRecipes(recipes, command.args);
    const rows = chooseRows(named, options.row);
    const chosen = named.filter((recipe) => recipe.rows.some((row) => rows.includes(row)));
    if (options.out !== undefined) checkFolder("--out", options.out);
    const done: Reproduction[] = [];
    for (const recipe of chosen) {
      const reproduction = await reproduce(recipe, {
        ...(options.seeds !== undefined && { seeds: seedList("--seeds", options.seeds) }),
        ...(options.threads !== undefined && {
          threads: wholeNumber("--threads", options.threads, 1, 256),
        }),
        rows: recipe.rows.filter((row) => rows.includes(row)).map(({ label }) => label),
        output: options.out ?? null,
        download: options.download,
        progress: session.progress,
        notice: (text) => session.notice(text),
        signal: session.signal,
      });
      done.push(reproduction);
      if (reproduction.status !== "pass") session.failed = true;
    }
    const markdown = done.map(reproductionMarkdown).join("\n");
    if (options.out !== undefined) {
      writeFileAtomically(join(options.out, "results.md"), markdown);
      writeFileAtomically(
        join(options.out, "results.json"),
        `${JSON.stringify({ recipes: done }, null, 2)}\n`,
      );
    }
    session.result(
      { recipes: done },
      options.markdown ? markdown : done.map(reproductionText).join("\n\n"),
    );
  },
};

async function list(session: Session, recipes: readonly Recipe[]): Promise<void> {
  const listed = await Promise.all(
    recipes.map(async (recipe) => ({ recipe, missing: await missingData(recipe) })),
  );
  session.result(
    {
      recipes: listed.map(({ recipe, missing }) => ({
        ...recipe,
        dataHere: missing.length === 0,
        missingData: missing,
      })),
    },
    alignedTable(recipeTable(listed), [1, 3]),
  );
}

function reproductionText(reproduction: Reproduction): string {
  const { name, title, source, protocol, note, seeds, status, reason, rows } = reproduction;
  const word = { pass: "PASS", miss: "MISS", "missing-data": "NO DATA", failed: "FAILED" }[status];
  return [
    `${name}: ${title} — ${word}`,
    wrap(`${protocol}. Theirs: ${source.text}. Seeds ${seeds.join(", ")}.`, 92, "  "),
    ...(note === null ? [] : [wrap(note, 92, "  ")]),
    ...(reason === null ? [] : [wrap(reason, 92, "  ")]),
    ...(rows.length === 0 ? [] : ["", alignedTable(reproductionTable(reproduction), [2, 3])]),
  ].join("\n");
}
