/**
 * What it takes to hand a job to all threads and to wait for the last: paid for each kernel call
 * whose work is worth a second thread.
 *
 * @module
 */

import { ThreadPool } from "../../src/engine/cpu/pool.ts";
import { plainProduct } from "../../src/engine/kernels.ts";
import { uploadRows } from "../../src/graph/bipartite.ts";
import type { Technique } from "./technique.ts";
import { stepWay } from "./whole-step.ts";

/** Jobs that are cut into several pieces while `work` runs. */
export function sharedJobs(work: () => void): number {
  const { run } = ThreadPool.prototype;
  let count = 0;
  ThreadPool.prototype.run = function (name, chunks, ...parameters) {
    const isShared = chunks instanceof Int32Array ? chunks.length > 2 : chunks.units > chunks.grain;
    if (isShared) count++;
    run.call(this, name, chunks, ...parameters);
  };
  try {
    work();
  } finally {
    ThreadPool.prototype.run = run;
  }
  return count;
}

export const barriers: Technique = {
  key: "barriers",
  title: "a job without work, on the calling thread alone",
  ways({ device }) {
    const empty = { indptr: new Int32Array(3), indices: new Int32Array(0) };
    const rows = uploadRows(device, empty, 2);
    const x = device.upload([2, 64], new Float32Array(128));
    const out = device.allocate(x.shape);
    const way = (title: string, chunks: Int32Array) => {
      const run = () => device.kernels.propagate(out, { ...rows, chunks }, x, plainProduct);
      const result = async () => {
        run();
        return (await device.read(out)) as Float32Array;
      };
      return { title, run, result, tolerance: 0 };
    };
    return [way("", Int32Array.of(0, 2)), way("handed to all threads", Int32Array.of(0, 1, 2))];
  },
  notes(ground) {
    const jobs = (saves: boolean) => {
      const mark = ground.device.mark();
      const way = stepWay(ground, "", saves);
      const count = sharedJobs(() => void way.run());
      ground.device.release(mark);
      return count;
    };
    return [
      `A step hands ${jobs(true)} jobs to all threads, drawing its batch not counted; ${jobs(false)} with the savings taken away`,
    ];
  },
};
