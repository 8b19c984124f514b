/**
 * The report as one HTML file that stands alone: no script, nothing fetched,
 * light and dark, readable on a phone. Its content is `report.json`'s.
 *
 * @module
 */

import { dayOf } from "../base/day.ts";
import { html, Markup, type Part, pictureSection } from "./markup.ts";
import { metricLabel, metricText } from "./metric-label.ts";
import type { Report, SampleList } from "./report.ts";
import { reportStyle } from "./report-style.ts";
import { durationText, sizeText } from "./units.ts";

/** Pictures of a report, as SVG text. */
export interface ReportPictures {
  /** Null where the model has no epochs. */
  readonly curves: string | null;
  readonly degrees: string;
}

const whole = (count: number): string => count.toLocaleString("en");

/** The whole page. */
export function reportPage(report: Report, pictures: ReportPictures): string {
  const { model, dataset, split } = report;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${model.title} on ${dataset.title} · Lumière</title>
<style>${new Markup(reportStyle)}</style>
</head>
<body>
<header><div>
<div class="mark">Lumière</div>
<h1>${model.title} <span>on</span> ${dataset.title}</h1>
<p>${capital(split.description)}. ${report.created.slice(0, 10)}</p>
</div></header>
<main>
${dataset.synthetic && banner(report)}
${report.warnings.length > 0 && notes(report.warnings)}
${tiles(report)}
${pictures.curves !== null && curves(report, pictures.curves)}
${Object.keys(report.metrics).length > 0 && metrics(report)}
${report.samples.length > 0 && samples(report.samples)}
${data(report, pictures.degrees)}
${run(report)}
</main>
<footer>Written by Lumière ${report.versions.lumiere ?? ""}. The same figures, for programs: report.json beside this file.</footer>
</body>
</html>
`;
  return page.text;
}

const capital = (text: string): string =>
  (text.slice(0, 1).toUpperCase() + text.slice(1)).replace(/\.$/, "");

function banner({ dataset }: Report): Markup {
  return html`<div class="banner" role="alert">Made-up data. ${dataset.source}: no real person is behind these numbers. They show that the program works, and nothing about how good the model is.</div>`;
}

function notes(warnings: readonly string[]): Markup {
  return html`<div class="notes"><h3>Before you believe a number</h3><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}

/** The list lengths of a report's metrics, ascending. */
function cuts(report: Report): number[] {
  const ks = Object.keys(report.metrics).map((key) => Number(key.split("@")[1]));
  return [...new Set(ks)].sort((a, b) => a - b);
}

function intervalText(report: Report, key: string): string | null {
  const interval = report.intervals?.[key];
  return interval ? `${metricText(interval[0])} – ${metricText(interval[1])}` : null;
}

function tiles(report: Report): Markup {
  const k = cuts(report).at(-1);
  const keys = ["recall", "ndcg", "precision"].map((name) => `${name}@${k}`);
  const tile = (label: string, figure: string, below: Part) =>
    html`<div class="tile"><span>${label}</span><b>${figure}</b><span>${below}</span></div>`;
  const shown = keys
    .filter((key) => report.metrics[key] !== undefined)
    .map((key) => {
      const interval = intervalText(report, key);
      return tile(
        metricLabel(key, report.evaluation?.sampled ?? false),
        metricText(report.metrics[key] ?? null),
        interval ? `95 %: ${interval}` : " ",
      );
    });
  const epochs =
    report.bestEpoch === null
      ? `${durationText(report.seconds.total)} in all`
      : `${report.epochsRun} epochs, best ${report.bestEpoch}`;
  return html`<section class="tiles" aria-label="At a glance">${shown}${tile("Training", durationText(report.seconds.fit), epochs)}</section>`;
}

function curves(report: Report, picture: string): Markup {
  const best =
    report.split.validation === 0
      ? "No validation part was cut off, so the last epoch was kept."
      : report.hyperparameters.refit === true
        ? `Epoch ${report.bestEpoch} was the best on the validation part, so the model was trained again for ${report.bestEpoch} epochs on train and validation together; test was never looked at.`
        : `The weights of epoch ${report.bestEpoch} were kept: the best on the validation part, which is cut from train and never from test.`;
  const early = report.stoppedEarly && " Training stopped early, when the metric no longer rose.";
  return pictureSection("Training", picture, [best, early]);
}

