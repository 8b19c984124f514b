/**
 * Blending kept runs: their models under one roof, judged and written as a run
 * of its own, which needs the others no longer.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import {
  BUNDLE_FOLDER,
  type Bundle,
  type BundleContents,
  checkBundleTarget,
  MANIFEST_FILE,
  openBundle,
  writeBundle,
} from "../artifact/bundle.ts";
import { parseManifest } from "../artifact/manifest.ts";
import { versions } from "../artifact/versions.ts";
import { BadInputError } from "../base/errors.ts";
import { checkFolder } from "../base/folders.ts";
import { type ProgressReporter, silent } from "../base/progress.ts";
import { setSharedThreads } from "../engine/shared.ts";
import type { Evaluation } from "../evaluation/evaluate.ts";
import { summarise } from "../evaluation/summary.ts";
import { Blend, blendName, blendSchema, blendSize } from "../models/blend.ts";
import { findCard, findModel } from "../models/registry.ts";
import { describeBlend } from "./blend-report.ts";
import { evaluateBundle } from "./final-evaluation.ts";
import { writePerUserValues } from "./per-user-values.ts";
import { withdrawReport, writeReport } from "./report-files.ts";

export interface BlendOptions {
  /** One a run, above 0; default: all 1. */
  readonly weights?: readonly number[];
  /** Folder for the new bundle and its report. */
  readonly output: string;
  readonly threads: number;
  /** What to type to get this blend again, for the report. */
  readonly command?: string | null;
  readonly progress?: ProgressReporter;
  readonly signal?: AbortSignal;
}

export interface BlendedRuns {
  readonly bundle: Bundle;
  /** Null where the runs were trained without a test part. */
  readonly evaluation: Evaluation | null;
}

/**
 * Blends the models of runs that were trained on the same interactions.
 * @param directories folders that `lumiere train` wrote, two to sixteen
 * @throws BadInputError where a bundle is missing or damaged, or where they do not fit together
 *
 * @example
 * const { evaluation } = await blendRuns(["runs/bsl", "runs/chebycf"], { output: "runs/both", threads: 2 });
 */
export async function blendRuns(
  directories: readonly string[],
  { weights, output, threads, command = null, progress = silent, signal }: BlendOptions,
): Promise<BlendedRuns> {
  const { fewest, most } = blendSize;
  if (directories.length < fewest || directories.length > most) {
    throw new BadInputError(
      "blend",
      `${directories.length} runs to blend; expected ${fewest} to ${most}`,
    );
  }
  if (weights && weights.length !== directories.length) {
    throw new BadInputError(
      "blend",
      `${weights.length} weights for ${directories.length} runs; give each its own, or none`,
    );
  }
  const target = join(output, BUNDLE_FOLDER);
  checkFolder("output folder", target);
  await checkBundleTarget(target);
  await checkNothingLost(output);
  setSharedThreads(threads);
  const started = performance.now();
  const bundles: Bundle[] = [];
  for (const directory of directories) {
    bundles.push(await openBundle(directory, { index: false }));
  }
  await checkTogether(bundles);
  const parts = bundles.map(
    ({ manifest: { model, hyperparameters, seed, split } }, at): PartDescription => ({
      model: model.name,
      weight: checkedWeight(weights?.[at] ?? 1),
      hyperparameters,
      seed,
      validation: split.validation,
      ...(split.validationUsers !== undefined && { validationUsers: split.validationUsers }),
    }),
  );
  const recommender = new Blend(
    bundles.map((bundle, at) => ({
      recommender: bundle.recommender,
      weight: parts[at]!.weight,
    })),
  );
  const [first] = bundles as [Bundle];
  const { validation, test } = await first.heldOut();
  const loaded = performance.now();
  const evaluation =
    test && (await evaluateBundle({ ...first, recommender }, {}, { progress, signal }));
  const { name, title } = findCard(blendName);
  const { retraining: _none, files: _old, format: _f, formatVersion: _v, ...kept } = first.manifest;
  const contents: BundleContents = {
    ...first,
    recommender,
    validation,
    test,
    manifest: {
      ...kept,
      created: new Date().toISOString(),
      model: { name, title },
      hyperparameters: { parts },
      metrics: evaluation ? summarise(evaluation).metrics : {},
      versions: { ...first.manifest.versions, ...versions() },
    },
  };
  withdrawReport(output);
  await writeBundle(target, contents);
  if (evaluation) await writePerUserValues(output, evaluation.perUser);
  const seconds = { load: (loaded - started) / 1000, total: (performance.now() - started) / 1000 };
  const { report, likes } = await describeBlend(contents, evaluation, {
    threads,
    command,
    seconds,
  });
  await writeReport(output, report, likes, { bundle: true });
  return { bundle: await openBundle(target, { index: false }), evaluation };
}

/** A blend takes the place of an earlier blend alone: of no trained model, and no training that can go on. */
async function checkNothingLost(output: string): Promise<void> {
  const path = join(output, BUNDLE_FOLDER, MANIFEST_FILE);
  const held = existsSync(path) ? parseManifest(await readFile(path, "utf8"), path) : null;
  const isBlend = held?.model.name === blendName && held.retraining === undefined;
  const kept = isBlend ? ["checkpoint"] : ["checkpoint", "report.json", BUNDLE_FOLDER];
  if (!kept.some((name) => existsSync(join(output, name)))) return;
  throw new BadInputError(
    "blend",
    `${output} holds a run, whose model the blend would replace; name another folder`,
  );
}

type PartDescription = z.infer<typeof blendSchema>["parts"][number];

function checkedWeight(weight: number): number {
  if (weight > 0 && weight < Infinity) return weight;
  throw new BadInputError(
    "blend",
    `weight ${weight} is no number above 0; a model of no weight is left out by not naming it`,
  );
}

/** Lists of different interactions have no common test, and a blend within a blend would hide its weights. */
async function checkTogether([first, ...others]: readonly Bundle[]): Promise<void> {
  for (const { directory, manifest } of [first!, ...others]) {
    if (manifest.model.name !== blendName) continue;
    throw new BadInputError(
      "blend",
      `${directory} is a blend already; name the runs that it is of`,
    );
  }
  const own = await identityOf(first!);
  for (const other of others) {
    const identity = await identityOf(other);
    const differing = Object.keys(own).find((part) => !sameValues(own[part]!, identity[part]!));
    if (differing === undefined) continue;
    throw new BadInputError(
      "blend",
      `${first!.directory} and ${other.directory} do not have the same ${differing}; ` +
        "train both with the same --data, filters, --split, --validation and --seed",
    );
  }
}

type Values = readonly string[] | Int32Array;

/** What runs must agree in to be blended and judged together, by the name that an error says. */
async function identityOf(bundle: Bundle): Promise<Readonly<Record<string, Values>>> {
  const { test } = await bundle.heldOut();
  return {
    users: bundle.users.ids,
    items: bundle.items.ids,
    "numbers of training items": bundle.train.indptr,
    "training items": bundle.train.indices,
    "items to leave out": bundle.seen.indices,
    "test users": test?.targets.users ?? [],
    "test items": test?.targets.items ?? [],
  };
}

function sameValues(a: Values, b: Values): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

/** The models of a blend as they were fitted; null for a bundle of one model. */
export function blendParts({ model, hyperparameters }: Bundle["manifest"]) {
  if (model.name !== blendName) return null;
  return blendSchema.parse(hyperparameters).parts.map((part) => ({
    ...part,
    title: findModel(part.model).title,
  }));
}
