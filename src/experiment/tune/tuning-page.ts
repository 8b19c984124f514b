/**
 * The search as one HTML file that stands alone: no script, nothing fetched,
 * light and dark. Its content is `search.json`'s.
 *
 * @module
 */

import { html, Markup, pictureSection } from "../markup.ts";
import { metricText } from "../metric-label.ts";
import { reportStyle } from "../report-style.ts";
import { durationText } from "../units.ts";
import { searchMethods } from "./description.ts";
import { rangeText } from "./space-text.ts";
import { trialsText, trialTable } from "./trial-tables.ts";
import { judgedBy, type Tuning } from "./tuning.ts";
import type { TuningPictures } from "./tuning-charts.ts";

/** Wider than a run's report: tables of many columns, pictures side by side. */
const WIDE =
  "main,header>div,footer{max-width:72rem}td,th{padding-right:.6rem}.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:1rem}";

/** The whole page. */
export function tuningPage(tuning: Tuning, pictures: TuningPictures): string {
  const { model, dataset, warnings } = tuning;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Search for ${model.title} on ${dataset.title} · Lumière</title>
<style>${new Markup(reportStyle + WIDE)}</style>
</head>
<body>
<header><div>
<div class="mark">Lumière</div>
<h1>Settings of ${model.title} <span>on</span> ${dataset.title}</h1>
<p>${trialsText(tuning)}, judged on a validation part; the test part was not looked at. ${tuning.created.slice(0, 10)}</p>
</div></header>
<main>
${dataset.synthetic && html`<div class="banner" role="alert">Made-up data. ${dataset.source}: no real person is behind these numbers.</div>`}
${warnings.length > 0 && html`<div class="notes"><h3>Before you believe a number</h3><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`}
${bestOf(tuning)}
${pictureSection("Trials", pictures.history, "One point a trial; the line is the best so far.")}
<section><h2>Each setting against ${judgedBy(tuning)}</h2><div class="pair">${pictures.dimensions.map(({ picture }) => html`<figure>${new Markup(picture)}</figure>`)}</div><p class="small">The best trial stands out. Trials differ in all settings at once: what these pictures show is a hint, no proof.</p></section>
${pictures.parallel !== null && pictureSection("All settings together", pictures.parallel, "One line for each setting that was tried: the best bold, the best 15 % coloured.")}
${table(tuning)}
${how(tuning)}
</main>
<footer>Written by Lumière ${tuning.versions.lumiere ?? ""}. The same figures, for programs: search.json and trials.jsonl beside this file.</footer>
</body>
</html>
`.text;
}

function bestOf(tuning: Tuning): Markup {
  const { best, definition } = tuning;
  const metric = judgedBy(tuning);
  if (best === null)
    return html`<section><h2>Nothing found</h2><p>Every trial failed.</p></section>`;
  return html`<section><h2>The best: ${metric} ${metricText(best.value)}</h2>
<p class="small">Trial ${best.trial}, on the validation part. ${metric} is ${definition}.</p>
${best.command !== null && html`<pre>${best.command}</pre>`}
<dl>${Object.entries(best.settings).map(([name, value]) => html`<dt>${name}</dt><dd>${String(value)}</dd>`)}</dl></section>`;
}

function table(tuning: Tuning): Markup {
  const { header, rows } = trialTable(tuning);
  const failed = tuning.trials.filter(({ error }) => error !== null);
  return html`<section><h2>Every trial</h2>
<div class="scroll"><table><thead><tr>${header.map((cell) => html`<th scope="col" class="figure">${cell}</th>`)}</tr></thead><tbody>
${rows.map((row) => html`<tr>${row.map((cell, at) => html`<td class="figure" data-cut="${header[at] ?? ""}">${cell}</td>`)}</tr>`)}
</tbody></table></div>
${failed.length > 0 && html`<h3>Failed</h3><ul>${failed.map(({ trial, error }) => html`<li>Trial ${trial}: ${error?.message ?? ""}</li>`)}</ul>`}
</section>`;
}

function how({
  command,
  dataset,
  split,
  method,
  space,
  fixed,
  seed,
  seconds,
  model,
}: Tuning): Markup {
  return html`<section><h2>How it was done</h2>
${command !== null && html`<pre>${command}</pre>`}
<dl>
<dt>Data</dt><dd>${dataset.source}: ${dataset.users.toLocaleString("en")} users, ${dataset.items.toLocaleString("en")} items</dd>
${dataset.filterNotes.map((note) => html`<dt>Filter</dt><dd>${note}</dd>`)}
<dt>Split</dt><dd><code>${split.specification}</code> ${split.description}; trained on ${split.train.toLocaleString("en")} interactions, judged on ${split.validationInteractions.toLocaleString("en")}</dd>
<dt>Method</dt><dd>${method}: ${searchMethods[method]}</dd>
<dt>Searched</dt><dd>${space.map((dimension) => html`<code>${dimension.name}=${rangeText(dimension)}</code><br>`)}</dd>
${Object.keys(fixed).length > 0 && html`<dt>Fixed</dt><dd><code>${Object.entries(fixed).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)} `)}</code></dd>`}
<dt>Seed</dt><dd>${seed}</dd>
<dt>Time</dt><dd>${durationText(seconds)} for all trials</dd>
${model.paper !== null && html`<dt>Model</dt><dd>${model.paper}</dd>`}
</dl></section>`;
}
