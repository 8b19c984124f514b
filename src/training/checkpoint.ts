/**
 * A checkpoint: everything that a training run needs to go on as if it had never
 * stopped. One safetensors file, written whole or not at all. Batches are a pure
 * function of seed, epoch and position, so no random state is stored.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../artifact/atomic.ts";
import { decodeSafetensors, encodeSafetensors } from "../artifact/safetensors.ts";
import { BadInputError } from "../base/errors.ts";
import { makeFolder } from "../base/folders.ts";
import type { SavedTensor } from "../models/recommender.ts";

const fileName = "checkpoint.safetensors";

const epochRecord = z.object({
  epoch: z.int(),
  loss: z.number(),
  seconds: z.number(),
  validation: z.record(z.string(), z.number()).optional(),
});

const checkpointHeader = z.object({
  /** What the run is: model, hyperparameters, data, split and seed; a run resumes only its own. */
  identity: z.string(),
  /** Epoch in progress, from 1. */
  epoch: z.int().min(1),
  /** Batches of it that are done. */
  batch: z.int().min(0),
  /** Updates of the optimiser so far. */
  step: z.int().min(0),
  curve: z.array(epochRecord),
  /** Best epoch, its value (null before the first validation), validations since. */
  stopping: z.object({
    bestEpoch: z.int(),
    bestValue: z.number().nullable(),
    waited: z.int(),
  }),
  seconds: z.number(),
  /** Epoch that was kept of each model that this run started from, by name. */
  warmEpochs: z.record(z.string(), z.int()).default({}),
});

/** One epoch of the training curve. */
export type EpochRecord = z.infer<typeof epochRecord>;

type CheckpointHeader = z.infer<typeof checkpointHeader>;

export interface Checkpoint extends CheckpointHeader {
  /** "parameter/…", "best/…", "optimiser/…" and "loss". */
  readonly tensors: Readonly<Record<string, SavedTensor>>;
}

/** Writes the checkpoint of a directory, replacing the last one whole. */
export function saveCheckpoint(directory: string, checkpoint: Checkpoint): void {
  const { tensors, ...header } = checkpoint;
  makeFolder(directory);
  const bytes = encodeSafetensors(tensors, { checkpoint: JSON.stringify(header) });
  writeFileAtomically(join(directory, fileName), bytes);
}

/**
 * The checkpoint of a directory, or null where there is none.
 * @throws BadInputError where it is broken, or belongs to another run
 */
export function loadCheckpoint(directory: string, identity: string): Checkpoint | null {
  const path = join(directory, fileName);
  if (!existsSync(path)) return null;
  const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
  const header = checkpointHeader.safeParse(JSON.parse(metadata.checkpoint ?? "null"));
  if (!header.success) {
    throw new BadInputError(
      "checkpoint",
      `${path} is not a checkpoint (${z.prettifyError(header.error).replaceAll("\n", " ")}); delete it to start afresh`,
    );
  }
  if (header.data.identity !== identity) {
    throw new BadInputError(
      "checkpoint",
      `${path} belongs to a run with other data, model or settings; ` +
        "resume with the settings it was made with, or delete it to start afresh",
    );
  }
  return { ...header.data, tensors };
}
