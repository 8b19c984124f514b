/**
 * Dispatch of the kernel that measures the machine.
 *
 * @module
 */

import type { Kernels } from "../../kernels.ts";
import type { CpuHost } from "../host.ts";

export function ceilingKernels({ pool }: CpuHost): Pick<Kernels, "multiplyAdds"> {
  return {
    multiplyAdds(out, rounds) {
      pool.run("multiplyAdds", { units: out.size / 64, grain: 1 }, out.handle, rounds);
    },
  };
}
