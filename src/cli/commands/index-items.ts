/**
 * `lumiere index DIR`: an index that finds items without scoring them all.
 *
 * @module
 */

import { z } from "zod";
import { addItemIndex, type IndexChoice } from "../../artifact/build-index.ts";
import { openBundle } from "../../artifact/bundle.ts";
import { indexKinds, indexSchemas, removeItemIndex } from "../../artifact/item-index.ts";
import { BadInputError } from "../../base/errors.ts";
import { settingsFromText } from "../../experiment/settings.ts";
import { type CommandDefinition, several } from "../command.ts";
import { wholeNumber } from "../numbers.ts";

const optionsSchema = z.object({
  kind: z.enum(indexKinds, { error: `--kind: expected ${indexKinds.join(", ")}` }),
  set: z.array(z.string()).default([]),
  k: z.string(),
  users: z.string(),
});

export const indexItems: CommandDefinition = {
  configure(command) {
    command
      .argument("<dir>", "folder that lumiere train wrote")
      .requiredOption("--kind <kind>", `${indexKinds.join(", ")}; exact takes an index away`)
      .option(
        "--set <key=value>",
        "a setting of the index, any number of times: planes, tables, probes, seed (lsh); connectivity, construction, search (hnsw)",
        several,
      )
      .option("--k <number>", "length of the lists that recall is measured on", "10")
      .option("--users <number>", "users that it is measured on", "1000")
      .addHelpText(
        "after",
        "\nExamples:\n  $ lumiere index runs/first --kind hnsw\n  $ lumiere index runs/first --kind lsh --set planes=10 --set probes=16",
      );
  },

  async run(session, command) {
    const [directory = ""] = command.args;
    const options = optionsSchema.safeParse(command.opts());
    if (!options.success) throw new BadInputError("usage", options.error.issues[0]!.message);
    const { kind, set } = options.data;
    const k = wholeNumber("--k", options.data.k, 1, 1000);
    const users = wholeNumber("--users", options.data.users, 1, 1_000_000);
    const bundle = await openBundle(directory, { index: false });
    if (kind === "exact") {
      await removeItemIndex(bundle.directory);
      session.result({ kind }, "Every item is scored: lists are exact.");
      return;
    }
    const schema = indexSchemas[kind];
    const settings = schema.parse(settingsFromText(schema, set, "--set"));
    const description = await addItemIndex(
      { ...bundle, folder: bundle.directory },
      { kind, settings } as IndexChoice,
      { k, users, seed: 1, progress: session.progress },
    );
    const rate = (perSecond: number) => Math.round(perSecond).toLocaleString("en");
    session.result(
      description,
      `${kind === "lsh" ? "LSH" : "HNSW"} over ${bundle.recommender.itemCount.toLocaleString("en")} items: recall@${description.k} ${description.recall.toFixed(4)} against exact lists, ` +
        `${rate(description.usersPerSecond)} users a second (exact: ${rate(description.exactUsersPerSecond)}), ` +
        `${Math.round(description.candidates).toLocaleString("en")} items scored for a user; measured on ${description.users} users.\n` +
        `Kept in ${bundle.directory}/index.json`,
    );
  },
};
