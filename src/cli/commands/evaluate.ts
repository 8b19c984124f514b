/**
 * `lumiere evaluate DIR`: the metrics once more, from what the bundle holds.
 *
 * @module
 */

import { z } from "zod";
import { openBundle } from "../../artifact/bundle.ts";
import { parseProtocol } from "../../evaluation/protocols.ts";
import { summarise } from "../../evaluation/summary.ts";
import { evaluateBundle } from "../../experiment/final-evaluation.ts";
import type { CommandDefinition } from "../command.ts";
import { metricTable } from "../metric-table.ts";
import { MOST_PLACES, wholeNumbers } from "../numbers.ts";

const optionsSchema = z.object({
  k: z.string().optional(),
  protocol: z.string().optional(),
});

export const evaluateCommand: CommandDefinition = {
  configure(command) {
    command
      .argument("<dir>", "folder that lumiere train wrote")
      .option("--k <list>", "where lists are cut, for instance 10,20 (default: as in the report)")
      .option("--protocol <name>", "lightgcn, mult-vae or microsoft (default: as in the report)")
      .addHelpText(
        "after",
        "\nExamples:\n  $ lumiere evaluate runs/first\n  $ lumiere evaluate runs/first --k 5,50 --json",
      );
  },

  async run(session, command) {
    const [directory = ""] = command.args;
    const options = optionsSchema.parse(command.opts());
    const bundle = await openBundle(directory);
    const { metrics: reported, evaluation: own } = bundle.manifest;
    const evaluation = await evaluateBundle(
      bundle,
      {
        ...(options.k !== undefined && { ks: wholeNumbers("--k", options.k, 1, MOST_PLACES) }),
        ...(options.protocol !== undefined && { protocol: parseProtocol(options.protocol) }),
      },
      { progress: session.progress, signal: session.signal },
    );
    const summary = summarise(evaluation);
    const comparable = summary.protocol.name === own?.protocol;
    const common = Object.keys(summary.metrics).filter((key) => comparable && key in reported);
    const differing = common.filter((key) => summary.metrics[key] !== reported[key]);
    const equalsReport = common.length === 0 ? null : differing.length === 0;
    const verdict =
      equalsReport === null
        ? "Not in the report: other list lengths or another protocol."
        : equalsReport
          ? `Equal to the report (${common.length} metrics).`
          : `Differs from the report in ${differing.join(", ")}.`;
    session.result(
      {
        directory: bundle.directory,
        model: bundle.manifest.model,
        dataset: bundle.manifest.dataset,
        split: bundle.manifest.split,
        seed: bundle.manifest.seed,
        ...summary,
        equalsReport,
      },
      `${metricTable(summary)}\n\n${verdict}`,
    );
  },
};
