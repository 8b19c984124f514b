/**
 * `lumiere retrain DIR`: the original data and the events since, a new model, and
 * a judgement between it and the running one.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { dataOptionsSchema } from "../../data/options.ts";
import { metricLabel, metricText } from "../../experiment/metric-label.ts";
import type { Retraining } from "../../experiment/retrain/retrain.ts";
import type { CommandDefinition } from "../command.ts";
import { number } from "../experiment-flags.ts";
import { wholeNumber } from "../numbers.ts";
import { addSchemaOptions, optionsGiven } from "../schema-options.ts";
import { table } from "../table.ts";

const optionsSchema = z.object({
  store: z.string().optional(),
  out: z.string().optional(),
  force: z.boolean().default(false),
  holdOut: z.string(),
  threads: z.string().optional(),
});

export const retrainCommand: CommandDefinition = {
  configure(command) {
    command
      .argument("<dir>", "folder that lumiere train wrote, and that lumiere serve may be serving")
      .option(
        "--store <where>",
        "events: a SQLite file or postgres://… (default: events.sqlite beside the bundle)",
      )
      .option("--out <dir>", "where the new bundle goes (default: the place of the running one)")
      .option("--force", "promote the new model whatever the judgement says, or without one")
      .option("--hold-out <share>", "newest share of the new events that both are judged on", "0.2")
      .option("--threads <number>", "threads; the result is the same with any number")
      .optionsGroup("Data, where they differ from what the bundle says:");
    addSchemaOptions(command, dataOptionsSchema);
    command.addHelpText(
      "after",
      [
        "",
        "Exits with 1 where the new model was refused or nothing could be judged.",
        "",
        "Examples:",
        "  $ lumiere retrain runs/first",
        "  $ lumiere retrain runs/first --store events.sqlite --out runs/second",
        "  $ lumiere retrain runs/first --force     # for instance once people were forgotten",
      ].join("\n"),
    );
  },

  async run(session, command) {
    const [directory = ""] = command.args;
    const options = optionsSchema.parse(command.opts());
    const holdOut = number("--hold-out", options.holdOut);
    if (!(holdOut > 0 && holdOut < 1)) {
      throw new BadInputError(
        "usage",
        `--hold-out ${options.holdOut}: expected a share between 0 and 1, for instance 0.2`,
      );
    }
    // Loaded only now: a mistyped flag should not wait for a database engine.
    const { LEAST_PEOPLE, retrain } = await import("../../experiment/retrain/retrain.ts");
    const result = await retrain(directory, {
      store: options.store,
      output: options.out,
      force: options.force,
      holdOut,
      data: optionsGiven(command, dataOptionsSchema),
      threads:
        options.threads === undefined
          ? undefined
          : wholeNumber("--threads", options.threads, 1, 256),
      progress: session.progress,
      notice: (text) => session.notice(text),
      signal: session.signal,
    });
    session.failed = result.outcome !== "promoted";
    session.result(result, retrainingText(result, LEAST_PEOPLE, directory));
  },
};

/** The verdict, and the figures that it rests on. */
function retrainingText(result: Retraining, leastPeople: number, directory: string): string {
  const { outcome, judgement, people, forced, model, running } = result;
  const few = `${people} people have new events to be found, and ${leastPeople} are needed to judge`;
  const verdict = {
    promoted: `${forced ? "Promoted by force" : "Promoted"}: ${model} takes the place of ${running}, in ${result.directory}`,
    refused: `Refused: the new model is worse, and ${directory} is as it was; --force promotes it all the same`,
    "too-few": `Too few events: ${few}; ${directory} is as it was, and --force promotes a new model without a judgement`,
  }[outcome];
  if (!judgement) return outcome === "promoted" ? `${verdict}\n(${few})` : verdict;
  const keys = Object.keys(judgement.running);
  const { metric, difference, interval, p } = judgement;
  const [low, high] = interval;
  // As the server does, both models rank all items.
  const label = (key: string) => metricLabel(key, false);
  return [
    table(
      [
        ["metric", "running", "new"],
        ...keys.map((key) => [
          label(key),
          metricText(judgement.running[key] ?? null),
          metricText(judgement.candidate[key] ?? null),
        ]),
      ],
      { right: [1, 2] },
    ),
    "",
    `${judgement.people} people, events since ${result.since}. ${label(metric)} decides: new − running ${difference.toFixed(4)} (95 %: ${low.toFixed(4)} to ${high.toFixed(4)}; p = ${p.toPrecision(2)})`,
    verdict,
  ].join("\n");
}
