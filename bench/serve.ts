/**
 * Load on the recommendation server:
 *
 *   npm run bench:serve -- [--seconds 15] [--connections 32] [--log error]
 *   npm run bench:serve -- --minutes 10      memory over time; fails where it is not flat
 *
 * The server answers in a process of its own; autocannon asks from this one, on the
 * same machine: 95 % lists of ten for a random user, 5 % events. "Recommendations/s"
 * counts answered requests for a list, not the items in them.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { watchMemory } from "./serving/memory.ts";
import { writeModel } from "./serving/model.ts";
import { EVENT_SHARE, load } from "./serving/requests.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "15" },
    connections: { type: "string", default: "32" },
    minutes: { type: "string" },
    log: { type: "string", default: "error" },
  },
});
const connections = Number(values.connections);

/** Processor time of a process in milliseconds, where the system tells. */
function processorTime(pid: number): number {
  try {
    // Fields 14 and 15 of proc(5): user and system time, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return Number.NaN;
  }
}

async function measure(url: string, pid: number): Promise<void> {
  const seconds = Number(values.seconds);
  const plain = { url, connections, varied: false };
  await load({ ...plain, seconds: 2 });
  const before = processorTime(pid);
  const own = process.cpuUsage();
  const { latency, requests, non2xx, errors } = await load({ ...plain, seconds });
  const each = (milliseconds: number) => `${Math.round((1000 * milliseconds) / requests.total)} µs`;
  const { user, system } = process.cpuUsage(own);
  const perSecond = (share: number) => Math.round(requests.average * share).toLocaleString("en");
  console.log(
    [
      `${perSecond(1 - EVENT_SHARE)} recommendations/s (requests, a list of ten each) and ${perSecond(EVENT_SHARE)} events/s over ${seconds} s, ${connections} connections`,
      `latency of all requests: median ${latency.p50} ms, p99 ${latency.p99} ms, most ${latency.max} ms; ${non2xx} not 2xx, ${errors} errors`,
      `processor time a request: server ${each(processorTime(pid) - before)}, load generator ${each((user + system) / 1000)}`,
      `${availableParallelism()} processors shared with the load generator, load average ${loadavg()[0]!.toFixed(1)}`,
    ].join("\n"),
  );
}

const folder = mkdtempSync(join(tmpdir(), "lumiere-bench-"));
await writeModel(join(folder, "bundle"));
const main = join(import.meta.dirname, "..", "src", "cli", "main.ts");
const server = spawn(
  process.execPath,
  [main, "serve", folder, "--port", "0", "--log", values.log, "--json"],
  { stdio: ["ignore", "pipe", values.log === "info" ? "ignore" : "inherit"] },
);
try {
  const [line] = await once(server.stdout, "data");
  const { url } = JSON.parse(String(line)) as { url: string };
  if (values.minutes === undefined) await measure(url, server.pid!);
  else if (!(await watchMemory(url, connections, Number(values.minutes)))) process.exitCode = 1;
} finally {
  server.kill();
  await once(server, "exit");
  rmSync(folder, { recursive: true });
}
