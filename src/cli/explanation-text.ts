/**
 * Explanations in words for the terminal.
 *
 * @module
 */

import type { Explanation } from "../artifact/explanation.ts";
import type { NamedItem } from "../artifact/recommendation-source.ts";
import type { Recommendation } from "../artifact/recommendations.ts";
import type { ExplanationBasis } from "../models/recommender.ts";
import { shown, shownItem } from "./shown.ts";
import { wrap } from "./table.ts";

/** Parts that are named; the others are summed up. */
const NAMED_PARTS = 3;
const INDENT = "    ";

/** What the shares are, and what is left. */
const meanings: Record<ExplanationBasis, string> = {
  messages:
    "Shares are what each item of the history told the user in the graph; the rest is the user's own embedding (for somebody new: nothing).",
  "item-weights":
    "Shares are the weights from each item of the history to this one, of which the score is the sum; the rest is a bias.",
  "least-squares":
    "Shares are what each item of the history would add if the user were folded in by least squares; the rest is what training placed elsewhere.",
  neighbours:
    "Shares are the votes of similar users, divided among the items that made them similar; the rest is what the neighbours of training say otherwise.",
};
const noMeaning =
  "This model cannot tell what the single items of a history added to a score; paths are evidence in the data.";

/** A list with what carried each score; every line has an explanation. */
export function explainedText(list: readonly Recommendation[], columns: number): string {
  const basis = list.find(({ explanation }) => explanation?.basis)?.explanation?.basis;
  const lines = list.flatMap(({ rank, item, title, score, explanation }) => [
    `${rank}. ${shownItem({ item, title })} (id ${shown(item)}), score ${score.toPrecision(4)}`,
    ...explanationLines(explanation!, { item, title }).map((line) => indented(line, columns)),
  ]);
  return [...lines, "", wrap(basis ? meanings[basis] : noMeaning, columns)].join("\n");
}

function explanationLines(
  { basis, parts, remainder, popularityShare, paths }: Explanation,
  target: NamedItem,
): string[] {
  const named = parts.slice(0, NAMED_PARTS);
  const others = parts.slice(NAMED_PARTS);
  const rest = others.reduce((sum, { share }) => sum + share, 0);
  const shares = [
    ...named.map((part) => `${shownItem(part)} ${signed(part.share)}`),
    ...(others.length > 0
      ? [`${others.length} other item${others.length === 1 ? "" : "s"} ${signed(rest)}`]
      : []),
    `the rest ${signed(remainder)}`,
  ];
  return [
    ...(basis ? [`shares: ${shares.join(", ")}`] : []),
    ...(popularityShare === null
      ? []
      : [
          `popularity share: ${Math.round(100 * popularityShare)} % of its lead over an average item is what its popularity alone would give`,
        ]),
    ...paths.map(
      ({ by, user, weight }) =>
        `path: ${shownItem(by)} → user ${shown(user)} → ${shownItem(target)}, weight ${weight.toPrecision(3)}`,
    ),
  ];
}

function signed(value: number): string {
  const text = Math.abs(value).toFixed(3);
  return `${value < 0 && Number(text) > 0 ? "−" : "+"}${text}`;
}

function indented(line: string, columns: number): string {
  return `${INDENT}${wrap(line, columns - INDENT.length).replaceAll("\n", `\n${INDENT}  `)}`;
}
