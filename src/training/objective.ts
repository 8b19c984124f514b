/**
 * What a gradient model is trained on: batches drawn as its definition asks, and
 * the terms of the loss over one of them.
 *
 * @module
 */

import type { Device } from "../engine/device.ts";
import type { RowSet } from "../engine/kernels.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type {
  GradientContext,
  GradientDefinition,
  PairDefinition,
  UserDefinition,
} from "../models/gradient.ts";
import type { Hyperparameters, Recommender } from "../models/recommender.ts";
import { lossSchema, samplingSchema } from "../models/training-schema.ts";
import { createCriterion } from "./losses.ts";
import { drawnNegatives, drawsNear, type Preparation } from "./preparation.ts";
import { PairSampler } from "./sampling.ts";
import { UserSampler } from "./user-sampling.ts";

export interface Objective {
  /** Examples in an epoch. */
  readonly epochLength: number;
  /**
   * Scalars whose sum is minimised, over examples [first, first + size) of an epoch.
   * @param draw differs from batch to batch of a run
   */
  terms(tape: Tape, epoch: number, first: number, size: number, draw: number): readonly Variable[];
  endStep(): void;
  finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender>;
}

/** Sets that hold the rows of the batch while a step lasts; null where nobody asks for them. */
export interface BatchRows {
  readonly users: RowSet | null;
  readonly items: RowSet | null;
}

/** @param candidates where to draw negatives near the user from, where the settings ask for such */
export function createObjective(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  context: GradientContext,
  candidates: Preparation["candidates"],
  rows: BatchRows,
): Objective {
  return definition.batches === "pairs"
    ? pairObjective(definition, hyperparameters, context, candidates, rows)
    : userObjective(definition, hyperparameters, context);
}

function pairObjective(
  definition: PairDefinition,
  hyperparameters: Hyperparameters,
  context: GradientContext,
  candidates: Preparation["candidates"],
  rows: BatchRows,
): Objective {
  const { device, graph, seed } = context;
  if (drawsNear(definition, hyperparameters) && !candidates) {
    throw new TypeError("negatives=rp3 without candidates: hand over what `prepare` makes");
  }
  const sampling = samplingSchema.parse(hyperparameters);
  const losses = lossSchema.parse(hyperparameters);
  const criterion = timed(device, createCriterion(losses, sampling));
  const model = definition.build(hyperparameters, context);
  const options = {
    seed,
    positives: sampling.positives,
    negativeCount: drawnNegatives(definition, hyperparameters),
    ratings: losses.loss === "squared" && losses.targets === "ratings",
    popularityExponent: sampling.negatives === "popularity" ? sampling.popularityExponent : null,
    candidates,
    candidateShare: sampling.candidateShare,
    mayBeLiked: sampling.negatives === "any",
  };
  const sampler = new PairSampler(device, graph, options);
  return {
    epochLength: sampler.epochLength,
    terms(tape, epoch, first, size, draw) {
      device.enter?.("sampling");
      const batch = { ...sampler.batch(epoch, first, size), draw };
      device.enter?.("forward");
      const collect = (set: RowSet | null, indices: readonly (Tensor | null)[]) => {
        const parts = indices.filter((index) => index !== null);
        if (set)
          device.kernels.collectRows(
            set,
            parts.map((index) => ({ index, offset: 0 })),
          );
      };
      collect(rows.users, [batch.users]);
      collect(rows.items, [batch.positives, batch.negatives]);
      const users = { index: batch.users, count: graph.userCount };
      return model.loss(tape, tape.parameters, batch, (scores) => criterion(scores, users));
    },
    endStep() {
      if (rows.users) device.kernels.clearRows(rows.users);
      if (rows.items) device.kernels.clearRows(rows.items);
      model.endStep?.();
    },
    finish: (parameters) => model.finish(parameters),
  };
}

function userObjective(
  definition: UserDefinition,
  hyperparameters: Hyperparameters,
  context: GradientContext,
): Objective {
  const sampler = new UserSampler(context.device, context.graph, context.seed);
  const model = definition.build(hyperparameters, context);
  return {
    epochLength: sampler.epochLength,
    terms(tape, epoch, first, size, draw) {
      context.device.enter?.("sampling");
      const batch = { ...sampler.batch(epoch, first, size), draw };
      context.device.enter?.("forward");
      return model.loss(tape, tape.parameters, batch);
    },
    endStep: () => model.endStep?.(),
    finish: (parameters) => model.finish(parameters),
  };
}

/** The criterion, whose time a profile counts as "loss". */
function timed(device: Device, criterion: ReturnType<typeof createCriterion>): typeof criterion {
  return (scores, users) => {
    const before = device.enter?.("loss");
    const loss = criterion(scores, users);
    if (before) device.enter?.(before);
    return loss;
  };
}