function metrics(report: Report): Markup {
  const ks = cuts(report);
  const names = [...new Set(Object.keys(report.metrics).map((key) => key.split("@")[0]!))];
  const cell = (name: string, k: number) => {
    const key = `${name}@${k}`;
    const value = report.metrics[key];
    const interval = intervalText(report, key);
    return html`<td class="figure" data-cut="@${k}">${value === undefined ? "" : metricText(value)}${interval !== null && html`<small>${interval}</small>`}</td>`;
  };
  const { evaluation } = report;
  const label = (name: string) => metricLabel(name, evaluation?.sampled ?? false);
  return html`<section><h2>How good it is</h2>
<p class="small">${
    evaluation !== null && [
      `Mean over ${whole(evaluation.usersEvaluated)} users with test items`,
      evaluation.usersSkipped > 0 && ` (${whole(evaluation.usersSkipped)} without are left out)`,
      evaluation.sampled
        ? "; sampled candidates, not comparable with full ranking"
        : "; every item ranked, training and validation items left out",
      `. ${evaluation.protocol.description}. Below each figure: the middle 95 % of the bootstrap over users.`,
    ]
  }</p>
<div class="scroll"><table><thead><tr><th scope="col">Metric</th>${ks.map((k) => html`<th scope="col" class="figure">@${k}</th>`)}</tr></thead><tbody>
${names.map((name) => html`<tr><th scope="row">${label(name)}<small>${report.definitions[`${name}@${ks.at(-1)}`] ?? ""}</small></th>${ks.map((k) => cell(name, k))}</tr>`)}
</tbody></table></div></section>`;
}

function samples(lists: readonly SampleList[]): Markup {
  const person = (list: SampleList) => {
    const names = list.history.map(({ item, title }) => title ?? item).join(" · ");
    const more = list.historyCount - list.history.length;
    return html`<div class="person"><h3>User ${list.user}</h3>
<p class="small">Liked ${whole(list.historyCount)} items: ${names}${more > 0 && ` and ${whole(more)} more`}</p>
<ol class="list">${list.recommendations.map(
      ({ item, title, score, because, genres }) =>
        html`<li><div><b>${title ?? item}</b>${genres.length > 0 && html`<span class="genres">${genres.join(", ")}</span>`}</div><span class="score">${score.toPrecision(4)}</span>${because.length > 0 && html`<span class="why">because you liked ${because.map((liked) => liked.title ?? liked.item).join(" and ")}</span>`}</li>`,
    )}</ol></div>`;
  };
  return html`<section><h2>What it recommends</h2>${lists.map(person)}</section>`;
}

function rows(entries: readonly (readonly [string, Part])[]): Markup {
  return html`<dl>${entries.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

function data({ dataset, split }: Report, picture: string): Markup {
  const { statistics } = dataset;
  const perOne = ({ mean, median, max }: { mean: number; median: number; max: number }) =>
    `mean ${mean.toFixed(1)}, median ${median}, most ${whole(max)}`;
  const times = statistics.timeRange;
  const share =
    split.validation > 0 ? `${whole(split.validationInteractions)} (to pick the epoch)` : "none";
  return html`<section><h2>Data</h2>
${rows([
  ["Source", dataset.source],
  ...(dataset.licence === null ? [] : [["Licence", dataset.licence] as const]),
  ["Users", whole(dataset.users)],
  ["Items", whole(dataset.items)],
  [
    "Interactions",
    `${whole(dataset.interactions)} (density ${(statistics.density * 100).toPrecision(3)} %)`,
  ],
  ["Per user", perOne(statistics.perUser)],
  ["Per item", `${perOne(statistics.perItem)}; Gini ${statistics.itemGini.toFixed(2)}`],
  ...(times ? [["Time", `${dayOf(times.first)} to ${dayOf(times.last)}`] as const] : []),
  ...dataset.filterNotes.map((note) => ["Filter", note] as const),
  ["Split", html`<code>${split.specification}</code> ${split.description}`],
  ["Train", whole(split.train)],
  ["Validation", share],
  ["Test", whole(split.test)],
  ["Fingerprint", html`<code>${dataset.fingerprint}</code>`],
])}
<figure>${new Markup(picture)}<figcaption>How many users and items have how many interactions. A straight line falling to the right is a power law: a few items have most of the interactions.</figcaption></figure></section>`;
}

function run(report: Report): Markup {
  const { seconds, command } = report;
  const stages = [
    `load ${durationText(seconds.load)}`,
    `split ${durationText(seconds.split)}`,
    `fit ${durationText(seconds.fit)}`,
    ...(seconds.evaluate === null ? [] : [`evaluate ${durationText(seconds.evaluate)}`]),
  ];
  const value = (setting: unknown) =>
    typeof setting === "string" ? setting : JSON.stringify(setting);
  const settings = Object.entries(report.hyperparameters);
  return html`<section><h2>This run</h2>
${command !== null && html`<pre>${command}</pre>`}
${rows([
  ["Model", html`${report.model.title} (<code>${report.model.name}</code>)`],
  ...(report.model.paper === null ? [] : [["Paper", report.model.paper] as const]),
  ...settings.map(([name, setting]) => [name, html`<code>${value(setting)}</code>`] as const),
  ["Seed", String(report.seed)],
  ["Time", `${durationText(seconds.total)}: ${stages.join(", ")}`],
  ["Peak memory", sizeText(report.peakMemoryBytes)],
  ["Device", report.device],
  [
    "Versions",
    Object.entries(report.versions)
      // Named as the device above.
      .filter(([name]) => name !== "engine")
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ],
])}</section>`;
}
