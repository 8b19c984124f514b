/**
 * What techniques stand on: a device, and a graph with its neutral weights and batches.
 *
 * @module
 */

import { type CpuDevice, type CpuOptions, createCpuDevice } from "../../src/engine/cpu/device.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import type { Neutral } from "../ours/neutral.ts";
import type { Ground } from "./technique.ts";

/** Calls `work`, and then closes all that was started for it. */
export async function withGround<T>(
  neutral: Neutral,
  options: Pick<CpuOptions, "threads" | "wide">,
  work: (ground: Ground) => Promise<T>,
): Promise<T> {
  const started: CpuDevice[] = [];
  const start: Ground["start"] = async (change) => {
    const device = await createCpuDevice({ ...options, ...change });
    started.push(device);
    return device;
  };
  try {
    const device = await start({});
    const graph = buildGraph(neutral.train, neutral.userCount, neutral.itemCount);
    return await work({ device, neutral, graph, start });
  } finally {
    for (const device of started) await device.close();
  }
}
