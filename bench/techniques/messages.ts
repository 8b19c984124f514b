/**
 * What a gathered row takes: its numbers in float32 or in bfloat16, and with which instructions.
 *
 * @module
 */

import { Propagation } from "../../src/graph/propagation.ts";
import { width } from "../data.ts";
import { stepLayers } from "./step-layers.ts";
import { alpha } from "./tables.ts";
import { type Ground, roundingTolerance, type Technique } from "./technique.ts";

/** Largest rounding of a number in bfloat16, relative to it. */
const unit = 2 ** -8;

/** ‖Σ_k α_k·((1+u)ᵏ − 1)·Ãᵏ|x|‖ ÷ ‖P·x‖, the bound of `src/graph/propagation.ts` as one number. */
export async function roundingBound(ground: Ground): Promise<number> {
  const { device, graph, neutral } = ground;
  const mark = device.mark();
  const propagation = new Propagation(device, graph, "symmetric", width);
  const out = device.allocate([graph.nodeCount, width]);
  const lengthOf = async (weights: readonly number[], values: Float32Array) => {
    const x = device.upload(out.shape, values);
    propagation.forward(weights, out, x, null);
    return Math.sqrt(
      ((await device.read(out)) as Float32Array).reduce((sum, value) => sum + value ** 2, 0),
    );
  };
  const weights = alpha.map((weight, k) => weight * ((1 + unit) ** k - 1));
  const error = await lengthOf(weights, neutral.initial.map(Math.abs));
  const length = await lengthOf(alpha, neutral.initial);
  device.release(mark);
  return error / length;
}

export const messages: Technique = {
  key: "messages",
  title: "six layers of a step, rows in float32",
  alsoNarrow: true,
  async ways(ground) {
    const tolerance = await roundingBound(ground);
    const rounded = { messages: "bfloat16", tolerance } as const;
    return [stepLayers(ground, ""), stepLayers(ground, "rows in bfloat16", rounded)];
  },
};

/** The binary is chosen at start-up by what the runtime takes. */
export const variants: Technique = {
  key: "variants",
  title: "six layers of a step, relaxed SIMD",
  async ways(ground) {
    const plain = { ...ground, device: await ground.start({ variant: "simd" }) };
    return [
      stepLayers(ground, ""),
      stepLayers(plain, "plain SIMD", { tolerance: roundingTolerance }),
    ];
  },
};
