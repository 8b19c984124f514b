/**
 * A bundle as it answers requests: read-only, so that a request that began with
 * it ends with it, whatever takes its place meanwhile.
 *
 * @module
 */

import { type Bundle, openBundle } from "../artifact/bundle.ts";
import { rowOf } from "../artifact/bundle-columns.ts";
import { popularity } from "../models/popularity.ts";
import type { Recommender } from "../models/recommender.ts";
import type { ModelAnswer } from "./schemas.ts";

export class ServedModel {
  readonly bundle: Bundle;
  readonly id: string;
  readonly loaded = new Date();
  /** Training users of each item. */
  readonly degrees: Int32Array;
  /** For people of whom nothing is known. */
  readonly popular: Recommender;

  constructor(bundle: Bundle) {
    this.bundle = bundle;
    this.id = bundle.manifest.files["model.safetensors"].sha256.slice(0, 12);
    this.degrees = new Int32Array(bundle.items.size);
    for (const item of bundle.train.indices) this.degrees[item]!++;
    this.popular = popularity.load(
      { counts: { shape: [bundle.items.size], data: Float32Array.from(this.degrees) } },
      {},
      { userCount: bundle.users.size, itemCount: bundle.items.size, seen: bundle.train },
    );
    // The table of ids is made now rather than within the first request.
    bundle.users.indexOf("");
    bundle.items.indexOf("");
  }

  /** @throws BadInputError where the bundle is missing or damaged */
  static async open(directory: string): Promise<ServedModel> {
    return new ServedModel(await openBundle(directory));
  }

  /** Items of a user's training data; empty where there is no such user. */
  trainingItems(user: number | undefined): Int32Array {
    return user === undefined ? EMPTY : rowOf(this.bundle.train, user);
  }

  /** Everything that the bundle knows a user to have seen. */
  seenItems(user: number | undefined): Int32Array {
    return user === undefined ? EMPTY : rowOf(this.bundle.seen, user);
  }

  describe(): ModelAnswer {
    const { manifest, indexDescription } = this.bundle;
    return {
      id: this.id,
      name: manifest.model.name,
      title: manifest.model.title,
      created: manifest.created,
      loaded: this.loaded.toISOString(),
      dataset: manifest.dataset.name,
      users: manifest.dataset.users,
      items: manifest.dataset.items,
      metrics: manifest.metrics,
      index: indexDescription?.kind ?? null,
    };
  }
}

const EMPTY = new Int32Array(0);
