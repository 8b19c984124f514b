/**
 * `lumiere datasets`: what is known by name, and where each was found.
 *
 * @module
 */

import { listDatasets } from "../../data/catalogue.ts";
import type { CommandDefinition } from "../command.ts";
import { table } from "../table.ts";

const places = { folder: "LUMIERE_DATA", cache: "cache", download: "to download" } as const;

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
    const listed = await listDatasets();
    const whole = (count: number) => count.toLocaleString("en");
    const rows = listed.map(({ name, counts, found, path, title }) => [
      name,
      whole(counts.users),
      whole(counts.items),
      whole(counts.interactions),
      places[found],
      found === "download" ? title : `${title}: ${path}`,
    ]);
    const licences = listed.map(({ name, licence }) => [name, licence]);
    session.result(
      { datasets: listed },
      [
        table([["name", "users", "items", "interactions", "found", ""], ...rows], {
          right: [1, 2, 3],
        }),
        table([["name", "licence"], ...licences]),
      ].join("\n\n"),
    );
  },
};
