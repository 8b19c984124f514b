/**
 * `lumiere compare`: several models under the same cuts, or runs that are there.
 *
 * @module
 */

import type { Command } from "commander";
import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import type { Comparison } from "../../experiment/comparison/comparison.ts";
import {
  type PreparedComparison,
  prepareComparison,
} from "../../experiment/comparison/description.ts";
import { metricLabel, metricText } from "../../experiment/metric-label.ts";
import { checkedSettings, settingsFromText } from "../../experiment/settings.ts";
import { durationText, sizeText } from "../../experiment/units.ts";
import { findModel } from "../../models/registry.ts";
import { type CommandDefinition, several } from "../command.ts";
import { commandText } from "../command-text.ts";
import { comparisonText } from "../comparison-text.ts";
import {
  addDataFlags,
  addValidationUsers,
  number,
  rawExperiment,
  record,
  splitHelp,
} from "../experiment-flags.ts";
import { freshFolder } from "../fresh-folder.ts";
import { MOST_PLACES, seedList, wholeNumbers } from "../numbers.ts";
import { flagName } from "../schema-options.ts";
import type { Session } from "../session.ts";

const optionsSchema = z.object({
  models: z.string().optional(),
  seed: z.string().optional(),
  seeds: z.string().optional(),
  set: z.array(z.string()).default([]),
  k: z.string().optional(),
  protocol: z.string().optional(),
  metric: z.string().optional(),
  baseline: z.string().optional(),
  out: z.string().optional(),
  bundles: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export const compare: CommandDefinition = {
  configure(command) {
    command.argument(
      "[dirs...]",
      "folders of lumiere train or blend to compare, in place of --data and --models",
    );
    addDataFlags(command);
    addValidationUsers(command);
    command
      .option(
        "--models <list>",
        "what is compared: lightgcn,ease,popularity; label=model names one of several settings",
      )
      .option("--seeds <number|list>", "how many runs of each model, or which seeds: 5 or 1,2,7")
      .option(
        "--set <label.key=value>",
        "a setting of one model; key=value sets it for every model that has it",
        several,
      )
      .option("--k <list>", "where lists are cut for the metrics (default: 10,20)")
      .option("--protocol <name>", "lightgcn, mult-vae or microsoft (default: lightgcn)")
      .option("--metric <name>", "ranks the leaderboard (default: ndcg at the longest list)")
      .option("--baseline <label>", "test the others against this one (default: the best)")
      .option("--config <file>", "a comparison as JSON; flags override its fields")
      .option(
        "--out <dir>",
        "where tables, page and runs go; runs that are there are not made again (default: a new folder in lumiere-runs)",
      )
      .option("--bundles", "keep every run's model too, not its report alone")
      .addHelpText(
        "after",
        [
          splitHelp(),
          "",
          "Each run is a process of its own: its peak memory is its own, data included.",
          "",
          "Examples:",
          "  $ lumiere compare --data ml-100k --models lightgcn,bpr,popularity --seeds 5 --out runs/compared",
          "  $ lumiere compare --data ml-100k --models deep=lightgcn,flat=lightgcn --set deep.layers=4 --set flat.layers=1",
          "  $ lumiere compare --data ncf-ml-1m --models bpr,popularity --k 10 --metric hr@10 --baseline popularity",
          "  $ lumiere compare runs/first runs/second --json",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const options = optionsSchema.parse(command.opts());
    const typed = commandText(["compare", ...command.parent!.args.slice(1)]);
    const comparison =
      command.args.length > 0
        ? await compareDirectories(command, options, typed)
        : await compareNow(session, command, options, typed);
    if (comparison.failures.length > 0) session.failed = true;
    session.result(comparison, comparisonText(comparison));
  },
};

/** Flags that make sense for runs that are there; all others say how to make some. */
const OF_FINISHED_RUNS = ["metric", "baseline", "out", "json"];

async function compareDirectories(
  command: Command,
  options: Options,
  typed: string,
): Promise<Comparison> {
  const refused = Object.keys(command.opts()).find((name) => !OF_FINISHED_RUNS.includes(name));
  if (refused !== undefined) {
    throw new BadInputError(
      "usage",
      `--${flagName(refused)} says how to run models, and folders of finished runs were named too: leave out the one or the other`,
    );
  }
  const { compareFolders } = await import("../../experiment/comparison/run-comparison.ts");
  return compareFolders(command.args, {
    metric: options.metric ?? null,
    baseline: options.baseline ?? null,
    output: options.out ?? null,
    command: typed,
  });
}

async function compareNow(
  session: Session,
  command: Command,
  options: Options,
  typed: string,
): Promise<Comparison> {
  const prepared = prepare(command, options);
  const { runComparison } = await import("../../experiment/comparison/run-comparison.ts");
  const { metric } = prepared.ranking;
  return runComparison(prepared, {
    progress: session.progress,
    notice: (text) => session.notice(text),
    signal: session.signal,
    bundles: options.bundles,
    command: typed,
    finished: ({ label, report }, made) => {
      const { metrics, seconds, peakMemoryBytes, seed, evaluation } = report;
      session.notice(
        `${label}, seed ${seed}: ${metricLabel(metric, evaluation.sampled)} ${metricText(metrics[metric] ?? null)}, ` +
          `${durationText(seconds.total)}, ${sizeText(peakMemoryBytes)}${made ? "" : " (kept from before)"}`,
      );
    },
  });
}

function prepare(command: Command, options: Options): PreparedComparison {
  const { seed: _seed, ...raw } = rawExperiment(command);
  const configured: Record<string, unknown> = { ...raw };
  const models = contenders(options, configured.models);
  return prepareComparison(
    {
      ...configured,
      models,
      ...((options.seeds !== undefined || options.seed !== undefined) && {
        seeds: seedsOf(options),
      }),
      evaluation: {
        // Every interval of a comparison is over all seeds; a run's own would be thrown away.
        intervals: false,
        ...record(configured.evaluation),
        ...(options.k !== undefined && { ks: wholeNumbers("--k", options.k, 1, MOST_PLACES) }),
        ...(options.protocol !== undefined && { protocol: options.protocol }),
      },
      ...(options.metric !== undefined && { metric: options.metric }),
      ...(options.baseline !== undefined && { baseline: options.baseline }),
      output: options.out ?? configured.output ?? freshFolder(raw.data, "compared"),
    },
    "compare",
  );
}

interface Contender {
  readonly label: string;
  readonly model: string;
  readonly hyperparameters: Record<string, unknown>;
}

const configuredSchema = z.object({
  models: z.array(
    z.looseObject({
      label: z.string().optional(),
      model: z.string(),
      hyperparameters: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});

/** Models with their settings, from `--models` and `--set` over the config file. */
function contenders({ models, set }: Options, configured: unknown): Contender[] {
  const chosen: Contender[] =
    models === undefined
      ? fromConfig(configured)
      : models.split(",").map((part) => {
          const [first = "", second] = part.trim().split("=");
          return { label: first, model: second ?? first, hyperparameters: {} };
        });
  for (const assignment of set) {
    const [, prefix, rest] = /^([\w.-]+?)\.([A-Za-z]\w*=.*)$/s.exec(assignment) ?? [];
    const own = chosen.filter(({ label }) => label === prefix);
    if (prefix !== undefined && rest !== undefined && own.length === 0) {
      throw new BadInputError(
        "settings",
        `--set ${assignment}: no model is called "${prefix}" (models: ${chosen.map(({ label }) => label).join(", ")})`,
      );
    }
    const text = rest ?? assignment;
    const key = text.slice(0, Math.max(0, text.indexOf("=")));
    const meant =
      rest === undefined
        ? chosen.filter(({ model }) => Object.hasOwn(findModel(model).hyperparameters.shape, key))
        : own;
    // None has it: the first model's error names the fields there are.
    for (const { model, hyperparameters } of meant.length > 0 ? meant : chosen.slice(0, 1)) {
      const schema = findModel(model).hyperparameters;
      Object.assign(hyperparameters, settingsFromText(schema, [text], "--set"));
    }
  }
  return chosen;
}

function fromConfig(configured: unknown): Contender[] {
  if (configured === undefined) {
    throw new BadInputError(
      "usage",
      "which models? pass --models lightgcn,popularity; lumiere models lists the names",
    );
  }
  const { models } = checkedSettings(configuredSchema, { models: configured }, "compare");
  return models.map(({ label, model, hyperparameters }) => ({
    label: label ?? model,
    model,
    hyperparameters: { ...hyperparameters },
  }));
}

function seedsOf({ seed, seeds = "1" }: Options): number[] {
  return seedList("--seeds", seeds, seed === undefined ? 1 : number("--seed", seed));
}
