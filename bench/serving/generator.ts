/**
 * Plain load, of lists for users and events of theirs, by the lightest generator that the machine
 * has: wrk takes a fraction of the processor time of autocannon, a Node program, so that less of
 * a small machine is taken from the server.
 */

import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ITEMS, USERS } from "./model.ts";
import { EVENT_SHARE, load } from "./requests.ts";

export const generators = ["wrk", "autocannon"] as const;
export type Generator = (typeof generators)[number];

export interface PlainLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadFigures {
  readonly requests: number;
  /** Answered requests in a second. */
  readonly lists: number;
  readonly events: number;
  /** Milliseconds, of all requests. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly most: number };
  readonly non2xx: number;
  readonly errors: number;
  /** Processor time of the generator in milliseconds. */
  readonly processorTime: number;
}

/** wrk where the machine has it. */
export function lightestGenerator(): Generator {
  try {
    execFileSync("which", ["wrk"]);
    return "wrk";
  } catch {
    return "autocannon";
  }
}

export function plainLoad(generator: Generator, request: PlainLoad): Promise<LoadFigures> {
  return generator === "wrk" ? byWrk(request) : byAutocannon(request);
}

let seed = 0;

/** What wrk's script prints: latencies in microseconds. */
type WrkFigures = Readonly<
  Record<
    "requests" | "lists" | "events" | "microseconds" | "p50" | "p99" | "most" | "non2xx" | "errors",
    number
  >
>;

async function byWrk({ url, connections, seconds }: PlainLoad): Promise<LoadFigures> {
  const script = join(import.meta.dirname, "mix.lua");
  const rest = ["--", `${++seed}`, `${USERS}`, `${ITEMS}`, `${EVENT_SHARE}`];
  const flags = [
    "-t",
    "1",
    "-c",
    `${connections}`,
    "-d",
    `${seconds}s`,
    "-s",
    script,
    url,
    ...rest,
  ];
  const before = childrenTime();
  const { stdout } = await promisify(execFile)("wrk", flags);
  const found = JSON.parse(stdout.slice(stdout.indexOf("{"))) as WrkFigures;
  const each = found.requests / (found.lists + found.events) / (found.microseconds / 1e6);
  return {
    ...found,
    // What was on its way at the end was asked and not answered.
    lists: found.lists * each,
    events: found.events * each,
    latency: { p50: found.p50 / 1000, p99: found.p99 / 1000, most: found.most / 1000 },
    processorTime: childrenTime() - before,
  };
}

async function byAutocannon(request: PlainLoad): Promise<LoadFigures> {
  const own = process.cpuUsage();
  const { requests, latency, non2xx, errors } = await load({ ...request, varied: false });
  const { user, system } = process.cpuUsage(own);
  return {
    requests: requests.total,
    lists: requests.average * (1 - EVENT_SHARE),
    events: requests.average * EVENT_SHARE,
    latency: { p50: latency.p50, p99: latency.p99, most: latency.max },
    non2xx,
    errors,
    processorTime: (user + system) / 1000,
  };
}

/** Processor time of programs that this one ran to their end, in milliseconds. */
const childrenTime = (): number => timeFields("self", 13);

/** Processor time of a running process in milliseconds, where the system tells. */
export const processorTime = (pid: number): number => timeFields(pid, 11);

/** User and system time of proc(5), in hundredths of a second there. */
function timeFields(process: number | "self", first: number): number {
  try {
    const fields = readFileSync(`/proc/${process}/stat`, "utf8").split(") ")[1]!.split(" ");
    return 10 * (Number(fields[first]) + Number(fields[first + 1]));
  } catch {
    return Number.NaN;
  }
}
