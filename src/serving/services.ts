/**
 * A bundle and a store, opened and put together into what the endpoints work with.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { Services } from "./endpoint.ts";
import { ItemCatalogue } from "./item-catalogue.ts";
import type { Metrics } from "./metrics.ts";
import { ModelHost, type ReloadListener } from "./model-host.ts";
import { Problem } from "./problem.ts";
import { RankingQueue } from "./ranking-queue.ts";
import type { EventStore } from "./store/event-store.ts";

export interface ServicesOptions {
  /** The bundle, or the run folder that it lies in. */
  readonly directory: string;
  /** Opens the store, once the bundle has been opened. */
  openStore(models: ModelHost): Promise<EventStore>;
  readonly metrics: Metrics;
  /** Whether explanations name the people through whom paths lead. */
  readonly explainUsers: boolean;
  readonly onReload: ReloadListener;
  isReady(): boolean;
}

/** @throws BadInputError where the bundle or the store cannot be opened */
export async function openServices({
  directory,
  openStore,
  metrics,
  explainUsers,
  onReload,
  isReady,
}: ServicesOptions): Promise<Services> {
  const models = await ModelHost.open(directory, onReload);
  const store = await openStore(models);
  try {
    const catalogue = await ItemCatalogue.open(store);
    const queue = new RankingQueue();
    return { models, store, catalogue, queue, metrics, explainUsers, isReady };
  } catch (error) {
    // Its thread would keep the process alive.
    await store.close();
    const why = error instanceof Problem ? error.cause : undefined;
    if (why === undefined) throw error;
    throw new BadInputError(
      "store",
      `the event store cannot be read: ${why}; restore it from a copy, or name another with --store`,
    );
  }
}
