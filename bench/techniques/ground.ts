/**
 * What techniques stand on: a device, and a graph with its neutral weights and batches.
 *
 * @module
 */

import { type CpuDevice, createCpuDevice } from "../../src/engine/cpu/device.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import type { Neutral } from "../ours/neutral.ts";
import type { Ground } from "./technique.ts";

/** Calls `work`, and then closes all that was started for it. */
export async function withGround<T>(
  neutral: Neutral,
  { threads, wide }: { readonly threads: number; readonly wide: boolean },
  work: (ground: Ground) => Promise<T>,
): Promise<T> {
  const started: CpuDevice[] = [];
  const start: Ground["start"] = async (options) => {
    const device = await createCpuDevice({ threads, wide, ...options });
    started.push(device);
    return device;
  };
  try {
    const device = await start({});
    const graph = buildGraph(neutral.train, neutral.userCount, neutral.itemCount);
    return await work({ device, neutral, graph, wide, start });
  } finally {
    for (const device of started) await device.close();
  }
}
