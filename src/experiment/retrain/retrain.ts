/**
 * A bundle trained again with the events of its store: the new model takes the
 * place of the running one if it is no worse on the newest events.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import {
  BUNDLE_FOLDER,
  type Bundle,
  checkBundleTarget,
  openBundle,
} from "../../artifact/bundle.ts";
import type { Manifest } from "../../artifact/manifest.ts";
import { RoutedModel } from "../../artifact/routed-model.ts";
import { BadInputError } from "../../base/errors.ts";
import { checkFolder } from "../../base/folders.ts";
import { type ProgressReporter, silent } from "../../base/progress.ts";
import { applyFilters } from "../../data/filters.ts";
import { interactionCount } from "../../data/interactions.ts";
import { readDataset } from "../../data/load.ts";
import { type DataOptions, dataOptionsSchema } from "../../data/options.ts";
import { setSharedThreads } from "../../engine/shared.ts";
import { parseProtocol } from "../../evaluation/protocols.ts";
import { modelId } from "../../serving/served-model.ts";
import { openStore } from "../../serving/store/open-store.ts";
import { checkedSettings } from "../settings.ts";
import { type EventLog, readEventLog } from "./event-log.ts";
import { extendDataset } from "./extended-data.ts";
import { type HoldOut, holdOutNewest } from "./hold-out.ts";
import { type Judgement, judgeBoth } from "./judgement.ts";
import { promote } from "./promote.ts";
import { type TrainedAnew, trainAnew } from "./train-anew.ts";

/** Fewer people than this say nothing about which model is better. */
export const LEAST_PEOPLE = 20;

