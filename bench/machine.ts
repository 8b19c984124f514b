/**
 * What the figures were measured on.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly vectors: string;
  /** "L1d 32K, L2 512K, L3 32768K" of the first core */
  readonly caches: string;
  readonly memoryGibibytes: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** Load average of the last minute before the run: above 0.5, somebody else was working. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    processor: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    vectors: vectorExtensions(),
    caches: caches(),
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** One line for the head of a table. */
export function machineLine(machine: Machine): string {
  return [
    `${machine.processor}, ${machine.cores} cores (${machine.vectors})`,
    machine.caches,
    `${machine.memoryGibibytes} GiB`,
    machine.system,
    `Node ${machine.node}`,
    `load before ${machine.loadBefore}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function vectorExtensions(): string {
  const flags =
    readOrEmpty("/proc/cpuinfo")
      .match(/^flags\s*:(.*)$/m)?.[1]
      ?.split(" ") ?? [];
  const known = ["avx2", "fma", "avx512f", "avx512_bf16"].filter((flag) => flags.includes(flag));
  return known.length ? known.join(", ") : process.arch;
}

function caches(): string {
  const folder = "/sys/devices/system/cpu/cpu0/cache";
  try {
    return readdirSync(folder)
      .filter((entry) => entry.startsWith("index"))
      .map((entry) => {
        const read = (file: string): string => readOrEmpty(join(folder, entry, file)).trim();
        const kind = read("type") === "Data" ? "d" : read("type") === "Instruction" ? "i" : "";
        return `L${read("level")}${kind} ${read("size")}`;
      })
      .filter((cache) => !cache.includes("i "))
      .join(", ");
  } catch {
    return "";
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
