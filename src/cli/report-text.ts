/**
 * A report in words for the terminal.
 *
 * @module
 */

import type { NamedItem } from "../artifact/recommendation-source.ts";
import type { Report, SampleList } from "../experiment/report.ts";
import { durationText, sizeText } from "../experiment/units.ts";
import { metricTable } from "./metric-table.ts";
import { shown, shownItem } from "./shown.ts";
import { table, wrap } from "./table.ts";

const whole = (count: number): string => count.toLocaleString("en");

/** "because you liked A and B", or nothing where the model cannot tell. */
export function becauseText(because: readonly NamedItem[]): string {
  if (because.length === 0) return "";
  return `because you liked ${because.map(shownItem).join(" and ")}`;
}

/** The whole report. */
export function reportText(report: Report): string {
  const { dataset, split, model, seconds } = report;
  const epochs =
    report.bestEpoch === null
      ? ""
      : ` (${report.epochsRun} epochs, epoch ${report.bestEpoch} kept${report.stoppedEarly ? ", stopped early" : ""})`;
  const facts: [string, string][] = [
    ["Model", model.paper === null ? model.title : `${model.title} — ${model.paper}`],
    [
      "Data",
      `${dataset.title}: ${whole(dataset.users)} users, ${whole(dataset.items)} items, ${whole(dataset.interactions)} interactions`,
    ],
    ["", dataset.source],
    ...dataset.filterNotes.map((note): [string, string] => ["", note]),
    ["Split", `${split.specification}: ${split.description}`],
    [
      "",
      `${whole(split.train)} train, ${whole(split.validationInteractions)} validation, ${whole(split.test)} test; seed ${report.seed}`,
    ],
    [
      "Time",
      `${durationText(seconds.total)}, of it ${durationText(seconds.fit)} training${epochs}`,
    ],
    ["Memory", `${sizeText(report.peakMemoryBytes)} at most`],
    ["Engine", report.device],
  ];
  const lines = facts.map(
    ([name, text]) => `${name.padEnd(7)} ${wrap(text, 88).replaceAll("\n", "\n        ")}`,
  );
  return [
    ...(dataset.synthetic ? [loud(dataset.source), ""] : []),
    ...lines,
    ...(report.warnings.length > 0
      ? [
          "",
          "Before you believe a number:",
          ...report.warnings.map((warning) => wrap(`- ${warning}`, 92, "  ")),
        ]
      : []),
    ...(report.evaluation === null
      ? []
      : ["", metricTable({ ...report, sampled: report.evaluation.sampled })]),
  ].join("\n");
}

function loud(source: string): string {
  const text = ` MADE-UP DATA: ${source}. These numbers say nothing about real people. `;
  const edge = "!".repeat(text.length + 4);
  return `${edge}\n!!${text}!!\n${edge}`;
}

/** One person's list with titles and reasons. */
export function sampleText(sample: SampleList): string {
  const liked = sample.history.map(shownItem).join(" · ");
  const rows = sample.recommendations.map(({ rank, item, title, because }) => [
    String(rank),
    shownItem({ item, title }),
    becauseText(because),
  ]);
  return [
    wrap(
      `User ${shown(sample.user)} liked ${whole(sample.historyCount)} items, among them ${liked}.`,
      92,
    ),
    "",
    table([["", "recommended", ""], ...rows], { right: [0] }),
  ].join("\n");
}
