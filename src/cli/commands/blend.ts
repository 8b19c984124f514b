/**
 * `lumiere blend RUN RUN…`: one recommender of several runs.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { z } from "zod";
import { summarise } from "../../evaluation/summary.ts";
import { blendParts, blendRuns } from "../../experiment/blend.ts";
import type { CommandDefinition } from "../command.ts";
import { commandText } from "../command-text.ts";
import { number } from "../experiment-flags.ts";
import { metricTable } from "../metric-table.ts";
import { wholeNumber } from "../numbers.ts";

const optionsSchema = z.object({
  out: z.string(),
  weights: z.string().optional(),
  threads: z.string().optional(),
});

export const blendCommand: CommandDefinition = {
  configure(command) {
    command
      .argument("<dir...>", "folders that lumiere train wrote, of the same data and cut")
      .requiredOption("--out <dir>", "folder for the new bundle and its report")
      .option("--weights <list>", "one a folder, for instance 1,0.5 (default: all alike)")
      .option("--threads <number>", "threads; the result is the same with any number")
      .addHelpText(
        "after",
        [
          "",
          "Each model's scores of a person are brought to mean 0 and deviation 1 over all items, then",
          "added up with the weights. A network among them (mlp, neumf) is asked person by person, and",
          "so are the others then: many people take long.",
          "",
          "Examples:",
          "  $ lumiere blend runs/lightgcn runs/chebycf --out runs/both",
          "  $ lumiere blend runs/lightgcn runs/ease --weights 2,1 --out runs/both --json",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const options = optionsSchema.parse(command.opts());
    const weights = options.weights?.split(",").map((text) => number("--weights", text.trim()));
    const threads =
      options.threads === undefined
        ? availableParallelism()
        : wholeNumber("--threads", options.threads, 1, 256);
    const { bundle, evaluation } = await blendRuns(command.args, {
      weights,
      output: options.out,
      command: commandText(["blend", ...command.parent!.args.slice(1)]),
      threads,
      progress: session.progress,
      signal: session.signal,
    });
    const { directory, manifest } = bundle;
    const parts = blendParts(manifest)!;
    const summary = evaluation && summarise(evaluation);
    const names = parts.map((part) => `${part.weight} × ${part.title}`).join(" + ");
    session.result(
      {
        directory,
        model: manifest.model,
        parts,
        dataset: manifest.dataset,
        split: manifest.split,
        seed: manifest.seed,
        ...summary,
      },
      [
        names,
        summary ? metricTable(summary) : "No test part: nothing was judged.",
        `Kept in ${options.out}: bundle/, report.json, report.html`,
      ].join("\n\n"),
    );
  },
};
