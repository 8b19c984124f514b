/**
 * How contenders are started: our programs, Python peers, kernels in C. Each is a process of
 * its own that reads a neutral folder and prints one line of JSON.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { freemem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measurement } from "./measurement.ts";

export const benchFolder = dirname(fileURLToPath(import.meta.url));
export const buildFolder = join(benchFolder, "..", "build", "bench");

export const peersFolder = join(benchFolder, "peers");
export const python = join(peersFolder, ".venv", "bin", "python");

export interface Task {
  readonly folder: string;
  readonly threads: number;
  /** Time to spend on timed work, after warm-up. */
  readonly seconds: number;
}

export interface Contender {
  /** Short name for `--only`. */
  readonly key: string;
  /** Name in the table. */
  readonly title: string;
  readonly ours: boolean;
  /** So slow that one turn has to do. */
  readonly once?: boolean;
  /** Why it cannot run this here, in one line; null where it can. */
  missing(task: Task): string | null;
  command(task: Task): readonly string[];
  /** How a turn is measured where the process does not print its own measurement. */
  readonly measure?: (task: Task) => Promise<Measurement>;
  environment?(task: Task): Readonly<Record<string, string>>;
}

const timing = ({ threads, seconds }: Task): string[] => [
  ...["--threads", String(threads)],
  ...["--seconds", String(seconds)],
];

/** As the program trains (`src/cli/vectors.ts`); LUMIERE_WIDE of the shell goes before. */
export const asTheProgram = { LUMIERE_WIDE: process.env.LUMIERE_WIDE ?? "on" };
export const narrow = { LUMIERE_WIDE: "off" };

/** A program of bench/ours, given `FOLDER --threads N --seconds S` and its own flags. */
export function ours(
  key: string,
  title: string,
  script: string,
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = asTheProgram,
): Contender {
  const program = join(benchFolder, "ours", script);
  const command = (task: Task) => [
    process.execPath,
    program,
    task.folder,
    ...timing(task),
    ...flags,
  ];
  return { key, title, ours: true, missing: () => null, command, environment: () => environment };
}

/** A program of bench/peers, given the same words. NumPy's and SciPy's OpenBLAS get the threads too. */
export function pythonPeer(
  key: string,
  title: string,
  script: string,
  flags: readonly string[] = [],
): Contender {
  const program = join(peersFolder, script);
  return {
    key,
    title,
    ours: false,
    missing: withoutPython,
    command: (task) => [python, program, task.folder, ...timing(task), ...flags],
    environment: ({ threads }) => ({ OPENBLAS_NUM_THREADS: String(threads) }),
  };
}

/** Why something that holds so many bytes is left out here; null where they are free. */
export function leftOutBelow(
  needed: number,
  free = Math.min(process.availableMemory(), freemem()),
): string | null {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return needed <= free
    ? null
    : `left out: it would hold about ${gigabytes(needed)}, and ${gigabytes(free)} are free`;
}

export const withoutPython = (): string | null =>
  existsSync(python) ? null : "not installed: bash bench/peers/setup.sh";

/** Built from bench/peers/c on first use. */
export function kernel(
  key: string,
  title: string,
  program: string,
  flags: readonly string[] = [],
): Contender {
  const path = join(buildFolder, "c", program);
  return {
    key,
    title,
    ours: false,
    missing: buildKernels,
    command: (task) => [path, task.folder, ...timing(task), ...flags],
    environment: () => ({ OMP_WAIT_POLICY: "active" }),
  };
}

let compilerTrouble: string | null | undefined;

/** Builds the C kernels once; answers why it could not. */
function buildKernels(): string | null {
  if (compilerTrouble !== undefined) return compilerTrouble;
  try {
    execFileSync("make", ["-s", "-C", join(peersFolder, "c"), `BUILD=${join(buildFolder, "c")}`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    compilerTrouble = null;
  } catch {
    compilerTrouble = "did not build: needs make and a C compiler with OpenMP (x86-64 with AVX2)";
  }
  return compilerTrouble;
}
