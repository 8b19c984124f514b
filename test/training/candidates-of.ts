/** The candidates for negatives of a graph, from a device of their own. */

import { type ProgressReporter, silent } from "../../src/base/progress.ts";
import type { Rows } from "../../src/data/interactions.ts";
import type { CpuOptions } from "../../src/engine/cpu/device.ts";
import type { BipartiteGraph } from "../../src/graph/bipartite.ts";
import { negativeCandidates } from "../../src/training/negative-candidates.ts";
import { withDevice } from "../engine/devices.ts";

export function candidatesOf(
  graph: BipartiteGraph,
  options: CpuOptions = { threads: 1 },
  progress: ProgressReporter = silent,
  signal = new AbortController().signal,
  usersAtOnce?: number,
): Promise<Rows> {
  return withDevice(options, (device) =>
    negativeCandidates({ device, progress, signal }, graph, usersAtOnce),
  );
}
