/**
 * Everybody's best items: by OpenBLAS where the machine has it, and by the two binaries.
 *
 * @module
 */

import { findBlas } from "../../src/engine/cpu/blas.ts";
import type { Device } from "../../src/engine/device.ts";
import { width } from "../data.ts";
import { type Ground, roundingTolerance, type Technique, type Way } from "./technique.ts";

const people = 512;
const k = 20;

function listsWay(
  { neutral, graph }: Ground,
  device: Device,
  title: string,
  tolerance: number,
): Way {
  const count = Math.min(people, graph.userCount);
  const cut = graph.userCount * width;
  const queries = device.upload([count, width], neutral.initial.subarray(0, count * width));
  const items = device.upload([graph.itemCount, width], neutral.initial.subarray(cut));
  const outItems = device.allocate([count, k], "i32");
  const outScores = device.allocate([count, k]);
  const run = () => device.kernels.rankByVectors(outItems, outScores, queries, items, null, k);
  const result = async () => {
    run();
    return (await device.read(outScores)) as Float32Array;
  };
  return { title, run, result, tolerance };
}

export const ranking: Technique = {
  key: "ranking",
  title: `the ${k} best of all items for ${people} users`,
  async ways(ground) {
    const relaxed = await ground.start({ blas: null });
    const plain = await ground.start({ blas: null, variant: "simd" });
    const own = (title: string) => listsWay(ground, relaxed, title, roundingTolerance);
    const others = [
      own("our own kernels, relaxed SIMD"),
      listsWay(ground, plain, "our own kernels, plain SIMD", roundingTolerance),
    ];
    if (findBlas() === null) return others;
    return [listsWay(ground, ground.device, "by OpenBLAS", 0), ...others];
  },
};
