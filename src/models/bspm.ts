/**
 * BSPM — Choi, Hong, Park & Cho, "Blurring-Sharpening Process Models for
 * Collaborative Filtering", SIGIR 2023.
 *
 *   blurring     b(0) = r_u,  db/dt = b·(P − I)   heat equation, Euler, t = 0 … T_b
 *                i = r_u·D_I^−½·Ū·Ūᵀ·D_I^½        ideal low-pass filter
 *   sharpening   ds/dt = −s·P                     t = 0 … T_s
 *   EM           s(0) = b(T_b) + β·i,  s_u = s(T_s)
 *   LM           s(0) = b(T_b),        s_u = s(T_s) + β·i
 *
 * with P = R̃ᵀR̃, R̃ = D_U^−½·R·D_I^−½, and Ū its k leading right singular
 * vectors. Both equations are linear, so that a solver's steps multiply to
 * polynomials in P, and the whole process is one linear filter of r_u
 * (`item-filter.ts`). Nothing is trained.
 *
 * With `average` the result is the mean over the ends of all steps of blurring
 * and sharpening, as the official code has it for Yelp2018. Different from the
 * paper: the SVD is randomised; the ideal low-pass filter is taken at its end, t = 1.
 *
 * @module
 */

import { z } from "zod";
import { readFloats } from "../engine/device.ts";
import { type BipartiteGraph, buildGraph, graphOfRows } from "../graph/bipartite.ts";
import { degreeScale, InteractionMatrix } from "../graph/interaction-matrix.ts";
import { ItemFilter } from "./item-filter.ts";
import { type Polynomial, productOf, scaled, solvers, sumOf, trajectory } from "./polynomials.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { searchChoices, searchRange } from "./search-range.ts";
import { scaledRows, singularVectors, svdFields, svdWidth } from "./singular-vectors.ts";
import { floatTensor } from "./tensors.ts";

const steps = z.int().min(1).max(8).default(1);

export const bspmSchema = z.strictObject({
  solver: z.enum(solvers).default("rk4").describe("Solver of the sharpening equation"),
  sharpeningSteps: steps.describe("K_s: steps of the solver"),
  sharpeningTime: z
    .number()
    .min(0)
    .max(100)
    .meta(searchRange(0.5, 4))
    .default(2.5)
    .describe("T_s: end of sharpening"),
  blurringSteps: steps.describe("K_b: Euler steps of the heat equation"),
  blurringTime: z.number().min(0).max(100).default(1).describe("T_b: end of blurring"),
  beta: z
    .number()
    .min(0)
    .max(100)
    .meta(searchRange(0, 1))
    .default(0.2)
    .describe("β: weight of the ideal low-pass filter beside the heat equation"),
  width: svdWidth(448, "k: singular vectors of the ideal low-pass filter"),
  merge: z
    .enum(["early", "late"])
    .meta(searchChoices(["early", "late"]))
    .default("early")
    .describe("The low-pass filtered history joins before (EM) or after (LM) sharpening"),
  average: z
    .boolean()
    .default(false)
    .describe("Mean over the ends of all steps, in place of the last one"),
  ...svdFields,
});

type BspmHyperparameters = z.infer<typeof bspmSchema>;

const symmetric = { users: 0.5, items: 0.5 };

/** Blurs each history over the graph and sharpens it again; nothing is trained. */
export const bspm: ClosedFormDefinition = {
  kind: "closed-form",
  name: "bspm",
  title: "BSPM",
  paper:
    "Choi, Hong, Park & Cho. Blurring-Sharpening Process Models for Collaborative Filtering. SIGIR 2023",
  summary: "Blurs each history over the graph and sharpens it again, without training.",
  hyperparameters: bspmSchema,
  async fit(hyperparameters, context) {
    const settings = bspmSchema.parse(hyperparameters);
    const { dataset, train, device } = context;
    const graph = buildGraph(train, dataset.users.size, dataset.items.size);
    const matrix = new InteractionMatrix(device, graph, symmetric);
    const { right: vectors } = await singularVectors(matrix, settings, context);
    // β·r_u·D_I^−½·Ū·(Ūᵀ·D_I^½·B(P)): the right factor is sharpened once for everybody.
    const shape = [graph.itemCount, settings.width];
    const spread = scaledRows(vectors, degreeScale(graph.itemUsers.indptr, -0.5));
    const sharpened = device.allocate(shape);
    matrix.gramPolynomial(sharpened, device.upload(shape, spread), processOf(settings).lowPass);
    return process(graph, vectors, await readFloats(device, sharpened), settings);
  },
  load(tensors, hyperparameters, { itemCount, seen }) {
    const settings = bspmSchema.parse(hyperparameters);
    const shape = [itemCount, settings.width];
    const vectors = floatTensor(tensors, "item.vector", shape);
    const sharpened = floatTensor(tensors, "item.sharpened", shape);
    return process(graphOfRows(seen, itemCount), vectors, sharpened, settings);
  },
};

/** The polynomials A and B of s_u = r_u·A(P) + i·B(P). */
export function processOf(settings: BspmHyperparameters): {
  readonly history: Polynomial;
  readonly lowPass: Polynomial;
} {
  const { solver, sharpeningTime, sharpeningSteps, beta, merge, average } = settings;
  const blurred = trajectory("euler", [-1, 1], settings.blurringTime, settings.blurringSteps);
  const sharpening = trajectory(solver, [0, -1], sharpeningTime, sharpeningSteps);
  const sharpened = sharpening.map((point) => productOf(blurred.at(-1)!, point));
  const late = merge === "late";
  if (!average) {
    return {
      history: sharpened.at(-1)!,
      lowPass: late ? [beta] : scaled(sharpening.at(-1)!, beta),
    };
  }
  const share = 1 / (blurred.length + sharpened.length);
  return {
    history: scaled([...blurred, ...sharpened].reduce(sumOf), share),
    lowPass: late ? [beta] : scaled(sharpening.reduce(sumOf), share * beta),
  };
}

function process(
  graph: BipartiteGraph,
  vectors: Float32Array,
  sharpened: Float32Array,
  settings: BspmHyperparameters,
): ItemFilter {
  const { width } = settings;
  const shape = [graph.itemCount, width];
  return new ItemFilter({
    graph,
    exponents: symmetric,
    signalExponent: 0,
    power: 1,
    polynomial: processOf(settings).history,
    lowRank: {
      width,
      left: scaledRows(vectors, degreeScale(graph.itemUsers.indptr, 0.5)),
      right: sharpened,
    },
    saved: {
      "item.vector": { shape, data: vectors },
      "item.sharpened": { shape, data: sharpened },
    },
  });
}
