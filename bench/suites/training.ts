/**
 * Suites of training steps and epochs, and of iterations of alternating least squares.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { best, middle, peakMemory, spread, timesOurs } from "../columns.ts";
import { type Contender, kernel, narrow, ours, peersFolder, pythonPeer } from "../contenders.ts";
import { datasetNames } from "../data.ts";
import { neutralGround, type Suite } from "../suite.ts";

const ground = { threads: [1, 2], prepare: neutralGround };

const stepColumns = [
  spread("step ms (spread)", (round) => round.stepMs),
  timesOurs((round) => round.stepMs),
  best("best step ms", (round) => round.stepMs?.min),
  middle("epoch s", (round) => round.epochSeconds),
  timesOurs((round) => round.epochSeconds),
  middle("propagation ms", (round) => round.propagateMs),
  middle("sampling s/epoch", (round) => round.samplingSeconds),
  peakMemory,
];

const qualityColumns = [
  middle(
    "Recall@20",
    (round) => round.quality?.recall20,
    (x) => x.toFixed(4),
  ),
  middle(
    "NDCG@100",
    (round) => round.quality?.ndcg100,
    (x) => x.toFixed(4),
  ),
];

const tfjsProgram = join(peersFolder, "lightgcn-tfjs.mjs");
const tfjs: Contender = {
  key: "tfjs",
  title: "TensorFlow.js, WebAssembly, dense adjacency",
  ours: false,
  missing: () =>
    existsSync(join(peersFolder, "javascript", "node_modules"))
      ? null
      : "not installed: bash bench/peers/setup.sh",
  command: ({ folder, seconds }) => [
    ...[process.execPath, tfjsProgram, folder],
    ...["--seconds", String(seconds)],
  ],
};

export const step: Suite = {
  ...ground,
  name: "step",
  summary: "a training step and epoch of LightGCN",
  datasets: datasetNames,
  columns: stepColumns,
  variants: [
    {
      title: "",
      contenders: [
        ours("ours", "Lumière", "step.ts"),
        ours("ours-bf16", "Lumière, rows in bfloat16", "step.ts", ["--messages", "bfloat16"]),
        ours("ours-128", "Lumière, 128-bit vectors", "step.ts", [], narrow),
        {
          ...ours("plain", "Plain JavaScript, one thread", "plain-step.ts"),
          ours: false,
          once: true,
        },
        { ...tfjs, once: true },
        kernel("c", "C by hand, batch rows", "lightgcn_step", ["--batch-rows", "1"]),
        kernel("c-plain", "C by hand, all rows", "lightgcn_step", ["--batch-rows", "0"]),
        ...[
          ["torch-symmetric", "PyTorch CSR, symmetric gradient by hand", "csr-symmetric"],
          ["torch-csr", "PyTorch torch.sparse CSR", "csr"],
          ["torch-coo", "PyTorch torch.sparse COO (official form)", "coo"],
          ["pyg-csr", "PyG LightGCN, sparse CSR", "pyg-csr"],
        ].map(([key = "", title = "", form = ""]) =>
          pythonPeer(key, title, "lightgcn_torch.py", ["--form", form]),
        ),
        {
          ...pythonPeer("pyg", "PyG LightGCN, edge_index", "lightgcn_torch.py", ["--form", "pyg"]),
          once: true,
        },
      ],
    },
  ],
};

export const ngcf: Suite = {
  ...ground,
  name: "ngcf",
  summary: "a training step of NGCF",
  datasets: datasetNames,
  columns: stepColumns,
  variants: [
    {
      title: "",
      contenders: [
        ours("ours", "Lumière", "step.ts", ["--model", "ngcf"]),
        pythonPeer("pyg-sparse", "PyG, fused sparse CSR", "ngcf_pyg.py", ["--form", "sparse"]),
        {
          ...pythonPeer("pyg", "PyG, edge_index", "ngcf_pyg.py", ["--form", "edges"]),
          once: true,
        },
      ],
    },
  ],
};

export const gat: Suite = {
  ...ground,
  name: "gat",
  summary: "a training step of GAT (--datasets gowalla too)",
  datasets: ["ml-100k", "ml-1m"],
  columns: stepColumns,
  variants: [
    {
      title: "",
      contenders: [
        ours("ours", "Lumière", "step.ts", ["--model", "gat"]),
        pythonPeer("pyg", "PyG GATConv, edge_index", "gat_pyg.py", ["--form", "edges"]),
        {
          ...pythonPeer("pyg-index", "PyG GATConv, sorted EdgeIndex", "gat_pyg.py", [
            "--form",
            "index",
          ]),
          once: true,
        },
      ],
    },
  ],
};

export const multVae: Suite = {
  ...ground,
  name: "mult-vae",
  summary: "epochs of Mult-VAE, and how well it ranks after them",
  datasets: ["ml-1m", "ml-100k", "gowalla"],
  columns: [
    spread("epoch s (spread)", (round) => round.epochSeconds),
    timesOurs((round) => round.epochSeconds),
    best("best step ms", (round) => round.stepMs?.min),
    best("processor ms a step", (round) => round.processorMs),
    ...qualityColumns,
    peakMemory,
  ],
  variants: [
    {
      title: "",
      contenders: [
        ours("ours", "Lumière", "mult-vae.ts"),
        pythonPeer("torch", "PyTorch, dense input", "mult_vae_torch.py", ["--form", "dense"]),
        pythonPeer("torch-sparse", "PyTorch, embedding bag, fused Adam", "mult_vae_torch.py", [
          "--form",
          "sparse",
        ]),
      ],
    },
  ],
};

export const bpr: Suite = {
  ...ground,
  name: "bpr",
  summary: "epochs of BPR-MF, and how well it ranks after twenty",
  datasets: ["ml-100k", "ml-1m", "gowalla"],
  columns: [
    spread("epoch s (spread)", (round) => round.epochSeconds),
    timesOurs((round) => round.epochSeconds),
    best("processor ms an epoch", (round) => round.processorMs),
    ...qualityColumns,
    peakMemory,
  ],
  variants: [
    {
      title: "",
      contenders: [
        ours("ours", "Lumière", "bpr.ts"),
        pythonPeer("implicit", "implicit BayesianPersonalizedRanking", "bpr_implicit.py"),
      ],
    },
  ],
};

export const als: Suite = {
  ...ground,
  name: "als",
  summary: "an iteration of alternating least squares",
  datasets: ["ml-1m", "gowalla"],
  columns: [
    spread("iteration ms (spread)", (round) => round.iterationMs),
    timesOurs((round) => round.iterationMs),
    best("best ms", (round) => round.iterationMs?.min),
    best("processor ms", (round) => round.processorMs),
    middle(
      "objective after 3 iterations",
      (round) => round.checkObjective,
      (x) => x.toPrecision(6),
    ),
    peakMemory,
  ],
  variants: [64, 256].flatMap((factors) =>
    ["cg", "cholesky"].map((solver) => {
      const flags = ["--factors", String(factors), "--solver", solver];
      const implicit = pythonPeer(
        "implicit",
        "implicit AlternatingLeastSquares",
        "als_implicit.py",
        flags,
      );
      return {
        title: `${factors} factors by ${solver}`,
        contenders: [
          ours("ours", "Lumière", "als.ts", flags),
          // As its documentation asks: its own threads solve rows side by side.
          { ...implicit, environment: () => ({ OPENBLAS_NUM_THREADS: "1" }) },
        ],
      };
    }),
  ),
};
