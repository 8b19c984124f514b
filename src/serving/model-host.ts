/**
 * The model that answers, and how another takes its place: loaded whole and
 * checked before one assignment makes it current, so that no request fails. A
 * bundle that cannot be loaded changes nothing but the record of what went wrong.
 *
 * @module
 */

import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BUNDLE_FOLDER, MANIFEST_FILE } from "../artifact/bundle.ts";
import { LumiereError } from "../base/errors.ts";
import { Problem } from "./problem.ts";
import { ServedModel } from "./served-model.ts";

export interface LoadFailure {
  readonly time: string;
  readonly code: string;
  readonly message: string;
}

export interface Reloaded {
  readonly previous: ServedModel;
  readonly current: ServedModel;
}

/** Hears of models that took over and of bundles that could not. */
export type ReloadListener = (event: Reloaded | { readonly failure: LoadFailure }) => void;

export class ModelHost {
  readonly directory: string;
  #current: ServedModel;
  #lastFailure: LoadFailure | null = null;
  #reloading: Promise<Reloaded> | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #listener: ReloadListener;

  private constructor(directory: string, first: ServedModel, listener: ReloadListener) {
    this.directory = directory;
    this.#current = first;
    this.#listener = listener;
  }

  /** @throws BadInputError where the first bundle is missing or damaged */
  static async open(directory: string, listener: ReloadListener = () => {}): Promise<ModelHost> {
    return new ModelHost(directory, await ServedModel.open(directory), listener);
  }

  get current(): ServedModel {
    return this.#current;
  }

  get lastFailure(): LoadFailure | null {
    return this.#lastFailure;
  }

  /**
   * Loads the bundle again; calls that come meanwhile share the outcome.
   * @throws Problem 409 where it cannot be loaded; the old model goes on
   */
  reload(): Promise<Reloaded> {
    this.#reloading ??= this.#load().finally(() => {
      this.#reloading = null;
    });
    return this.#reloading;
  }

  async #load(): Promise<Reloaded> {
    const previous = this.#current;
    try {
      const current = await ServedModel.open(this.directory);
      this.#current = current;
      this.#lastFailure = null;
      this.#listener({ previous, current });
      return { previous, current };
    } catch (error) {
      const code = error instanceof LumiereError ? error.code : "bundle";
      const message = error instanceof Error ? error.message : String(error);
      this.#lastFailure = { time: new Date().toISOString(), code, message };
      this.#listener({ failure: this.#lastFailure });
      throw new Problem(409, code, `${message} (model ${previous.id} goes on answering)`);
    }
  }

  /** Looks for another bundle every so often, and loads it. */
  async watch(milliseconds: number): Promise<void> {
    let seen = await this.#stamp();
    let isLooking = false;
    this.#timer = setInterval(async () => {
      if (isLooking) return;
      isLooking = true;
      const now = await this.#stamp();
      // A bundle that is gone for a moment is being replaced.
      if (now !== "" && now !== seen) {
        seen = now;
        await this.reload().catch(() => {});
      }
      isLooking = false;
    }, milliseconds);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  /**
   * Changes with every file of the bundle, since a copy that is under way may bring the manifest
   * before what it names; empty where there is no manifest.
   */
  async #stamp(): Promise<string> {
    for (const folder of [resolve(this.directory), join(resolve(this.directory), BUNDLE_FOLDER)]) {
      const names = (await readdir(folder).catch(() => [])).filter((name) => isPart(name)).sort();
      if (!names.includes(MANIFEST_FILE)) continue;
      const stamps = await Promise.all(
        names.map((name) =>
          stat(join(folder, name)).then(
            ({ ino, mtimeMs, size }) => `${name} ${ino} ${mtimeMs} ${size}`,
            () => "",
          ),
        ),
      );
      return stamps.join("\n");
    }
    return "";
  }
}

/** Files of a bundle; the events, which change all the time, may lie beside them. */
const isPart = (name: string): boolean => /\.(json|safetensors|usearch)$/.test(name);
