/**
 * Entry of a worker thread: waits for jobs and works on them. Imports the
 * kernel host alone, so that it starts quickly.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { Control, control, FINISHED, runChunks, systemThread } from "./job.ts";
import { instantiateKernels } from "./module.ts";
import type { WorkerStart } from "./pool.ts";

/** Spins for about 50 µs before sleeping: longer than the gap between two kernels of a step. */
const spinLimit = 4000;

const start: WorkerStart = workerData;
const shared = control(start.control);
const { state } = shared;
const kernels = Object.values(instantiateKernels(start.module, start.memory, start.blasLibrary));

let seen = Atomics.load(state, Control.generation);
parentPort?.postMessage(systemThread());

for (;;) {
  for (let spins = 0; Atomics.load(state, Control.generation) === seen; spins++) {
    if (spins < spinLimit) continue;
    Atomics.add(state, Control.sleepers, 1);
    Atomics.wait(state, Control.generation, seen);
    Atomics.sub(state, Control.sleepers, 1);
  }
  seen = Atomics.load(state, Control.generation);
  const index = state[Control.kernel]!;
  if (index === FINISHED) break;
  try {
    runChunks(shared, kernels[index]!, start.thread);
  } catch {
    Atomics.store(state, Control.failed, 1);
  }
  if (Atomics.sub(state, Control.pending, 1) === 1) Atomics.notify(state, Control.pending);
}
