/**
 * The comparison as one HTML file that stands alone: no script, nothing fetched,
 * light and dark. Its content is `comparison.json`'s.
 *
 * @module
 */

import { html, Markup, pictureSection } from "../markup.ts";
import { metricText } from "../metric-label.ts";
import { reportStyle } from "../report-style.ts";
import { durationText, sizeText } from "../units.ts";
import type { Comparison } from "./comparison.ts";
import type { ComparisonPictures } from "./comparison-charts.ts";
import {
  deviation,
  intervalText,
  labelOf,
  modelsText,
  probabilityText,
  shownMetrics,
  TESTS_NOTE,
} from "./tables.ts";

/** Wider than a run's report: tables of many columns. */
const WIDE = "main,header>div,footer{max-width:72rem}td,th{padding-right:.6rem}";

/** The whole page. */
export function comparisonPage(comparison: Comparison, pictures: ComparisonPictures): string {
  const { dataset, split, models, warnings } = comparison;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${modelsText(models)} on ${dataset.title} · Lumière</title>
<style>${new Markup(reportStyle + WIDE)}</style>
</head>
<body>
<header><div>
<div class="mark">Lumière</div>
<h1>${models.length} models <span>on</span> ${dataset.title}</h1>
<p>${split.description}. ${comparison.created.slice(0, 10)}</p>
</div></header>
<main>
${dataset.synthetic && html`<div class="banner" role="alert">Made-up data. ${dataset.source}: no real person is behind these numbers.</div>`}
${warnings.length > 0 && html`<div class="notes"><h3>Before you believe a difference</h3><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`}
${board(comparison)}
${pictures.metrics.map(({ key, picture }) => pictureSection(labelOf(key, comparison), picture, "Whiskers: the middle 95 % of the bootstrap over users."))}
${comparison.tests.length > 0 && tests(comparison)}
${pictures.coverage !== null && pictureSection("Accuracy against coverage", pictures.coverage, "Up and to the right: good lists that reach far into the catalogue.")}
${pictures.popularity !== null && pictureSection("Rare and popular items", pictures.popularity, "Items in five groups with equal shares of the training interactions, rarest first; the recall of a group counts its test items alone. First seed.")}
${pictures.curves !== null && pictureSection("Training", pictures.curves, "First seed of each model that has epochs; measured on the validation part, never on test.")}
${settings(comparison)}
</main>
<footer>Written by Lumière ${comparison.versions.lumiere ?? ""}. The same figures, for programs: comparison.json, leaderboard.csv and tests.csv beside this file.</footer>
</body>
</html>
`.text;
}

function board(comparison: Comparison): Markup {
  const keys = shownMetrics(comparison);
  const { evaluation, models } = comparison;
  return html`<section><h2>Leaderboard</h2>
<p class="small">${evaluation.sampled ? "Sampled candidates: not comparable with full ranking. " : "Every item ranked, training and validation items left out. "}${evaluation.protocol.description}. Below each figure: the middle 95 % of the bootstrap over users, and the deviation between seeds where there are several.</p>
<div class="scroll"><table><thead><tr><th scope="col">Model</th>${keys.map((key) => html`<th scope="col" class="figure">${labelOf(key, comparison)}</th>`)}<th scope="col" class="figure">Fit</th><th scope="col" class="figure">Memory</th></tr></thead><tbody>
${models.map(
  (model) =>
    html`<tr><th scope="row">${model.label}${model.label !== model.model.title && html`<small>${model.model.title}</small>`}</th>${keys.map(
      (key) => {
        const { mean, interval, perSeed } = model.metrics[key]!;
        const spread = deviation(perSeed);
        return html`<td class="figure" data-cut="${labelOf(key, comparison)}">${metricText(mean)}${interval !== null && html`<small>${intervalText(interval)}</small>`}${spread !== null && html`<small>± ${metricText(spread)} between seeds</small>`}</td>`;
      },
    )}<td class="figure" data-cut="fit">${durationText(model.seconds.fit)}</td><td class="figure" data-cut="memory">${sizeText(model.peakMemoryBytes)}</td></tr>`,
)}
</tbody></table></div></section>`;
}

function tests(comparison: Comparison): Markup {
  const columns = ["randomisation", "t", "wilcoxon"] as const;
  const signed = (value: number) => `${value > 0 ? "+" : ""}${value.toFixed(4)}`;
  return html`<section><h2>Is the difference real?</h2>
<p class="small">Against ${comparison.reference}. ${TESTS_NOTE} Below: before the correction.</p>
<div class="scroll"><table><thead><tr><th scope="col">Model</th><th scope="col" class="figure">Difference</th><th scope="col" class="figure">Users better / equal / worse</th><th scope="col" class="figure">Randomisation</th><th scope="col" class="figure">t</th><th scope="col" class="figure">Wilcoxon</th></tr></thead><tbody>
${comparison.tests.map(
  (pair) =>
    html`<tr><th scope="row">${pair.label}<small>${labelOf(pair.metric, comparison)}</small></th><td class="figure" data-cut="difference">${pair.difference === null ? "–" : signed(pair.difference)}${pair.interval !== null && html`<small>${signed(pair.interval[0])} – ${signed(pair.interval[1])}</small>`}</td><td class="figure" data-cut="users">${pair.wins} / ${pair.ties} / ${pair.losses}</td>${columns.map(
      (name) =>
        html`<td class="figure" data-cut="${name}">${probabilityText(pair[name].adjusted)}<small>${probabilityText(pair[name].p)}</small></td>`,
    )}</tr>`,
)}
</tbody></table></div></section>`;
}

function settings(comparison: Comparison): Markup {
  const { command, dataset, models, device } = comparison;
  const value = (setting: unknown) =>
    typeof setting === "string" ? setting : JSON.stringify(setting);
  return html`<section><h2>How it was done</h2>
${command !== null && html`<pre>${command}</pre>`}
<dl>
<dt>Data</dt><dd>${dataset.source}: ${dataset.users.toLocaleString("en")} users, ${dataset.items.toLocaleString("en")} items, ${dataset.interactions.toLocaleString("en")} interactions</dd>
${dataset.filterNotes.map((note) => html`<dt>Filter</dt><dd>${note}</dd>`)}
<dt>Split</dt><dd><code>${comparison.split.specification}</code> ${comparison.split.description}</dd>
<dt>Memory</dt><dd>Most that a run's own process held at once: data, model and evaluation together; of a blend, without the training of its parts.</dd>
<dt>Device</dt><dd>${device}</dd>
${models.map((model) => {
  const entries = Object.entries(model.hyperparameters);
  return html`<dt>${model.label}</dt><dd>seeds ${model.seeds.join(", ")}; ${model.bestEpochs.every((epoch) => epoch !== null) && `best epochs ${model.bestEpochs.join(", ")}; `}${entries.length === 0 ? "nothing to set" : html`<code>${entries.map(([name, setting]) => `${name}=${value(setting)}`).join(" ")}</code>`}${model.model.paper !== null && html`<br><span class="small">${model.model.paper}</span>`}</dd>`;
})}
</dl></section>`;
}