export interface RetrainOptions {
  /** As `lumiere serve --store`; default: events.sqlite beside the bundle. */
  readonly store?: string | undefined;
  /** Fields that differ from the data description in the bundle: the file has moved, … */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Folder for the new bundle; default: the place of the running one. */
  readonly output?: string | undefined;
  /** Promote whatever the judgement says, and without one where there are too few events. */
  readonly force?: boolean;
  /** Share of the new likes that is held out for the judgement; default 0.2. */
  readonly holdOut?: number;
  /** The result is the same with any number; default: one a core. */
  readonly threads?: number | undefined;
  readonly progress?: ProgressReporter;
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface Retraining {
  readonly outcome: "promoted" | "refused" | "too-few";
  readonly forced: boolean;
  /** Where the new bundle lies; null where nothing was written. */
  readonly directory: string | null;
  /** The running model, and the one that took its place. */
  readonly running: string;
  readonly model: string | null;
  /** Events in the store, likes among them, and pairs of those that the running model has not seen. */
  readonly events: { readonly total: number; readonly likes: number; readonly new: number };
  /** ISO 8601: newer events were held out; null where there is nothing new. */
  readonly since: string | null;
  /** People with an event to be found. */
  readonly people: number;
  readonly judgement: Judgement | null;
  readonly seconds: number;
}

/**
 * Trains a bundle again and promotes the result unless it is worse.
 *
 * @example
 * const { outcome, judgement } = await retrain("runs/first", { store: "postgres://shop@db/events" });
 *
 * @throws BadInputError where the bundle, the store or the data cannot be read
 * @throws StoppedError on abort; nothing was changed
 */
export async function retrain(directory: string, options: RetrainOptions): Promise<Retraining> {
  const { force = false, holdOut = 0.2, progress = silent, notice = () => {} } = options;
  const { threads = availableParallelism(), signal = new AbortController().signal } = options;
  const begin = performance.now();
  const bundle = await openBundle(directory);
  const target = options.output ? join(options.output, BUNDLE_FOLDER) : placeOf(bundle);
  checkFolder("output folder", dirname(target));
  await checkBundleTarget(target);
  setSharedThreads(threads);
  const data = dataOf(bundle, options.data ?? {});
  const log = await readStore(bundle, options.store);
  const original = await readDataset(data, { progress, notice, signal });
  const cut = holdOutNewest(log, bundle, original, holdOut);
  const facts = describe(log, cut);
  notice(eventsText(facts, cut));
  warnOfRatings(log, data, notice);
  const context = { threads, progress, signal };
  const dataset = (positions: Int32Array) =>
    applyFilters(extendDataset(original, log, positions), data);

  let judged: { candidate: TrainedAnew; judgement: Judgement | null } | null = null;
  if (cut.people.length >= LEAST_PEOPLE) {
    const candidate = await trainAnew(bundle.manifest, dataset(cut.earlier), {
      ...context,
      epochs: null,
      stage: "without the newest events",
    });
    const judgement = await judgeBoth(
      {
        log,
        people: cut.people,
        original,
        running: new RoutedModel(bundle),
        candidate: new RoutedModel(candidate.source),
      },
      { ...judgementSettings(bundle.manifest), progress, signal },
    );
    judged = { candidate, judgement };
  }
  const judgement =
    judged?.judgement && judged.judgement.people >= LEAST_PEOPLE ? judged.judgement : null;
  const result = { ...facts, running: modelId(bundle.manifest), judgement };
  const seconds = () => (performance.now() - begin) / 1000;
  const isWorse = judgement !== null && judgement.difference < 0;
  if (!force && (judgement === null || isWorse)) {
    const outcome = judgement === null ? "too-few" : "refused";
    return { ...result, outcome, forced: false, directory: null, model: null, seconds: seconds() };
  }
  const trained = await trainAnew(bundle.manifest, dataset(cut.all), {
    ...context,
    epochs: judged?.candidate.epochs ?? null,
    stage: "with everything",
  });
  const forced = judgement === null || isWorse;
  const manifest = await promote(target, bundle, trained, { ...result, data, forced, progress });
  return {
    ...result,
    outcome: "promoted",
    forced,
    directory: target,
    model: modelId(manifest),
    seconds: seconds(),
  };
}

/** The bundle's folder under its own name, also where a crash left it under the one before it. */
function placeOf({ directory }: Bundle): string {
  return directory.replace(/\.previous$/, "");
}

function dataOf({ directory, manifest }: Bundle, change: Record<string, unknown>): DataOptions {
  const described = { ...manifest.data, ...change };
  if (!("data" in described)) {
    throw new BadInputError(
      "retrain-data",
      `${directory} does not say which data it was trained on (an address with a secret, a program, or an older version of lumiere); ` +
        "pass --data and the flags that it was trained with",
    );
  }
  return checkedSettings(dataOptionsSchema, described, "data");
}

async function readStore(bundle: Bundle, location: string | undefined): Promise<EventLog> {
  const store = await openStore(location, bundle.directory, { mustExist: true });
  try {
    return await readEventLog(store);
  } finally {
    await store.close();
  }
}

function judgementSettings({ evaluation, seed }: Manifest) {
  const { ks = [10, 20], protocol = "lightgcn" } = evaluation ?? {};
  return { ks, protocol: parseProtocol(protocol), seed };
}

/** The server takes every value above 0 for a like, whatever the data's filter says of ratings. */
function warnOfRatings(
  { events }: EventLog,
  { minRating }: DataOptions,
  notice: (text: string) => void,
): void {
  if (minRating === undefined) return;
  const low = events.values.filter((value) => value > 0 && value < minRating).length;
  if (low === 0) return;
  notice(
    `${low.toLocaleString("en")} events have a value below the data's minimum rating ${minRating} and count as likes, as they do at the server; send 0 for what somebody did not like`,
  );
}

type Facts = Pick<Retraining, "events" | "since" | "people">;

function describe({ events }: EventLog, { since, newPairs, people, all }: HoldOut): Facts {
  return {
    events: { total: interactionCount(events), likes: all.length, new: newPairs },
    since: since === null ? null : new Date(1000 * since).toISOString(),
    people: people.length,
  };
}

function eventsText({ events, since, people }: Facts, { all, earlier }: HoldOut): string {
  const whole = (count: number) => count.toLocaleString("en");
  const store = `${whole(events.total)} events in the store, ${whole(events.likes)} of them likes`;
  if (since === null) return `${store}; none is new to the running model`;
  return (
    `${store}; ${whole(events.new)} (user, item) pairs are new to the running model; ` +
    `held out: ${whole(all.length - earlier.length)} likes of ${whole(people)} people since ${since}`
  );
}
