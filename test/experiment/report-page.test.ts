import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memoryChart } from "../../bench/scale-chart.ts";
import { curvesChart, degreeChart } from "../../src/experiment/charts.ts";
import { standalone } from "../../src/experiment/drawing.ts";
import { html } from "../../src/experiment/markup.ts";
import { reportPage } from "../../src/experiment/report-page.ts";
import { durationText, sizeText } from "../../src/experiment/units.ts";
import { exampleReport } from "./example-report.ts";

const report = exampleReport();
const full = { metric: "ndcg@20", sampled: false };
const pictures = {
  curves: curvesChart(report.curve, full, report.bestEpoch),
  degrees: degreeChart(Int32Array.of(1, 1, 2, 10), Int32Array.of(3, 3, 0, 8)),
};
const page = reportPage(report, pictures);

describe("report page", () => {
  it("holds the headline, every metric with its interval and its definition", () => {
    assert.match(page, /<h1>LightGCN <span>on<\/span> MovieLens 100K<\/h1>/);
    for (const [key, value] of Object.entries(report.metrics)) {
      const shown = value!.toFixed(Math.abs(value!) >= 100 ? 1 : Math.abs(value!) >= 10 ? 2 : 4);
      assert.ok(page.includes(`data-cut="@${key.split("@")[1]}">${shown}`), key);
    }
    assert.ok(page.includes("0.3429 – 0.3641"), "0.3535 ± 3 %");
    assert.ok(page.includes(report.definitions["recall@20"]!.replaceAll("'", "&#39;")));
    assert.ok(page.includes(report.command!));
    assert.ok(page.includes("because you liked Star Wars (1977) and Toy Story (1995)"));
  });

  it("escapes whatever comes from other people's files", () => {
    assert.ok(page.includes("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"));
    assert.ok(page.includes("a folder &lt;script&gt;alert(1)&lt;/script&gt;"));
    assert.ok(!/<script|<img/i.test(page));
  });

  it("stands alone: no script, nothing fetched", () => {
    const addresses = [...page.matchAll(/\s(?:src|href)=["']?([^"'\s>]+)|url\(([^)]+)/g)];
    assert.deepEqual(
      // "x" is the escaped title's; "#…" are places in this very page.
      addresses
        .map(([, to, inStyle]) => to ?? inStyle ?? "")
        .filter((to) => to !== "x" && !to.startsWith("#")),
      [],
    );
    assert.doesNotMatch(page.replaceAll("http://www.w3.org/", ""), /https?:\/\//);
    assert.match(page, /default-src 'none'/);
  });

  it("is loud about made-up data and quiet otherwise", () => {
    assert.ok(!page.includes('role="alert"'));
    const dataset = { ...report.dataset, synthetic: true, source: "synthetic (seed 1)" };
    const loud = reportPage(exampleReport({ dataset }), pictures);
    assert.match(loud, /role="alert">Made-up data\. synthetic \(seed 1\)/);
  });

  it("lists the warnings", () => {
    const warned = reportPage(exampleReport({ warnings: ["leaks <the> future"] }), pictures);
    assert.ok(warned.includes("<li>leaks &lt;the&gt; future</li>"));
  });

  it("does without epochs, test part, samples, titles", () => {
    const bare = reportPage(
      exampleReport({
        metrics: {},
        intervals: null,
        evaluation: null,
        samples: [],
        curve: [],
        bestEpoch: null,
        command: null,
      }),
      { curves: null, degrees: pictures.degrees },
    );
    assert.ok(!bare.includes("How good it is"));
    assert.ok(!bare.includes("undefined"));
    assert.ok(!bare.includes("NaN"));
  });
});

describe("charts", () => {
  it("carry every colour that they use where they stand alone", () => {
    const peak = { seconds: 2, peakBytes: 2 ** 30 };
    const stages = { ingestion: peak, training: peak, evaluation: peak };
    const points = [1e6, 1e7].map((interactions) => ({ interactions, users: 1, items: 1, stages }));
    const alone = memoryChart(points);
    const used = new Set(Array.from(alone.matchAll(/var\((--[\w-]+)\)/g), ([, name]) => name!));
    assert.ok(used.has("--series-2"), "three curves");
    for (const name of used) {
      const values = alone.split(`${name}:#`).length - 1;
      assert.equal(values, 2, `${name}: one on light paper, one on dark`);
    }
  });

  it("draw one point an epoch in colours that follow the page", () => {
    const short = curvesChart(
      [
        { epoch: 1, loss: 0.7, seconds: 1 },
        { epoch: 2, loss: 0.5, seconds: 1, validation: { "ndcg@20": 0.1 } },
      ],
      full,
      2,
    );
    assert.match(short, /var\(--first\)/);
    assert.match(short, /best epoch 2/);
    assert.match(short, /viewBox="0 0 760 340"/);
    assert.match(standalone(short), /prefers-color-scheme:dark/);
  });

  it("leave out the validation axis where nothing was validated", () => {
    const chart = curvesChart([{ epoch: 1, loss: 0.7, seconds: 1 }], full, null);
    assert.doesNotMatch(chart, />validation NDCG/);
  });

  it("share no id when they share a page", () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("count users and items by their number of interactions", () => {
    // Degrees 1 (twice), 2, 10 of users, 3 (twice), 8 of items: five points and two in the legend.
    const shapes = pictures.degrees.match(/<path [^>]*fill="var\(--(first|second)\)"/g) ?? [];
    assert.equal(shapes.length, 5 + 2);
  });
});

describe("markup", () => {
  it("escapes parts and keeps what is markup already", () => {
    const inner = html`<b>${"<&>"}</b>`;
    assert.equal(
      html`<i title="${'"'}">${[inner, 1, null, false]}</i>`.text,
      '<i title="&quot;"><b>&lt;&amp;&gt;</b>1</i>',
    );
  });
});

describe("units", () => {
  it("read well at every size", () => {
    assert.deepEqual([0.04, 9.94, 9.96, 59.4, 59.6, 3599, 3600].map(durationText), [
      "0.0 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min 0 s",
      "59 min 59 s",
      "1 h 0 min",
    ]);
    assert.deepEqual([312e6, 999e6, 1.45e9].map(sizeText), ["312 MB", "999 MB", "1.4 GB"]);
  });
});
