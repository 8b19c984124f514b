/**
 * `lumiere index DIR`: an index that finds items without scoring them all.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { z } from "zod";
import { openBundle } from "../../artifact/bundle.ts";
import { indexKinds, removeItemIndex, writeItemIndex } from "../../artifact/item-index.ts";
import { measureIndex } from "../../artifact/measure-index.ts";
import { BadInputError } from "../../base/errors.ts";
import { settingsFromText } from "../../experiment/settings.ts";
import { HnswIndex, hnswSchema } from "../../retrieval/hnsw.ts";
import { LshIndex, lshSchema } from "../../retrieval/lsh.ts";
import type { CommandDefinition } from "../command.ts";
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
        (assignment: string, earlier: string[] = []) => [...earlier, assignment],
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
    const { recommender, seen, manifest } = bundle;
    const { embeddings } = recommender;
    if (!embeddings) {
      throw new BadInputError(
        "no-embeddings",
        `${manifest.model.title} has no embeddings, so there is nothing to index; its lists are exact`,
      );
    }
    const { items, width } = embeddings;
    const model = manifest.files["model.safetensors"].sha256;
    const built =
      kind === "lsh"
        ? lshOf(items, width, set)
        : hnswOf(items, width, set, (done) =>
            session.progress({
              stage: "index",
              done,
              total: recommender.itemCount,
              unit: "items",
              figures: {},
            }),
          );
    const measured = await measureIndex(recommender, seen, built.index, { k, users, seed: 1 });
    const description = { ...built.described, model, ...measured };
    await writeItemIndex(bundle.directory, built.index, description);
    const rate = (perSecond: number) => Math.round(perSecond).toLocaleString("en");
    session.result(
      description,
      `${kind === "lsh" ? "LSH" : "HNSW"} over ${recommender.itemCount.toLocaleString("en")} items: recall@${measured.k} ${measured.recall.toFixed(4)} against exact lists, ` +
        `${rate(measured.usersPerSecond)} users a second (exact: ${rate(measured.exactUsersPerSecond)}), ` +
        `${Math.round(measured.candidates).toLocaleString("en")} items scored for a user; measured on ${measured.users} users.\n` +
        `Kept in ${bundle.directory}/index.json`,
    );
  },
};

function lshOf(items: Float32Array, width: number, set: readonly string[]) {
  const settings = lshSchema.parse(settingsFromText(lshSchema, set, "--set"));
  return {
    index: new LshIndex(items, width, settings),
    described: { kind: "lsh", settings },
  } as const;
}

function hnswOf(
  items: Float32Array,
  width: number,
  set: readonly string[],
  added: (done: number) => void,
) {
  const settings = hnswSchema.parse(settingsFromText(hnswSchema, set, "--set"));
  const index = HnswIndex.build(items, width, settings, availableParallelism(), added);
  return { index, described: { kind: "hnsw", settings } } as const;
}
