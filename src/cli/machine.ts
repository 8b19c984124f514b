/**
 * What a machine offers to Lumière, and what to do about each gap.
 *
 * @module
 */

import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { dirname } from "node:path";
import { systemCode } from "../data/file-errors.ts";
import { cacheRoot } from "../data/locate.ts";
import { findBlas } from "../engine/cpu/blas.ts";
import { createCpuDevice } from "../engine/cpu/device.ts";
import { bestVariant } from "../engine/cpu/module.ts";
import { wantsWide } from "../engine/cpu/wide.ts";
import { sizeText } from "../experiment/units.ts";

/** "ok": as good as it gets; "gap": works, and could be better; "broken": does not work. */
export type FindingState = "ok" | "gap" | "broken";

export interface Finding {
  readonly name: string;
  readonly state: FindingState;
  readonly found: string;
  /** What to do; null where nothing is to be done. */
  readonly advice: string | null;
}

const LEAST_NODE = 24;

/** (module (func (result v128) i32.const 0 i8x16.splat)): the 128-bit vectors of WebAssembly. */
// biome-ignore format: bytes
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/** Everything worth looking at, in the order in which it matters. */
export async function examineMachine(): Promise<Finding[]> {
  return [
    node(process.versions.node),
    threads(),
    memory(),
    simd(),
    relaxedSimd(),
    wideVectors(),
    await kernels(),
    openBlas(),
    dataFolder(process.env.LUMIERE_DATA),
    cache(),
  ];
}

const ok = (name: string, found: string): Finding => ({ name, state: "ok", found, advice: null });

const gap = (name: string, found: string, advice: string): Finding => ({
  name,
  state: "gap",
  found,
  advice,
});

const broken = (name: string, found: string, advice: string): Finding => ({
  name,
  state: "broken",
  found,
  advice,
});

/** @param version "26.10.0" */
export function node(version: string): Finding {
  return Number(version.split(".")[0]) >= LEAST_NODE
    ? ok("Node", version)
    : broken(
        "Node",
        version,
        `install Node ${LEAST_NODE} or later, or run through npm, which uses the project's own`,
      );
}

function threads(): Finding {
  const count = availableParallelism();
  const model = cpus()[0]?.model.trim();
  const found = `${count}${model ? ` (${model})` : ""}`;
  return count > 1
    ? ok("Threads", found)
    : gap("Threads", found, "training uses every core; more than one would be faster");
}

function memory(): Finding {
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const found = `${sizeText(total)}, ${sizeText(Math.min(total, freemem()))} free`;
  return total >= 2e9
    ? ok("Memory", found)
    : gap(
        "Memory",
        found,
        "enough for MovieLens 1M; larger datasets need more (training says how much)",
      );
}

function simd(): Finding {
  return WebAssembly.validate(simdProbe)
    ? ok("SIMD", "128-bit WebAssembly vectors")
    : broken("SIMD", "not offered by this Node", "use Node 24 or later on x64 or arm64");
}

function relaxedSimd(): Finding {
  return bestVariant() === "relaxed"
    ? ok("Relaxed SIMD", "fused multiply-add")
    : gap("Relaxed SIMD", "not offered: the plain SIMD kernels are used", "use Node 24 or later");
}

function wideVectors(): Finding {
  if (process.arch !== "x64") return ok("256-bit vectors", `not on ${process.arch}`);
  if (bestVariant() !== "relaxed") return ok("256-bit vectors", "not with the plain SIMD kernels");
  if (wantsWide()) return ok("256-bit vectors", "on: V8 joins 128-bit vectors");
  if (process.platform === "win32") {
    return gap("256-bit vectors", "off on Windows", "for faster training: LUMIERE_WIDE=on");
  }
  return process.env.LUMIERE_WIDE === undefined
    ? ok("256-bit vectors", "on in commands that train, where a check finds the same numbers")
    : gap("256-bit vectors", "off (LUMIERE_WIDE)", "for faster training: unset LUMIERE_WIDE");
}

async function kernels(): Promise<Finding> {
  try {
    const device = await createCpuDevice({ threads: 1 });
    const { name } = device;
    await device.close();
    return ok("Kernels", `start (${name})`);
  } catch (error) {
    return broken(
      "Kernels",
      error instanceof Error ? error.message : String(error),
      "npm run build",
    );
  }
}

function openBlas(): Finding {
  const wanted = process.env.LUMIERE_OPENBLAS;
  const found = findBlas();
  if (found !== null) return ok("OpenBLAS", found);
  if (wanted === "off")
    return gap("OpenBLAS", "turned off by LUMIERE_OPENBLAS", "unset LUMIERE_OPENBLAS");
  if (wanted)
    return gap(
      "OpenBLAS",
      `LUMIERE_OPENBLAS names ${wanted}, which does not exist`,
      "correct the path, or unset it",
    );
  return gap(
    "OpenBLAS",
    "not found: the WebAssembly product is used",
    "twice as fast for large dense products: apt install libopenblas0-pthread, or brew install openblas",
  );
}

/** @param folder value of LUMIERE_DATA */
export function dataFolder(folder: string | undefined): Finding {
  const name = "Data folder";
  if (!folder) {
    return gap(
      name,
      "LUMIERE_DATA is not set",
      "set it to a folder with datasets (lumiere datasets lists them); without it they are downloaded",
    );
  }
  try {
    return ok(name, `${folder} (${readdirSync(folder).length} entries)`);
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "which does not exist",
      ENOTDIR: "which is not a folder",
    };
    return gap(
      name,
      `LUMIERE_DATA names ${folder}, ${reasons[systemCode(error) ?? ""] ?? "which cannot be read"}`,
      "point it to the folder that holds your datasets, or unset it",
    );
  }
}

function cache(): Finding {
  const folder = cacheRoot();
  // The cache is made when it is needed: what counts is the nearest folder that is there.
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK);
  } catch {
    return gap(
      "Cache",
      `${folder} cannot be written`,
      "downloads need it: set XDG_CACHE_HOME to a folder that can be written",
    );
  }
  return ok("Cache", existsSync(folder) ? folder : `${folder} (not made yet)`);
}
