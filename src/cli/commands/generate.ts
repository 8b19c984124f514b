/**
 * `lumiere generate`: ratings of people who do not exist, as many as one likes.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError, StoppedError } from "../../base/errors.ts";
import { checkFile } from "../../base/folders.ts";
import { writeRatings } from "../../data/write-ratings.ts";
import { sizeText } from "../../experiment/units.ts";
import type { CommandDefinition } from "../command.ts";
import { wholeNumber } from "../numbers.ts";

const optionsSchema = z.object({
  out: z.string(),
  interactions: z.string(),
  users: z.string().optional(),
  items: z.string().optional(),
  groups: z.string().optional(),
  seed: z.string(),
});

/** Interactions of a user, and users of an item, in MovieLens 20M. */
const PER_USER = 144;
const USERS_PER_ITEM = 5.2;
const LARGEST = 2_000_000_000;

export const generate: CommandDefinition = {
  configure(command) {
    command
      .requiredOption("--out <file.csv>", "where the ratings go")
      .option("--interactions <number>", "how many", "1000000")
      .option("--users <number>", "default: one for 144 interactions, as in MovieLens 20M")
      .option("--items <number>", "default: one for 5.2 users, as in MovieLens 20M")
      .option("--groups <number>", "taste groups (default: 16, fewer where there are few items)")
      .option("--seed <number>", "seed of all draws", "1")
      .addHelpText(
        "after",
        "\nPopularity and activity follow power laws; 7 of 10 interactions stay within the user's taste group.\n" +
          "\nExamples:\n  $ lumiere generate --out ratings.csv --interactions 20000000\n  $ lumiere generate --out small.csv --interactions 5000 --users 200 --items 100 --seed 7",
      );
  },

  async run(session, command) {
    const options = optionsSchema.parse(command.opts());
    const interactions = wholeNumber("--interactions", options.interactions, 1, LARGEST);
    const users =
      options.users === undefined
        ? Math.max(1, Math.round(interactions / PER_USER))
        : wholeNumber("--users", options.users, 1, LARGEST);
    const items =
      options.items === undefined
        ? Math.max(2, Math.round(Math.max(users / USERS_PER_ITEM, 2 * (interactions / users))))
        : wholeNumber("--items", options.items, 1, LARGEST);
    if (!/\.csv$/i.test(options.out)) {
      throw new BadInputError(
        "usage",
        `--out is ${options.out}, expected a name that ends in .csv`,
      );
    }
    checkFile("--out", options.out);
    const graph = {
      users,
      items,
      interactions,
      seed: wholeNumber("--seed", options.seed, 0, 2 ** 32 - 1),
      ...(options.groups !== undefined && {
        groups: wholeNumber("--groups", options.groups, 1, 65_536),
      }),
    };
    const bytes = await writeRatings(options.out, graph, async (done) => {
      session.progress({
        stage: "generate",
        done,
        total: interactions,
        unit: "interactions",
        figures: {},
      });
      // Lets Ctrl-C in.
      await new Promise((resolve) => setImmediate(resolve));
      if (session.signal.aborted) throw new StoppedError("stopped; nothing was kept");
    });
    const count = (value: number) => value.toLocaleString("en");
    session.result(
      { file: options.out, bytes, ...graph },
      `${options.out}: ${count(interactions)} ratings of ${count(users)} users and ${count(items)} items, ${sizeText(bytes)}; seed ${graph.seed}`,
    );
  },
};
