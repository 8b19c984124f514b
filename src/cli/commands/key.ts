/**
 * `lumiere key FILE`: makes a key for the server.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { addKey, scopes } from "../../serving/api-keys.ts";
import type { CommandDefinition } from "../command.ts";

const optionsSchema = z.object({ name: z.string(), scopes: z.string() });

export const key: CommandDefinition = {
  configure(command) {
    command
      .argument("<file>", "the server's key file; made where there is none")
      .requiredOption("--name <text>", "who will use it")
      .option("--scopes <list>", scopes.join(","), "read")
      .addHelpText(
        "after",
        "\nThe key is printed once; the file holds its hash. To revoke a key delete its entry and start the server again.\n\nExamples:\n  $ lumiere key keys.json --name shop --scopes read,write",
      );
  },

  async run(session, command) {
    const [file = ""] = command.args;
    const options = optionsSchema.parse(command.opts());
    const granted = options.scopes.split(",").map((text) => {
      const scope = scopes.find((known) => known === text.trim());
      if (scope) return scope;
      throw new BadInputError("usage", `--scopes ${text}: expected ${scopes.join(" or ")}`);
    });
    const made = addKey(file, options.name, [...new Set(granted)]);
    session.result({ key: made, name: options.name, scopes: granted }, made);
  },
};
