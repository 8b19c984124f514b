/**
 * Cold starts: the command line, ten recommendations from a kept model, and the import of the
 * library, each as a fresh process; and how much the installation weighs.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { middle, peakMemory, spread, timesOurs } from "../columns.ts";
import {
  benchFolder,
  buildFolder,
  type Contender,
  peersFolder,
  python,
  type Task,
  withoutPython,
} from "../contenders.ts";
import type { Measurement } from "../measurement.ts";
import { neutralGround, type Suite } from "../suite.ts";
import { wholeProcess } from "../whole-process.ts";

/** Runs of a turn at least. */
const leastRuns = 5;

const root = join(benchFolder, "..");
const main = join(root, "dist", "cli", "main.js");
const library = pathToFileURL(join(root, "dist", "index.js")).href;
const folder = join(buildFolder, "start");
const bundle = join(folder, "bundle");
const implicitModel = join(folder, "implicit");
const javascript = join(peersFolder, "javascript", "node_modules");

interface Start {
  readonly key: string;
  readonly title: string;
  readonly command: readonly string[];
  readonly ours?: boolean;
  missing?(): string | null;
  /** Bytes on disk of what is started, with all it depends on. */
  installed?(): number;
}

function start({ key, title, command, ours = false, missing, installed }: Start): Contender {
  const contender = {
    key,
    title,
    ours,
    missing: missing ?? (() => null),
    command: () => command,
    environment: ({ threads }: Task) => ({ OMP_NUM_THREADS: String(threads) }),
  };
  let megabytes: number | undefined;
  return {
    ...contender,
    async measure(task): Promise<Measurement> {
      megabytes ??= installed && installed() / 1e6;
      const found = await wholeProcess(contender, task, leastRuns);
      return { ...found, ...(megabytes !== undefined && { installedMegabytes: megabytes }) };
    },
  };
}

const node = (...words: string[]) => [process.execPath, ...words];
const floors: readonly Contender[] = [
  start({ key: "node", title: "Node alone", command: node("-e", "0") }),
  start({
    key: "python",
    title: "Python alone",
    command: [python, "-c", "0"],
    missing: withoutPython,
  }),
];

/** A Python package imported, and what it and its requirements weigh. */
function imported(key: string, title: string, packages: readonly string[]): Contender {
  return start({
    key,
    title,
    command: [python, "-W", "ignore", "-c", `import ${packages.join(", ")}`],
    missing: withoutPython,
    installed: () => {
      const names = packages.map((name) => name.replaceAll("_", "-").split(".")[0]!);
      const script = join(peersFolder, "installed_size.py");
      return Number(execFileSync(python, [script, ...names], { encoding: "utf8" }));
    },
  });
}

export const starts: Suite = {
  name: "start",
  summary: "cold start of the command line, import and weight of the library",
  datasets: ["ml-100k"],
  threads: [1],
  columns: [
    spread("ms (spread)", (round) => round.runMs),
    timesOurs((round) => round.runMs),
    middle("processor ms", (round) => round.processorMs),
    peakMemory,
    middle(
      "installed MB",
      (round) => round.installedMegabytes,
      (value) => value.toFixed(1),
    ),
  ],
  variants: [
    {
      title: "lumiere --version",
      contenders: [
        start({
          key: "ours",
          title: "lumiere --version",
          ours: true,
          command: node(main, "--version"),
        }),
        ...floors,
      ],
    },
    {
      title: "ten recommendations from a kept model",
      contenders: [
        start({
          key: "ours",
          title: "lumiere recommend",
          ours: true,
          command: node(main, "recommend", bundle, "--user", "1", "--json"),
        }),
        start({
          key: "implicit",
          title: "implicit, loaded from its file",
          command: [python, join(peersFolder, "recommend_implicit.py"), implicitModel],
          missing: withoutPython,
        }),
      ],
    },
    {
      title: "import of the library",
      contenders: [
        start({
          key: "ours",
          title: 'import "lumiere"',
          ours: true,
          command: node("--input-type=module", "-e", `await import(${JSON.stringify(library)})`),
          installed: () => packed().unpackedSize + productionBytes(),
        }),
        ...floors,
        imported("implicit", "import implicit", ["implicit"]),
        imported("torch", "import torch", ["torch"]),
        imported("pyg", "import torch, torch_geometric", ["torch", "torch_geometric"]),
        start({
          key: "tfjs",
          title: 'require("@tensorflow/tfjs")',
          command: node("-e", `require(${JSON.stringify(join(javascript, "@tensorflow/tfjs"))})`),
          missing: () =>
            existsSync(join(javascript, "@tensorflow/tfjs"))
              ? null
              : "not installed: bash bench/peers/setup.sh",
          installed: () => bytesBelow(javascript),
        }),
      ],
    },
  ],
  async prepare(dataset) {
    const neutral = await neutralGround(dataset);
    execFileSync(
      process.execPath,
      [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
      { cwd: root },
    );
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const data = process.env.LUMIERE_DATA === undefined ? "synthetic" : dataset;
    execFileSync(
      process.execPath,
      [
        main,
        "train",
        "--data",
        data,
        "--model",
        "als",
        "--out",
        bundle,
        "--no-intervals",
        "--json",
      ],
      { stdio: ["ignore", "ignore", "ignore"] },
    );
    if (withoutPython() === null) {
      execFileSync(
        python,
        [join(peersFolder, "recommend_implicit.py"), implicitModel, "--fit", neutral.folder],
        { stdio: "ignore" },
      );
    }
    const { size, unpackedSize } = packed();
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
    return {
      ...neutral,
      detail: `npm pack weighs ${megabytes(size)}, ${megabytes(unpackedSize)} unpacked, its dependencies ${megabytes(productionBytes())}`,
    };
  },
};

let pack: { readonly size: number; readonly unpackedSize: number } | undefined;

/** What `npm pack` would make. */
function packed() {
  pack ??= JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  )[0] as { size: number; unpackedSize: number };
  return pack;
}

/** The dependencies that an installation of ours brings along. */
function productionBytes(): number {
  const listed = execFileSync("npm", ["ls", "--omit=dev", "--all", "--parseable"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const folders = listed.split("\n").filter((path) => path.includes("node_modules"));
  return folders.reduce((sum, path) => sum + bytesBelow(path, "node_modules"), 0);
}

/** Bytes of all files below a folder, but not of folders of that name in it. */
function bytesBelow(path: string, without = ""): number {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return entry.name === without ? sum : sum + bytesBelow(inner, without);
    return entry.isFile() ? sum + statSync(inner).size : sum;
  }, 0);
}
