/**
 * Who runs in which suite, and how each is started. Every contender is a
 * process of its own that reads a neutral folder and prints one line of JSON.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const benchFolder = dirname(fileURLToPath(import.meta.url));
export const buildFolder = join(benchFolder, "..", "build", "bench");

const peers = join(benchFolder, "peers");
const python = join(peers, ".venv", "bin", "python");

export interface Task {
  readonly folder: string;
  readonly threads: number;
  /** Time to spend on timed steps, after warm-up. */
  readonly seconds: number;
  /** Flags of the suite's variant, the same for every contender. */
  readonly flags?: readonly string[];
}

export interface Contender {
  /** Short name for `--only`. */
  readonly key: string;
  /** Name in the table. */
  readonly title: string;
  readonly ours: boolean;
  /** So slow that one turn has to do. */
  readonly once?: boolean;
  /** Why it cannot run here, in one line; null where it can. */
  missing(): string | null;
  command(task: Task): readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Peers whose work is fixed. */
const untimed = ["ranking_torch.py", "mult_vae_torch.py"];

function pythonPeer(
  key: string,
  title: string,
  script: string,
  flags: readonly string[],
): Contender {
  return {
    key,
    title,
    ours: false,
    missing: () => (existsSync(python) ? null : "not installed: bash bench/peers/setup.sh"),
    command: ({ folder, threads, seconds }) => [
      python,
      join(peers, script),
      folder,
      "--threads",
      String(threads),
      ...(untimed.includes(script) ? [] : ["--seconds", String(seconds)]),
      ...flags,
    ],
  };
}

/** A contender that takes the flags of the suite's variant. */
function withVariant(contender: Contender): Contender {
  const command = (task: Task) => [...contender.command(task), ...(task.flags ?? [])];
  return { ...contender, command };
}

let compilerTrouble: string | null | undefined;

/** Builds the C kernels once; answers why it could not. */
function buildKernels(): string | null {
  if (compilerTrouble !== undefined) return compilerTrouble;
  try {
    execFileSync("make", ["-s", "-C", join(peers, "c"), `BUILD=${join(buildFolder, "c")}`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    compilerTrouble = null;
  } catch {
    compilerTrouble = "did not build: needs make and a C compiler with OpenMP (x86-64 with AVX2)";
  }
  return compilerTrouble;
}

function kernel(key: string, title: string, program: string, flags: readonly string[]): Contender {
  return {
    key,
    title,
    ours: false,
    missing: buildKernels,
    command: ({ folder, threads, seconds }) => [
      join(buildFolder, "c", program),
      folder,
      "--threads",
      String(threads),
      ...(program === "lightgcn_step" ? ["--seconds", String(seconds)] : []),
      ...flags,
    ],
    environment: { OMP_WAIT_POLICY: "active" },
  };
}

function ours(
  key: string,
  title: string,
  script: string,
  flags: readonly string[] = [],
): Contender {
  return {
    key,
    title,
    ours: true,
    missing: () => null,
    command: ({ folder, threads, seconds }) => [
      process.execPath,
      join(benchFolder, "ours", script),
      folder,
      "--threads",
      String(threads),
      "--seconds",
      String(seconds),
      ...flags,
    ],
  };
}

export const stepContenders: readonly Contender[] = [
  ours("ours", "Lumière", "step.ts"),
  // As under LUMIERE_WIDE=on: V8's experiment, so not our default.
  ours("ours-wide", "Lumière, 256-bit vectors", "step.ts", ["--wide"]),
  kernel("c", "C by hand, batch rows", "lightgcn_step", ["--batch-rows", "1"]),
  kernel("c-plain", "C by hand, all rows", "lightgcn_step", ["--batch-rows", "0"]),
  pythonPeer("torch-symmetric", "PyTorch CSR, symmetric gradient by hand", "lightgcn_torch.py", [
    "--form",
    "csr-symmetric",
  ]),
  pythonPeer("torch-csr", "PyTorch torch.sparse CSR", "lightgcn_torch.py", ["--form", "csr"]),
  pythonPeer("torch-coo", "PyTorch torch.sparse COO (official form)", "lightgcn_torch.py", [
    "--form",
    "coo",
  ]),
  pythonPeer("pyg-csr", "PyG LightGCN, sparse CSR", "lightgcn_torch.py", ["--form", "pyg-csr"]),
  {
    ...pythonPeer("pyg", "PyG LightGCN, edge_index", "lightgcn_torch.py", ["--form", "pyg"]),
    once: true,
  },
];

/** The variants of the suite choose the factors and the solver. */
export const alsContenders: readonly Contender[] = [
  withVariant(ours("ours", "Lumière", "als.ts")),
  {
    ...withVariant(
      pythonPeer("implicit", "implicit AlternatingLeastSquares", "als_implicit.py", []),
    ),
    // As its documentation asks: its own threads solve rows side by side.
    environment: { OPENBLAS_NUM_THREADS: "1" },
  },
];

/** The variants of the suite choose the neighbours and what is compared. */
export const knnContenders: readonly Contender[] = [
  withVariant(ours("ours", "Lumière", "knn.ts")),
  withVariant(pythonPeer("implicit", "implicit", "knn_implicit.py", [])),
];

export const easeContenders: readonly Contender[] = [
  ours("ours", "Lumière", "ease.ts"),
  ...[
    ["inverse64", "NumPy, inv in float64"],
    ["inverse32", "NumPy, inv in float32"],
    ["cholesky32", "SciPy, potrf and potri in float32"],
  ].map(([form = "", title = ""]): Contender => {
    const peer = pythonPeer(form, title, "ease_numpy.py", ["--form", form]);
    const command = (task: Task) => [
      ...["env", `OPENBLAS_NUM_THREADS=${task.threads}`],
      ...peer.command(task),
    ];
    return { ...peer, command };
  }),
];

export const rankingContenders: readonly Contender[] = [
  ours("ours", "Lumière", "ranking.ts"),
  kernel("c", "C by hand", "ranking", []),
  pythonPeer("torch", "PyTorch matmul + mask + topk", "ranking_torch.py", []),
];

export const ngcfContenders: readonly Contender[] = [
  ours("ours", "Lumière", "network.ts", ["--model", "ngcf"]),
  pythonPeer("pyg-sparse", "PyG, fused sparse CSR", "ngcf_pyg.py", ["--form", "sparse"]),
  { ...pythonPeer("pyg", "PyG, edge_index", "ngcf_pyg.py", ["--form", "edges"]), once: true },
];

export const multVaeContenders: readonly Contender[] = [
  ours("ours", "Lumière", "mult-vae.ts"),
  pythonPeer("torch", "PyTorch, dense input", "mult_vae_torch.py", ["--form", "dense"]),
  pythonPeer("torch-sparse", "PyTorch, embedding bag, fused Adam", "mult_vae_torch.py", [
    "--form",
    "sparse",
  ]),
];

export const gatContenders: readonly Contender[] = [
  ours("ours", "Lumière", "network.ts", ["--model", "gat"]),
  pythonPeer("pyg", "PyG GATConv, edge_index", "gat_pyg.py", ["--form", "edges"]),
  pythonPeer("pyg-index", "PyG GATConv, sorted EdgeIndex", "gat_pyg.py", ["--form", "index"]),
];
