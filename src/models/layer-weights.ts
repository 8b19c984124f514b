/**
 * How LightGCN combines its layers: the weights α_0 … α_K.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";

/** Fixed weights, or "learned": weights that are trained with the embeddings. */
export type LayerWeights = readonly number[] | "learned";

/**
 * Reads the hyperparameter.
 * @param text "uniform", "last", "learned", or K + 1 numbers with commas
 * @param layers K
 * @throws BadInputError where it is none of these
 */
export function parseLayerWeights(text: string, layers: number): LayerWeights {
  if (text === "learned") return text;
  if (text === "uniform") return uniformWeights(layers);
  if (text === "last") return Array.from({ length: layers + 1 }, (_, k) => (k === layers ? 1 : 0));
  const weights = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (weights.length !== layers + 1 || !weights.every(Number.isFinite)) {
    throw new BadInputError(
      "layer-weights",
      `layerWeights is "${text}", expected uniform, last, learned, ` +
        `or ${layers + 1} numbers with commas (one for each of layers 0 … ${layers})`,
    );
  }
  if (weights.every((weight) => weight === 0)) {
    throw new BadInputError("layer-weights", "layerWeights are all zero; give one of them a value");
  }
  return weights;
}

/** 1/(K+1) each, as the paper recommends. */
function uniformWeights(layers: number): number[] {
  return new Array<number>(layers + 1).fill(1 / (layers + 1));
}

/**
 * APPNP's weights: α_k = β(1−β)ᵏ for k < K, α_K = (1−β)ᴷ (Klicpera, Bojchevski &
 * Günnemann, ICLR 2019; LightGCN's equation 12).
 * @param teleport β
 * @param layers K
 */
export function teleportWeights(teleport: number, layers: number): number[] {
  return Array.from(
    { length: layers + 1 },
    (_, k) => (k < layers ? teleport : 1) * (1 - teleport) ** k,
  );
}
