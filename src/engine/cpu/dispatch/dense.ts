import type { Kernels } from "../../kernels.ts";
import type { CpuHost } from "../host.ts";
export function denseKernels(_host: CpuHost): Kernels {
  return {} as Kernels;
}
