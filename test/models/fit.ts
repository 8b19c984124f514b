/** Fitting a closed-form model in tests, without a device: one that touches it fails. */

import { silent } from "../../src/base/progress.ts";
import { type Dataset, type Interactions, Vocabulary } from "../../src/data/interactions.ts";
import type { Device } from "../../src/engine/device.ts";
import type { FitContext } from "../../src/models/recommender.ts";

function untouched(): never {
  throw new Error("this model was not expected to use a device");
}

const noDevice: Device = {
  name: "none",
  threads: 1,
  peakBytes: 0,
  get kernels() {
    return untouched();
  },
  allocate: untouched,
  upload: untouched,
  write: untouched,
  read: untouched,
  boundOf: untouched,
  mark: untouched,
  release: untouched,
  close: async () => {},
};

const vocabulary = (size: number): Vocabulary =>
  new Vocabulary(Array.from({ length: size }, (_, index) => `id ${index}`));

/** What a model sees of these training interactions. */
export function fitContext(
  userCount: number,
  itemCount: number,
  train: Interactions,
  seed = 1,
): FitContext {
  const dataset: Dataset = {
    name: "test",
    users: vocabulary(userCount),
    items: vocabulary(itemCount),
    interactions: train,
    itemFeatures: {},
    userFeatures: {},
    source: "test",
    licence: null,
    synthetic: true,
    filterNotes: [],
    shippedSplits: [],
  };
  return {
    dataset,
    train,
    device: noDevice,
    seed,
    progress: silent,
    signal: new AbortController().signal,
  };
}
