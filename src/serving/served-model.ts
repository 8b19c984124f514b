/**
 * A bundle as it answers requests: read-only, so that a request that began with
 * it ends with it, whatever takes its place meanwhile.
 *
 * @module
 */

import { type Bundle, openBundle } from "../artifact/bundle.ts";
import { isSampled, type Manifest } from "../artifact/manifest.ts";
import { RoutedModel } from "../artifact/routed-model.ts";
import type { ModelAnswer } from "./schemas.ts";

export class ServedModel extends RoutedModel {
  readonly bundle: Bundle;
  readonly id: string;
  readonly loaded = new Date();

  constructor(bundle: Bundle) {
    super(bundle);
    this.bundle = bundle;
    this.id = modelId(bundle.manifest);
    // The table of ids is made now rather than within the first request.
    bundle.users.indexOf("");
    bundle.items.indexOf("");
  }

  /** @throws BadInputError where the bundle is missing or damaged */
  static async open(directory: string): Promise<ServedModel> {
    return new ServedModel(await openBundle(directory));
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
      sampled: isSampled(manifest),
      index: indexDescription?.kind ?? null,
    };
  }
}

/** What tells one model from another: the beginning of its file's checksum. */
export function modelId({ files }: Pick<Manifest, "files">): string {
  return files["model.safetensors"].sha256.slice(0, 12);
}
