/** Devices for tests: every test of the engine runs on all of these. */

import { type CpuOptions, createCpuDevice } from "../../src/engine/cpu/device.ts";
import type { Device } from "../../src/engine/device.ts";

export const deviceOptions: readonly CpuOptions[] = [
  { threads: 1, variant: "simd", blas: null },
  { threads: 2, variant: "relaxed", blas: null },
  { threads: 3, variant: "relaxed" },
  { threads: 2, variant: "relaxed", wide: true },
];

/** Runs `work` on a device and closes it. */
export async function withDevice<T>(
  options: CpuOptions,
  work: (device: Device) => Promise<T>,
): Promise<T> {
  const device = await createCpuDevice(options);
  try {
    return await work(device);
  } finally {
    await device.close();
  }
}
