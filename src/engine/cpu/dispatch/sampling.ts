/**
 * Dispatch of the kernels that draw random numbers.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels } from "../../kernels.ts";
import type { Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSameSize } from "./checks.ts";

/** Negatives that are worth waking a second thread for. */
const grain = 512;
/** Of each pair, from which a bit for each of the user's items costs less than a search for each negative. */
const manyNegatives = 32;
/** Numbers of a row's noise that are drawn at a time, fixed in `kernels/noise.ts`. */
const drawnAtOnce = 32;

export function samplingKernels(
  host: CpuHost,
): Pick<Kernels, "samplePairs" | "fillNormal" | "fillUniform" | "addNoise"> {
  const fill = (name: string, out: Tensor, scale: number, ...random: readonly number[]) => {
    const blocks = { units: Math.ceil(out.size / 4), grain: 1024 };
    host.pool.run(name, blocks, out.handle, out.size, scale, ...random);
  };
  const zeroed = (bytes: number) => {
    const handle = host.allocate(bytes);
    host.pool.run("fill", { units: bytes / 4, grain: bytes }, handle, 0);
    return handle;
  };
  return {
    fillNormal: (out, deviation, key0, key1, draw = 0) =>
      fill("fillNormal", out, deviation, key0, key1, draw),
    fillUniform: (out, bound, key0, key1) => fill("fillUniform", out, bound, key0, key1, 0),
    addNoise(out, x, epsilon, key0, key1, draw, rows) {
      const [rowCount, width] = requireMatrix("addNoise", x);
      requireSameSize("addNoise", out, x);
      const units = rows ? host.integers(rows.count)[0]! : rowCount;
      const mark = host.mark();
      const stride = drawnAtOnce * Math.ceil(width / drawnAtOnce);
      const scratch = host.allocate(4 * stride * host.pool.threads);
      const random = [key0, key1, draw, rows?.list.handle ?? 0, scratch, stride];
      const tables = [out.handle, x.handle, width];
      host.pool.run("addNoise", { units, grain: 64 }, ...tables, epsilon, ...random);
      host.release(mark);
    },
    samplePairs(users, positives, negatives, liked, itemCount, options) {
      if (users.size !== positives.size || (negatives?.size ?? 0) % users.size !== 0) {
        throw new ShapeError(
          `samplePairs: ${users.size} users, ${positives.size} positives, ${negatives?.size ?? 0} negatives`,
        );
      }
      const negativeCount = (negatives?.size ?? 0) / users.size;
      const mark = host.mark();
      const marksItems = !options.mayBeLiked && negativeCount >= manyNegatives;
      const markBytes = marksItems ? 64 * Math.ceil(itemCount / 512) : 0;
      const marks = markBytes && zeroed(markBytes * host.pool.threads);
      host.pool.run(
        "samplePairs",
        { units: users.size, grain: Math.ceil(grain / Math.max(1, negativeCount)) },
        ...[users.handle, positives.handle],
        ...[negatives?.handle ?? 0, negativeCount],
        ...[liked.indptr.handle, liked.indices.handle],
        options.positives === "user" ? 0 : options.starts.handle,
        ...[options.activeUsers.handle, options.activeUsers.size, itemCount],
        ...[options.key0, options.key1, options.epoch, options.first, options.epochLength],
        ...[options.alias?.probability.handle ?? 0, options.alias?.other.handle ?? 0],
        ...[options.candidates?.indptr.handle ?? 0, options.candidates?.indices.handle ?? 0],
        Math.round(65536 * options.candidateShare),
        ...[options.values?.from.handle ?? 0, options.values?.out.handle ?? 0],
        ...[marks, markBytes, Number(options.mayBeLiked)],
      );
      host.release(mark);
    },
  };
}
