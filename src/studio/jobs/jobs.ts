/**
 * Trainings one after the other, each in a process of its own. A stopped one keeps
 * its checkpoint and what it was started with, so that it goes on after the studio
 * itself was closed.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { writeFileAtomically } from "../../artifact/atomic.ts";
import { StoppedError } from "../../base/errors.ts";
import { makeFolder } from "../../base/folders.ts";
import type { ProgressEvent } from "../../base/progress.ts";
import { withoutPasswords } from "../../data/source.ts";
import { type Experiment, prepareExperiment } from "../../experiment/description.ts";
import { runInChild } from "../../experiment/run-in-child.ts";
import { settingsFromText } from "../../experiment/settings.ts";
import { findModel } from "../../models/registry.ts";
import { Problem } from "../../serving/problem.ts";
import { type Job, type NewJob, newJobSchema } from "../schemas/jobs.ts";

/** What a folder was started with, beside its checkpoint. */
const ORDER_FILE = "studio-job.json";

/** Why it failed, beside that; gone once it goes on. */
const FAILURE_FILE = "studio-failure.json";

const failureSchema = z.object({ message: z.string() });

/** Jobs that wait. */
const MOST_WAITING = 20;

/** Ended jobs that are remembered; stopped ones are found again in their folders when the studio starts. */
const MOST_KEPT = 50;

/** Points of a curve; beyond, every other one goes. */
const MOST_POINTS = 2000;

const MOST_NOTICES = 20;

/** Milliseconds that a training has to keep its checkpoint when the studio closes. */
const PATIENCE = 10_000;

type State = Job["state"];

interface Entry {
  readonly order: NewJob;
  readonly experiment: Experiment;
  readonly folder: string;
  state: State;
  resume: boolean;
  progress: ProgressEvent | null;
  /** Stage and unit, when it began, and where. */
  pace: { stage: string; time: number; done: number };
  curve: { epoch: number; figures: Record<string, number> }[];
  /** Whether the curve's metric is of ranking a few candidates and not all items. */
  sampled: boolean;
  notices: string[];
  error: string | null;
  abort: AbortController;
}

export class Jobs {
  readonly #runs: string;
  /** By name, in the order in which they were started. */
  readonly #entries = new Map<string, Entry>();
  #running: Promise<void> | null = null;
  #isClosed = false;

  /** @param runs the runs folder; jobs that a studio before left unfinished are found again */
  constructor(runs: string) {
    this.#runs = runs;
    if (!existsSync(runs)) return;
    for (const name of readdirSync(runs).sort()) {
      const folder = join(runs, name);
      if (!existsSync(join(folder, ORDER_FILE)) || existsSync(join(folder, "report.json")))
        continue;
      try {
        const order = newJobSchema.parse(
          JSON.parse(readFileSync(join(folder, ORDER_FILE), "utf8")),
        );
        const error = failureIn(folder);
        const state = error === null ? "stopped" : "failed";
        const entry = newEntry(order, experimentOf(order, folder), folder, state);
        this.#entries.set(name, { ...entry, error });
      } catch {
        // A folder that somebody edited is not ours to repair.
      }
    }
  }

