/**
 * Load on the recommendation server:
 *
 *   npm run bench:serve -- [--seconds 15] [--connections 32] [--log error] [--generator wrk|autocannon]
 *   npm run bench:serve -- --minutes 10      memory over time; fails where it is not flat
 *
 * The server answers in a process of its own; wrk, where the machine has it, or else autocannon
 * asks on the same machine: 95 % lists of ten for one of 6,040 users, drawn anew each time, 5 % events
 * of such users. "Recommendations/s" counts answered requests for a list, not the items in them.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generators, lightestGenerator, plainLoad, processorTime } from "./serving/generator.ts";
import { watchMemory } from "./serving/memory.ts";
import { writeModel } from "./serving/model.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "15" },
    connections: { type: "string", default: "32" },
    minutes: { type: "string" },
    log: { type: "string", default: "error" },
    generator: { type: "string" },
  },
});
const connections = Number(values.connections);

async function measure(url: string, pid: number): Promise<void> {
  const seconds = Number(values.seconds);
  const generator = generators.find((name) => name === (values.generator ?? lightestGenerator()));
  if (!generator) throw new Error(`--generator ${values.generator}: ${generators.join(" or ")}`);
  await plainLoad(generator, { url, connections, seconds: 3 });
  const before = processorTime(pid);
  const figures = await plainLoad(generator, { url, connections, seconds });
  const own = processorTime(pid) - before;
  const { lists, events, latency, non2xx, errors } = figures;
  const each = (milliseconds: number) =>
    `${Math.round((1000 * milliseconds) / figures.requests)} µs`;
  const rounded = (figure: number) => Math.round(figure).toLocaleString("en");
  console.log(
    [
      `${rounded(lists)} recommendations/s (requests, a list of ten each) and ${rounded(events)} events/s over ${seconds} s, ${connections} connections of ${generator}`,
      `latency of all requests: median ${latency.p50} ms, p99 ${latency.p99} ms, most ${latency.most} ms; ${non2xx} not 2xx, ${errors} errors`,
      `processor time a request: server ${each(own)}, load generator ${each(figures.processorTime)}`,
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
