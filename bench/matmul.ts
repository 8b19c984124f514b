/**
 * `node bench/matmul.ts [seconds]`: our own product kernel beside OpenBLAS, in
 * GFLOP/s, at the two sizes of the design notes (the last layer of an
 * autoencoder, a small layer of a network) and on a ladder of squares that shows
 * from where on OpenBLAS pays. The best of many runs, because anything else on
 * the machine only ever slows a run down.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { RandomStream } from "../src/base/random.ts";
import { findBlas } from "../src/engine/cpu/blas.ts";
import { createCpuDevice } from "../src/engine/cpu/device.ts";
import type { Device } from "../src/engine/device.ts";
import { describeMachine, machineLine } from "./machine.ts";

const sizes: readonly (readonly [rows: number, inner: number, columns: number])[] = [
  [512, 600, 20_108],
  [256, 64, 32],
  ...[4, 8, 16, 32, 64, 128, 256].map((n): [number, number, number] => [n, n, n]),
];

/** Seconds of the fastest of the products that fit into `budget` seconds. */
function fastest(
  device: Device,
  [rows, inner, columns]: (typeof sizes)[number],
  budget: number,
): number {
  const random = new RandomStream(1, "bench matmul");
  const mark = device.mark();
  const tensor = (height: number, width: number) =>
    device.upload(
      [height, width],
      Float32Array.from({ length: height * width }, () => random.uniform() - 0.5),
    );
  const [a, b] = [tensor(rows, inner), tensor(inner, columns)];
  const out = device.allocate([rows, columns]);
  // Batches of about half a millisecond, so that the clock's own time does not count.
  const batch = Math.max(1, Math.round(1e7 / (rows * inner * columns)));
  const run = () => {
    const started = performance.now();
    for (let n = 0; n < batch; n++) device.kernels.matmul(out, a, b, false, false, 1, 0);
    return (performance.now() - started) / 1000 / batch;
  };
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + budget * 1000;
  while (performance.now() < end) best = Math.min(best, run());
  device.release(mark);
  return best;
}

const budget = Number(process.argv[2] ?? 1.5);
const variants = [
  { title: "own kernel", blas: null },
  ...(findBlas() === null ? [] : [{ title: "OpenBLAS", blas: undefined }]),
];
console.log(machineLine(describeMachine()));
console.log(`\n| product | threads | ${variants.map(({ title }) => title).join(" | ")} |`);
console.log(`|---|---|${variants.map(() => "---").join("|")}|`);
for (const size of sizes) {
  for (const threads of [1, 2]) {
    const cells: string[] = [];
    for (const { blas } of variants) {
      const device = await createCpuDevice(blas === null ? { threads, blas } : { threads });
      const seconds = fastest(device, size, budget);
      await device.close();
      const [rows, inner, columns] = size;
      const rate = (2 * rows * inner * columns) / seconds / 1e9;
      cells.push(`${rate.toFixed(rate < 10 ? 1 : 0)} GFLOP/s, ${duration(seconds)}`);
    }
    const [rows, inner, columns] = size;
    console.log(`| ${rows}×${inner} · ${inner}×${columns} | ${threads} | ${cells.join(" | ")} |`);
  }
}

function duration(seconds: number): string {
  return seconds < 1e-3 ? `${(seconds * 1e6).toFixed(1)} µs` : `${(seconds * 1e3).toFixed(1)} ms`;
}
