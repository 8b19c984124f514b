/**
 * The new model in the place of the old one: one bundle with what it was made
 * from and how it was judged, and an index like the old one's.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { addItemIndex, type IndexChoice } from "../../artifact/build-index.ts";
import { type Bundle, MANIFEST_FILE, writeBundle } from "../../artifact/bundle.ts";
import { type Manifest, parseManifest } from "../../artifact/manifest.ts";
import { versions } from "../../artifact/versions.ts";
import { LumiereError } from "../../base/errors.ts";
import type { ProgressReporter } from "../../base/progress.ts";
import { fingerprint } from "../../data/fingerprint.ts";
import { type Dataset, interactionCount } from "../../data/interactions.ts";
import type { DataOptions } from "../../data/options.ts";
import { rememberable } from "../../data/source.ts";
import { modelId } from "../../serving/served-model.ts";
import type { Judgement } from "./judgement.ts";
import type { TrainedAnew } from "./train-anew.ts";

/** What the new bundle says of its making. */
export interface Making {
  readonly data: DataOptions;
  readonly events: { readonly likes: number };
  readonly since: string | null;
  readonly judgement: Judgement | null;
  readonly forced: boolean;
  readonly progress: ProgressReporter;
}

/**
 * Writes the new bundle, whole or not at all.
 * @throws LumiereError "retrain-overtaken" where the running bundle is no longer the one that was judged
 */
export async function promote(
  target: string,
  running: Bundle,
  { source, dataset }: TrainedAnew,
  making: Making,
): Promise<Manifest> {
  const { manifest: old, indexDescription: index } = running;
  const { recommender, seen } = source;
  const contents = {
    ...source,
    validation: null,
    test: null,
    manifest: {
      created: new Date().toISOString(),
      model: old.model,
      hyperparameters: old.hyperparameters,
      dataset: describeDataset(dataset, making.events.likes),
      split: {
        specification: "none",
        description: "everything trains; the newest events were held out before, to be judged on",
        validation: old.split.validation,
        validationUsers: old.split.validationUsers,
        warnings: [],
        train: interactionCount(dataset.interactions),
        validationInteractions: 0,
        test: 0,
      },
      data: rememberable(making.data),
      retraining: {
        previous: modelId(old),
        events: making.events.likes,
        forced: making.forced,
        judgement: describeJudgement(making),
      },
      seed: old.seed,
      // The judgement ranks all items, whatever the old model's did.
      evaluation: old.evaluation && { ...old.evaluation, sampled: false },
      metrics: making.judgement?.candidate ?? {},
      versions: versions(),
    },
  };
  return writeBundle(target, contents, async (folder, manifest) => {
    if (index && recommender.embeddings) {
      const choice = { kind: index.kind, settings: index.settings } as IndexChoice;
      const { k, users } = index;
      const { progress } = making;
      const indexed = { folder, manifest, recommender, seen };
      await addItemIndex(indexed, choice, { k, users, seed: 1, progress });
    }
    await checkUnchanged(running);
  });
}

function describeDataset(dataset: Dataset, likes: number): Manifest["dataset"] {
  const { name, source, licence, synthetic, filterNotes } = dataset;
  return {
    name,
    source: `${source}, and ${likes.toLocaleString("en")} events`,
    licence,
    synthetic,
    users: dataset.users.size,
    items: dataset.items.size,
    interactions: interactionCount(dataset.interactions),
    fingerprint: fingerprint(dataset),
    filterNotes: [...filterNotes],
  };
}

function describeJudgement({ judgement, since }: Making) {
  if (judgement === null || since === null) return null;
  const { metric, people, p } = judgement;
  return {
    metric,
    people,
    since,
    running: judgement.running[metric]!,
    candidate: judgement.candidate[metric]!,
    p: Number.isFinite(p) ? p : null,
  };
}

async function checkUnchanged({ directory, manifest }: Bundle): Promise<void> {
  const path = join(directory, MANIFEST_FILE);
  const text = await readFile(path, "utf8").catch(() => null);
  if (text !== null && modelId(parseManifest(text, path)) === modelId(manifest)) return;
  throw new LumiereError(
    "retrain-overtaken",
    `${directory} was replaced while the new model was trained, which was judged against another; run lumiere retrain again`,
  );
}
