/** Devices for tests: every test of the engine runs on all of these. */

import { type CpuOptions, createCpuDevice } from "../../src/engine/cpu/device.ts";
import type { Device } from "../../src/engine/device.ts";
import type { Tensor } from "../../src/engine/tensor.ts";

export const deviceOptions: readonly CpuOptions[] = [
  { threads: 1, variant: "simd", blas: null },
  { threads: 2, variant: "relaxed", blas: null },
  { threads: 3, variant: "relaxed" },
  { threads: 2, variant: "relaxed", wide: true },
];

/** The same device, were it one that could not say a count without waiting for it, as a GPU. */
export function waiting(device: Device): Device {
  return new Proxy(device, {
    get(target, name) {
      if (name === "boundOf") return (_integer: Tensor, limit: number) => limit;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

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
