/**
 * All kernels of the CPU, over one host: the device's own, or the counting one
 * with which `planning.ts` finds out how much memory a step takes.
 *
 * @module
 */

import type { Kernels } from "../../kernels.ts";
import type { CpuHost } from "../host.ts";
import { attentionKernels } from "./attention.ts";
import { ceilingKernels } from "./ceiling.ts";
import { contrastKernels } from "./contrast.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { fusedKernels } from "./fused.ts";
import { groupKernels } from "./groups.ts";
import { indexingKernels } from "./indexing.ts";
import { leastSquaresKernels } from "./least-squares.ts";
import { likelihoodKernels } from "./likelihood.ts";
import { listedPairKernels } from "./listed-pairs.ts";
import { matmulKernels } from "./matmul.ts";
import { optimiserKernels } from "./optimise.ts";
import { pairKernels } from "./pairs.ts";
import { rankingKernels } from "./ranking.ts";
import { rowOrderKernels } from "./row-order.ts";
import { rowProductKernels } from "./row-products.ts";
import { rowKernels } from "./rows.ts";
import { samplingKernels } from "./sampling.ts";
import { sparseKernels } from "./sparse.ts";
import { sparseProductKernels } from "./sparse-products.ts";

export function cpuKernels(host: CpuHost): Kernels {
  return {
    ...elementwiseKernels(host),
    ...rowKernels(host),
    ...indexingKernels(host),
    ...pairKernels(host),
    ...listedPairKernels(host),
    ...fusedKernels(host),
    ...groupKernels(host),
    ...ceilingKernels(host),
    ...contrastKernels(host),
    ...likelihoodKernels(host),
    ...matmulKernels(host),
    ...leastSquaresKernels(host),
    ...optimiserKernels(host),
    ...sparseKernels(host),
    ...rowOrderKernels(host),
    ...rowProductKernels(host),
    ...attentionKernels(host),
    ...sparseProductKernels(host),
    ...samplingKernels(host),
    ...rankingKernels(host),
  };
}
