/**
 * `lumiere datasets`: what is known by name, and where each was found.
 *
 * @module
 */

import { listDatasets } from "../../data/catalogue.ts";
import { withoutBrokenRoot } from "../../data/locate.ts";
import type { CommandDefinition } from "../command.ts";
import { table, wrap } from "../table.ts";

const places = { folder: "", cache: "cache: " } as const;

export const datasets: CommandDefinition = {
  configure(command) {
    command.addHelpText(
      "after",
      [
        "",
        "A dataset is looked for in the folder that LUMIERE_DATA names, then in the cache, then",
        "at its official address. --data takes these names, synthetic, and files of your own.",
        "",
        "Examples:",
        "  $ lumiere datasets",
        "  $ lumiere datasets --json",
      ].join("\n"),
    );
  },

  async run(session) {
    const warnings: string[] = [];
    const environment = await withoutBrokenRoot(process.env, (warning) => {
      warnings.push(warning);
      session.notice(warning);
    });
    const listed = await listDatasets(environment);
    const whole = (count: number) => count.toLocaleString("en");
    const rows = listed.map(({ name, counts, found, path }) => [
      name,
      whole(counts.users),
      whole(counts.items),
      whole(counts.interactions),
      found === "download" ? "to download" : `${places[found]}${path}`,
    ]);
    const licences = Map.groupBy(listed, ({ licence }) => licence);
    session.result(
      { datasets: listed, warnings },
      [
        table([["name", "users", "items", "interactions", "where it is"], ...rows], {
          right: [1, 2, 3],
        }),
        "",
        "Licences:",
        ...[...licences].map(([licence, datasets]) =>
          wrap(`${datasets.map(({ name }) => name).join(", ")} — ${licence}`, 92, "  "),
        ),
      ].join("\n"),
    );
  },
};
