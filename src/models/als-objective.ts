/**
 * What alternating least squares asks of each pair and each row: weights w,
 * targets b and regularisation, as `als.ts` writes them down.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { Interactions } from "../data/interactions.ts";
import { type BipartiteGraph, buildGraph } from "../graph/bipartite.ts";
import type { AlsHyperparameters } from "./als-schema.ts";
import type { RidgeOptions } from "./ridge-problem.ts";

/** Weights and targets of the pairs, in the order of the users' rows. */
export interface Pairs {
  readonly graph: BipartiteGraph;
  readonly weights: Float32Array;
  readonly targets: Float32Array;
  /** Mean rating; 0 for implicit feedback and where there are no biases. */
  readonly mean: number;
  /** w and b of a pair that is only known to be liked. */
  readonly liked: Float32Array;
}

/** @throws BadInputError("missing-ratings") where ratings are to be predicted and there are none */
export function pairsOf(
  settings: AlsHyperparameters,
  train: Interactions,
  userCount: number,
  itemCount: number,
): Pairs {
  const graph = buildGraph(train, userCount, itemCount);
  return settings.feedback === "explicit"
    ? ratedPairs(settings, graph)
    : likedPairs(settings, graph);
}

function ratedPairs({ biases }: AlsHyperparameters, graph: BipartiteGraph): Pairs {
  const { values } = graph;
  if (!values) {
    throw new BadInputError(
      "missing-ratings",
      "als with feedback=explicit predicts ratings, but the interactions have none; " +
        "name their column (--rating-column), or use feedback=implicit",
    );
  }
  const average = meanOf(values);
  return {
    graph,
    weights: new Float32Array(values.length).fill(1),
    targets: values,
    mean: biases ? average : 0,
    // Who brings a list of things that they like is taken to rate them as a good thing is rated.
    liked: Float32Array.of(1, meanOf(values.filter((value) => value >= average))),
  };
}

function likedPairs(settings: AlsHyperparameters, graph: BipartiteGraph): Pairs {
  const { confidence, alpha, unobservedWeight } = settings;
  const count = graph.edgeCount;
  const weights = new Float32Array(count).fill(1);
  const targets = new Float32Array(count).fill(1);
  if (confidence !== "ones") {
    for (let at = 0; at < count; at++) {
      const value = graph.values ? graph.values[at]! : 1;
      const grown = alpha * Math.abs(value);
      const c = Math.max(unobservedWeight, confidence === "linear" ? 1 + grown : grown);
      weights[at] = c - unobservedWeight;
      targets[at] = value > 0 ? c : 0;
    }
  }
  return {
    graph,
    weights,
    targets,
    mean: 0,
    liked: Float32Array.of(
      meanOf(weights.filter((_, at) => targets[at]! > 0)),
      meanOf(targets.filter((target) => target > 0)),
    ),
  };
}

function meanOf(values: Float32Array): number {
  return values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** λ of a row whose pairs weigh `weight` in all, among `others` rows of the other side. */
export function rowRegularisation(
  settings: AlsHyperparameters,
  weight: number,
  others: number,
): number {
  const { feedback, regularisation, regularisationExponent, unobservedWeight } = settings;
  const background = feedback === "implicit" ? unobservedWeight * others : 0;
  return regularisation * (weight + background) ** regularisationExponent;
}

/**
 * The least-squares problem of a stranger: that of a user whose pairs are all liked alike.
 * @param mean null where there are no biases
 */
export function foldInTargets(
  settings: AlsHyperparameters,
  itemCount: number,
  [weight, target]: readonly [number, number],
  mean: number | null,
): RidgeOptions {
  const { feedback, regularisation, regularisationExponent, unobservedWeight } = settings;
  return {
    regularisation:
      regularisationExponent === 0
        ? regularisation
        : (length) => rowRegularisation(settings, length * weight, itemCount),
    unseenWeight: feedback === "implicit" ? unobservedWeight : 0,
    likedWeight: weight,
    likedTarget: target,
    rated: feedback === "explicit",
    ...(mean !== null && { mean }),
  };
}
