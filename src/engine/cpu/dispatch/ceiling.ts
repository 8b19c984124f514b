/**
 * Dispatch of the kernels that measure the machine.
 *
 * @module
 */

import type { Kernels } from "../../kernels.ts";
import type { CpuHost } from "../host.ts";

export function ceilingKernels({ pool }: CpuHost): Pick<Kernels, "multiplyAdds"> {
  return {
    multiplyAdds(out, chains, rounds) {
      const blocks = { units: out.size / (4 * chains), grain: 1 };
      pool.run(`multiplyAdds${chains}`, blocks, out.handle, rounds, 0.999, 0.001);
    },
  };
}
