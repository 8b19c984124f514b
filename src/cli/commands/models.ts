/**
 * `lumiere models`: every model with its paper and its settings.
 *
 * @module
 */

import { type SettingRow, settingRows } from "../../experiment/settings.ts";
import { findModel, models } from "../../models/registry.ts";
import type { CommandDefinition } from "../command.ts";
import { table, wrap } from "../table.ts";

export const modelsCommand: CommandDefinition = {
  configure(command) {
    command
      .argument("[name]", "show one model with all its settings")
      .addHelpText(
        "after",
        "\nExamples:\n  $ lumiere models\n  $ lumiere models lightgcn\n  $ lumiere models --json",
      );
  },

  async run(session, command) {
    const [name] = command.args;
    const chosen = name === undefined ? models : [findModel(name)];
    const described = chosen.map((model) => ({
      name: model.name,
      title: model.title,
      kind: model.kind,
      summary: model.summary,
      paper: model.paper,
      settings: settingRows(model.hyperparameters),
    }));
    const text =
      name === undefined
        ? [
            ...described.map(modelText),
            // Last, because that is what stays on a terminal's screen.
            table([
              ["name", "model", ""],
              ...chosen.map((model) => [model.name, model.title, model.summary]),
            ]),
            "lumiere models NAME says what each of a model's settings means.",
          ].join("\n\n")
        : described
            .map(({ title, summary, paper, settings }) =>
              [
                title,
                wrap(summary, 78, "  "),
                ...(paper === null ? [] : [wrap(paper, 78, "  ")]),
                "",
                ...(settings.length === 0 ? ["  Nothing to set."] : settings.map(settingText)),
              ].join("\n"),
            )
            .join("\n\n");
    session.result({ models: described }, text);
  },
};

/** What `lumiere models` says of a model. */
interface DescribedModel {
  readonly name: string;
  readonly title: string;
  readonly paper: string | null;
  readonly settings: readonly SettingRow[];
}

/** A model in short: its paper, and a table of its settings without their meaning. */
function modelText({ name, title, paper, settings }: DescribedModel): string {
  return [
    `${name}: ${title}`,
    ...(paper === null ? [] : [wrap(paper, 78, "  ")]),
    settings.length === 0
      ? "  Nothing to set."
      : table(
          [
            ["setting", "default", "range"],
            ...settings.map((row) => [row.name, row.defaultValue ?? "", row.type]),
          ],
          { indent: "  " },
        ),
  ].join("\n");
}

/** `name = default`, its type, and below what it means. */
function settingText({ name, defaultValue, type, description }: SettingRow): string {
  const assignment = `${name}=${defaultValue ?? "…"}`;
  return `  ${assignment.padEnd(28)} ${type}\n${wrap(description, 74, "      ")}`;
}