  /** The latest first. */
  list(): Job[] {
    return [...this.#entries.values()].map(describe).reverse();
  }

  /** @throws Problem 404 */
  find(name: string): Job {
    return describe(this.#entry(name));
  }

  /**
   * Lines a training up.
   * @throws BadInputError where a setting is wrong; Problem 409 where the folder is taken, 503 where too many wait
   */
  start(order: NewJob): Job {
    const folder = join(this.#runs, order.name);
    const experiment = experimentOf(order, folder);
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      const message = `there is a folder "${order.name}" in the runs folder already; choose another name`;
      throw new Problem(409, "run-exists", message, {
        fields: [{ field: "body.name", message }],
      });
    }
    const waiting = [...this.#entries.values()].filter(({ state }) => state === "waiting");
    if (waiting.length >= MOST_WAITING) {
      throw new Problem(503, "busy", `${MOST_WAITING} trainings wait already`, { retryAfter: 60 });
    }
    makeFolder(folder);
    // An address with a password is not written down, so that such a job goes on only while this studio runs.
    if (withoutPasswords(order.data) === order.data) {
      writeFileAtomically(join(folder, ORDER_FILE), `${JSON.stringify(order, null, 2)}\n`);
    }
    const entry = newEntry(order, experiment, folder, "waiting");
    this.#entries.set(order.name, entry);
    this.#forgetOld();
    this.#next();
    return describe(entry);
  }

  /** Stops after the batch that is under way; a checkpoint stays. @throws Problem 404 */
  stop(name: string): Job {
    const entry = this.#entry(name);
    if (entry.state === "waiting") entry.state = "stopped";
    if (entry.state === "running") {
      entry.state = "stopping";
      entry.abort.abort();
    }
    return describe(entry);
  }

  /** Goes on with a stopped or failed training. @throws Problem 404, 409 */
  resume(name: string): Job {
    const entry = this.#entry(name);
    if (!canResume(entry)) {
      throw new Problem(409, "not-stopped", `"${name}" is ${entry.state}`);
    }
    rmSync(join(entry.folder, FAILURE_FILE), { force: true });
    entry.state = "waiting";
    entry.resume = true;
    entry.error = null;
    entry.abort = new AbortController();
    this.#next();
    return describe(entry);
  }

  /** Stops what runs, so that it can go on another day. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [name, { state }] of this.#entries) if (state !== "done") this.stop(name);
    // A long step that hears of no stop ends with this process, which its own notices.
    await Promise.race([this.#running, wait(PATIENCE, null, { ref: false })]);
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw new Problem(404, "unknown-job", `no training is called "${name}"`);
    return entry;
  }

  /** Begins with the one that has waited longest, if nothing runs. */
  #next(): void {
    if (this.#running || this.#isClosed) return;
    const entry = [...this.#entries.values()].find(({ state }) => state === "waiting");
    if (!entry) return;
    this.#running = run(entry).finally(() => {
      this.#running = null;
      this.#next();
    });
  }

  #forgetOld(): void {
    const ended = [...this.#entries].filter(
      ([, { state }]) => state === "done" || state === "failed" || state === "stopped",
    );
    for (const [name] of ended.slice(0, Math.max(0, ended.length - MOST_KEPT))) {
      this.#entries.delete(name);
    }
  }
}

/** @throws BadInputError where a setting does not fit the model's schema */
function experimentOf(order: NewJob, folder: string): Experiment {
  const { data, minRating, kCore, split, model, seed, settings = {} } = order;
  const { hyperparameters } = findModel(model);
  const assignments = Object.entries(settings).map(([name, text]) => `${name}=${text}`);
  return prepareExperiment(
    {
      data: {
        data,
        ...(minRating !== undefined && { minRating }),
        ...(kCore !== undefined && { kCore }),
      },
      split,
      model,
      hyperparameters: settingsFromText(hyperparameters, assignments, "setting"),
      seed,
      output: folder,
    },
    "training",
  ).experiment;
}

function newEntry(order: NewJob, experiment: Experiment, folder: string, state: State): Entry {
  return {
    order,
    experiment,
    folder,
    state,
    resume: false,
    progress: null,
    pace: { stage: "", time: 0, done: 0 },
    curve: [],
    sampled: false,
    notices: [],
    error: null,
    abort: new AbortController(),
  };
}

async function run(entry: Entry): Promise<void> {
  entry.state = "running";
  try {
    const { curve, hyperparameters, evaluation } = await runInChild(entry.experiment, {
      progress: (event) => note(entry, event),
      notice: (text) => {
        if (entry.notices.length < MOST_NOTICES) entry.notices.push(text);
      },
      signal: entry.abort.signal,
      resume: entry.resume && existsSync(join(entry.folder, "checkpoint")),
    });
    const metric = String(hyperparameters.stopMetric);
    entry.curve = curve.map(({ epoch, loss, validation }) => {
      const value = validation?.[metric];
      return { epoch, figures: { loss, ...(value !== undefined && { [metric]: value }) } };
    });
    entry.sampled = evaluation?.sampled ?? false;
    entry.state = "done";
  } catch (error) {
    entry.state = error instanceof StoppedError ? "stopped" : "failed";
    entry.error = error instanceof Error ? error.message : String(error);
    if (entry.state === "failed") writeFailure(entry, entry.error);
  }
}

/** The studio after this one should say so too. What is to leave no trace (its address holds a password) has no order. */
function writeFailure({ folder, notices }: Entry, message: string): void {
  if (!existsSync(join(folder, ORDER_FILE))) return;
  try {
    const text = `${JSON.stringify({ message }, null, 2)}\n`;
    writeFileAtomically(join(folder, FAILURE_FILE), text);
  } catch (error) {
    notices.push(`that it failed could not be written down: ${(error as Error).message}`);
  }
}

/** Why the training of a folder failed; null where it did not. */
function failureIn(folder: string): string | null {
  const path = join(folder, FAILURE_FILE);
  if (!existsSync(path)) return null;
  return failureSchema.parse(JSON.parse(readFileSync(path, "utf8"))).message;
}

/** Keeps where a run is, and a point of its curve for each epoch that ended. */
function note(entry: Entry, event: ProgressEvent): void {
  entry.progress = event;
  // A run within a run goes by one name while it prepares and while it trains.
  const stage = `${event.stage} ${event.unit}`;
  if (entry.pace.stage !== stage) {
    entry.pace = { stage, time: performance.now(), done: event.done };
  }
  const { figures, unit } = event;
  if (unit !== "epochs" || !figures || Object.keys(figures).length === 0) return;
  // At a whole number the figures are of the epoch that ends there, or of the one before.
  if (Number.isInteger(event.done)) return;
  const epoch = Math.floor(event.done);
  const last = entry.curve.at(-1);
  // A refit counts its epochs from the beginning, and its curve would cross the first.
  if (last && epoch <= last.epoch) return;
  entry.curve.push({ epoch, figures: { ...figures } });
  entry.sampled = event.sampled === true;
  if (entry.curve.length > MOST_POINTS) entry.curve = entry.curve.filter((_, at) => at % 2 === 1);
}

const canResume = ({ state }: Entry): boolean => state === "stopped" || state === "failed";

function describe(entry: Entry): Job {
  const { order, state, progress, curve, sampled, notices, error } = entry;
  return {
    name: order.name,
    state,
    model: order.model,
    data: withoutPasswords(order.data),
    progress: progress && {
      stage: progress.stage,
      done: progress.done,
      total: progress.total ?? null,
      unit: progress.unit,
    },
    secondsLeft: state === "running" ? secondsLeft(entry) : null,
    curve,
    sampled,
    notices,
    error,
    canResume: canResume(entry),
  };
}

function secondsLeft({ progress, pace }: Entry): number | null {
  if (!progress?.total || progress.done <= pace.done) return null;
  const seconds = (performance.now() - pace.time) / 1000;
  return (seconds * (progress.total - progress.done)) / (progress.done - pace.done);
}
