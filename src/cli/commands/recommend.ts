/**
 * `lumiere recommend DIR`: to a user of the training data, to somebody new from
 * what they liked, or to everybody.
 *
 * @module
 */

import { z } from "zod";
import { openBundle } from "../../artifact/bundle.ts";
import {
  type Recommendation,
  recommendFromHistory,
  recommendToAll,
  recommendToUser,
  routingOfHistory,
  routingOfUser,
} from "../../artifact/recommendations.ts";
import { BadInputError } from "../../base/errors.ts";
import type { CommandDefinition } from "../command.ts";
import { explainedText } from "../explanation-text.ts";
import { checkListFile, csvRow, type ListRow, listWriter } from "../list-writer.ts";
import { MOST_PLACES, wholeNumber } from "../numbers.ts";
import { becauseText } from "../report-text.ts";
import type { Session } from "../session.ts";
import { shown } from "../shown.ts";
import { table } from "../table.ts";

const optionsSchema = z.object({
  user: z.string().optional(),
  history: z.string().optional(),
  all: z.boolean().optional(),
  k: z.string(),
  out: z.string().optional(),
  explain: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export const recommend: CommandDefinition = {
  configure(command) {
    command
      .argument("<dir>", "folder that lumiere train wrote")
      .option("--user <id>", "to a user of the training data")
      .option("--history <ids>", "to somebody new who liked these items: id,id,… or a JSON array")
      .option("--all", "to every user, as columns user, rank, item, score")
      .option("--k <number>", "length of a list", "10")
      .option("--explain", "say what carried each score, and over which paths it comes")
      .option("--out <file>", "write to a .csv, .jsonl or .parquet file")
      .addHelpText(
        "after",
        [
          "",
          "Examples:",
          "  $ lumiere recommend runs/first --user 196",
          "  $ lumiere recommend runs/first --history 50,181 --k 5 --json",
          `  $ lumiere recommend runs/first --history '["50", "an id, with a comma"]'`,
          "  $ lumiere recommend runs/first --user 196 --explain --k 3",
          "  $ lumiere recommend runs/first --all --out lists.parquet",
          "  $ lumiere recommend runs/first --all | head",
          "",
          "Users without training interactions, of whom the model knows nothing, get the most popular items,",
          'scored by their training users; a notice says so, and in JSON "routing": "popularity".',
        ].join("\n"),
      );
  },

  async run(session, command) {
    const [directory = ""] = command.args;
    const options = optionsSchema.parse(command.opts());
    const { user, history, all } = options;
    const chosen = [user, history, all].filter((choice) => choice !== undefined);
    if (chosen.length !== 1) {
      throw new BadInputError(
        "usage",
        `recommend to whom? pass exactly one of --user ID, --history id,id,… and --all (found ${chosen.length})`,
      );
    }
    const k = wholeNumber("--k", options.k, 1, MOST_PLACES);
    if (options.explain && (all || options.out !== undefined)) {
      throw new BadInputError(
        "usage",
        `--explain is for one person on the screen or as --json (found ${all ? "--all" : "--out"}); leave one of them out`,
      );
    }
    if (options.out !== undefined) checkListFile(options.out);
    if (all) await toAll(session, directory, options, k);
    else await toOne(session, directory, options, k);
  },
};

async function toOne(
  session: Session,
  directory: string,
  { user, history, out, explain }: Options,
  k: number,
): Promise<void> {
  const ids = history === undefined ? [] : historyIds(history);
  const bundle = await openBundle(directory);
  const list =
    user === undefined
      ? await recommendFromHistory(bundle, ids, k, { explain })
      : await recommendToUser(bundle, user, k, { explain });
  const whom = user === undefined ? { history: ids } : { user };
  const routing = user === undefined ? routingOfHistory(bundle, ids) : routingOfUser(bundle, user);
  if (routing === "popularity") {
    const who =
      user === undefined
        ? "nobody in training had these items"
        : `user "${shown(user)}" has no training interactions`;
    session.notice(`${who}: these are the most popular items, scored by their training users`);
  }
  if (out !== undefined) {
    const writer = await listWriter(out);
    await writer.write(
      list.map(({ rank, item, score }) => ({ user: user ?? "", rank, item, score })),
    );
    await writer.finish();
    session.notice(`wrote ${list.length} rows to ${out}`);
  }
  session.result(
    {
      ...whom,
      k,
      model: bundle.manifest.model.name,
      routing,
      recommendations: list,
      ...(out !== undefined && { out }),
    },
    out === undefined ? listText(list, explain) : "",
  );
}

/** The ids of `--history`: separated by commas, or a JSON array where an id has a comma or spaces at its ends. */
function historyIds(text: string): string[] {
  if (!text.trimStart().startsWith("[")) return text.split(",").map((id) => id.trim());
  try {
    return z.array(z.string()).parse(JSON.parse(text));
  } catch (cause) {
    throw new BadInputError(
      "usage",
      `--history ${text}: expected ids as id,id,… or as a JSON array of texts, for instance '["50", "181"]'`,
      { cause },
    );
  }
}

/** A list with titles and reasons, or with explanations. */
function listText(list: readonly Recommendation[], explain: boolean): string {
  if (list.length === 0) return "Nothing left to recommend: every item was seen.";
  if (explain) return explainedText(list, process.stdout.columns || 100);
  return table(
    [
      ["", "score", "id", "title", ""],
      ...list.map(({ rank, item, title, score, because }) => [
        String(rank),
        score.toPrecision(4),
        shown(item),
        shown(title ?? ""),
        becauseText(because),
      ]),
    ],
    { right: [0, 1] },
  );
}

async function toAll(
  session: Session,
  directory: string,
  { out }: Options,
  k: number,
): Promise<void> {
  if (out === undefined && session.json) {
    throw new BadInputError(
      "usage",
      "--all --json prints one JSON object, which is no place for everybody's lists; add --out file.csv, .jsonl or .parquet",
    );
  }
  const bundle = await openBundle(directory);
  const writer =
    out === undefined
      ? {
          write: async (rows: readonly ListRow[]) => session.write(rows.map(csvRow).join("")),
          finish: async () => {},
          discard: async () => {},
        }
      : await listWriter(out);
  try {
    const { users, items } = bundle;
    if (out === undefined) session.write("user,rank,item,score\n");
    let [done, rowCount, strangers] = [0, 0, 0];
    for await (const block of recommendToAll(bundle, k, { signal: session.signal })) {
      const rows: ListRow[] = [];
      const { lists } = block;
      block.users.forEach((user, row) => {
        for (let at = row * lists.k; at < (row + 1) * lists.k; at++) {
          const item = lists.items[at]!;
          if (item < 0) break;
          const rank = at - row * lists.k + 1;
          rows.push({
            user: users.idOf(user),
            rank,
            item: items.idOf(item),
            score: lists.scores[at]!,
          });
        }
      });
      await writer.write(rows);
      done += block.users.length;
      if (block.routing === "popularity") strangers += block.users.length;
      rowCount += rows.length;
      session.progress({ stage: "recommend", done, total: users.size, unit: "users" });
    }
    await writer.finish();
    if (strangers > 0) {
      session.notice(
        `${strangers.toLocaleString("en")} of ${users.size.toLocaleString("en")} users have no training interactions: they get the most popular items, scored by their training users`,
      );
    }
    if (out === undefined) return;
    session.result(
      { out, k, users: users.size, byPopularity: strangers, rows: rowCount },
      `${rowCount.toLocaleString("en")} rows for ${users.size.toLocaleString("en")} users in ${out}`,
    );
  } catch (error) {
    await writer.discard();
    throw error;
  }
}
