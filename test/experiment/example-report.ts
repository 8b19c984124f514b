/** A report with every part filled in by hand; names that try to break out of the page. */
import { metricDefinition } from "../../src/evaluation/metrics.ts";
import type { Report } from "../../src/experiment/report.ts";

const metrics: Record<string, number> = {
  "recall@10": 0.2134,
  "precision@10": 0.2711,
  "ndcg@10": 0.3391,
  "hr@10": 0.8712,
  "mrr@10": 0.5512,
  "map@10": 0.2101,
  "novelty@10": 8.91,
  "averagePopularity@10": 181.4,
  "coverage@10": 0.312,
  "gini@10": 0.914,
  "recall@20": 0.3535,
  "precision@20": 0.2397,
  "ndcg@20": 0.3561,
  "hr@20": 0.9411,
  "mrr@20": 0.5587,
  "map@20": 0.1911,
  "novelty@20": 9.02,
  "averagePopularity@20": 160.2,
  "coverage@20": 0.404,
  "gini@20": 0.881,
};

export function exampleReport(change: Partial<Report> = {}): Report {
  return {
    created: "2026-01-02T03:04:05.678Z",
    command: "lumiere train --data ml-100k --split random:0.8 --seed 1 --out runs/a",
    model: {
      name: "lightgcn",
      title: "LightGCN",
      paper:
        "He, Deng, Wang, Li, Zhang & Wang, LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation, SIGIR 2020",
    },
    hyperparameters: { width: 64, layers: 3, learningRate: 0.005, stopMetric: "ndcg@20" },
    seed: 1,
    threads: 2,
    device: "cpu (2 threads, relaxed SIMD)",
    dataset: {
      name: "ml-100k",
      title: "MovieLens 100K",
      source: "a folder <script>alert(1)</script>",
      licence: "Research only",
      synthetic: false,
      users: 943,
      items: 1682,
      interactions: 100000,
      fingerprint: "8b2f0c",
      filterNotes: ["rating at least 3: removed 17,480 of 100,000 interactions"],
      statistics: {
        users: 943,
        items: 1682,
        interactions: 100000,
        density: 0.063,
        perUser: { mean: 106.04, median: 65, max: 737 },
        perItem: { mean: 59.45, median: 27, max: 583 },
        timeRange: { first: 874724710, last: 893286638 },
        valueHistogram: null,
        itemGini: 0.63,
      },
    },
    split: {
      specification: "random:0.8",
      description: "a random 80 % of the interactions is the training part",
      validation: 0.1,
      warnings: [],
      train: 72000,
      validationInteractions: 8000,
      test: 20000,
    },
    metrics,
    intervals: Object.fromEntries(
      Object.entries(metrics).map(([key, value]) => [
        key,
        key.startsWith("coverage") || key.startsWith("gini")
          ? null
          : ([value * 0.97, value * 1.03] as const),
      ]),
    ),
    definitions: Object.fromEntries(
      Object.keys(metrics).map((key) => [key, metricDefinition(key)]),
    ),
    evaluation: {
      byPopularity: null,
      usersEvaluated: 940,
      usersSkipped: 3,
      maskedTargets: 0,
      sampled: false,
      protocol: {
        name: "lightgcn",
        description: "NGCF, LightGCN, RecBole: recall over all |T| test items",
      },
      seconds: 0.4,
    },
    epochsRun: 110,
    bestEpoch: 85,
    stoppedEarly: true,
    curve: Array.from({ length: 110 }, (_, at) => ({
      epoch: at + 1,
      loss: 0.12 + 0.57 * Math.exp(-at / 22),
      seconds: 0.3,
      ...((at + 1) % 5 === 0 && {
        validation: {
          "ndcg@20": 0.36 * (1 - Math.exp(-(at + 4) / 18)) - 0.000004 * (at - 84) ** 2,
        },
      }),
    })),
    seconds: { load: 0.6, split: 0.1, fit: 33.2, evaluate: 0.5, total: 34.5 },
    peakMemoryBytes: 312_000_000,
    versions: { lumiere: "0.1.0", node: "26.10.0" },
    warnings: [],
    samples: [
      {
        user: "196",
        historyCount: 31,
        history: [
          { item: "1", title: "Toy Story (1995)" },
          { item: "50", title: "Star Wars (1977)" },
          { item: "9", title: null },
        ],
        recommendations: [
          ["Empire Strikes Back, The (1980)", ["Action", "Sci-Fi"]],
          ["Raiders of the Lost Ark (1981)", ["Action", "Adventure"]],
          ['"><img src=x onerror=alert(1)>', []],
          ["Fugitive, The (1993)", ["Thriller"]],
        ].map(([title, genres], at) => ({
          rank: at + 1,
          item: String(100 + at),
          title: String(title),
          genres: genres as string[],
          score: 5.8312 - at * 0.31,
          because: [
            { item: "50", title: "Star Wars (1977)" },
            ...(at === 0 ? [{ item: "1", title: "Toy Story (1995)" }] : []),
          ],
        })),
      },
    ],
    files: {},
    ...change,
  };
}
