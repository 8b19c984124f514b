/**
 * Whole processes, measured from outside: wall clock from start to end, processor time of all
 * their threads, peak memory. What a person waits for, start-up included.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { Contender, Task } from "./contenders.ts";
import { readUsage } from "./contention.ts";
import type { Measurement } from "./measurement.ts";
import { spreadOf } from "./rounds.ts";

/** Milliseconds between two looks at a process's peak memory, which only grows. */
const lookInterval = 25;

interface Run {
  readonly stdout: string;
  readonly milliseconds: number;
  /** Null where the system does not tell. */
  readonly processorMs: number | null;
  readonly peakMebibytes: number | null;
}

/**
 * Measures a contender's command again and again for the task's seconds, `least` times at least.
 * @param read what the last run's output tells beside
 */
export async function wholeProcess(
  contender: Pick<Contender, "command" | "environment">,
  task: Task,
  least: number,
  read: (stdout: string) => Partial<Measurement> = () => ({}),
): Promise<Measurement> {
  const runs: Run[] = [];
  const began = performance.now();
  while (runs.length < least || performance.now() - began < 1000 * task.seconds) {
    runs.push(await run(contender.command(task), contender.environment?.(task)));
  }
  const known = (values: (number | null)[]) =>
    values.filter((value): value is number => value !== null);
  const processor = known(runs.map(({ processorMs }) => processorMs));
  const peaks = known(runs.map(({ peakMebibytes }) => peakMebibytes));
  return {
    threads: task.threads,
    runMs: spreadOf(runs.map(({ milliseconds }) => milliseconds)),
    ...(processor.length && {
      // Counted in hundredths of a second: only the sum of several runs is worth printing.
      processorMs: processor.reduce((sum, value) => sum + value, 0) / processor.length,
    }),
    ...(peaks.length && { peakMebibytes: Math.max(...peaks) }),
    versions: {},
    ...read(runs.at(-1)!.stdout),
  };
}

async function run(
  [program = "", ...words]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const before = readUsage();
  const began = performance.now();
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  let peak: number | null = null;
  const timer = setInterval(() => {
    peak = peakOf(child.pid!) ?? peak;
  }, lookInterval);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  const milliseconds = performance.now() - began;
  clearInterval(timer);
  if (code !== 0) throw new Error(`${stderr.trim()}\nended with ${code ?? signal}`);
  const after = readUsage();
  const used = before && after && 1000 * (after.children - before.children);
  return { stdout, milliseconds, processorMs: used, peakMebibytes: peak };
}

function peakOf(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    return kibibytes === undefined ? null : Number(kibibytes) / 1024;
  } catch {
    return null;
  }
}
