/**
 * `lumiere similar DIR --item ID|TITLE`: items like an item.
 *
 * @module
 */

import { z } from "zod";
import { openBundle } from "../../artifact/bundle.ts";
import { findItem, similarItems } from "../../artifact/similar.ts";
import type { CommandDefinition } from "../command.ts";
import { MOST_PLACES, wholeNumber } from "../numbers.ts";
import { shown } from "../shown.ts";
import { table } from "../table.ts";

const optionsSchema = z.object({ item: z.string(), k: z.string() });

export const similar: CommandDefinition = {
  configure(command) {
    command
      .argument("<dir>", "folder that lumiere train wrote")
      .requiredOption("--item <id or title>", "the item, by id, title or part of a title")
      .option("--k <number>", "how many", "10")
      .addHelpText(
        "after",
        '\nExamples:\n  $ lumiere similar runs/first --item 50\n  $ lumiere similar runs/first --item "star wars" --k 5',
      );
  },

  async run(session, command) {
    const [directory = ""] = command.args;
    const options = optionsSchema.parse(command.opts());
    const k = wholeNumber("--k", options.k, 1, MOST_PLACES);
    const bundle = await openBundle(directory);
    const found = similarItems(bundle, findItem(bundle, options.item), k);
    if (found.measure === "co-occurrence") {
      session.notice(
        `${bundle.manifest.model.title} has no item embeddings: items are compared by the users they share in training`,
      );
    }
    const rows = found.items.map(({ rank, item, title, similarity }) => [
      String(rank),
      similarity.toFixed(4),
      shown(item),
      shown(title ?? ""),
    ]);
    const { item, title } = found.of;
    session.result(
      found,
      `Like ${title === null ? `item ${shown(item)}` : shown(title)}\n\n${table([["", "cosine", "id", "title"], ...rows], { right: [0, 1] })}`,
    );
  },
};
