/**
 * The commands by name. Each is loaded when it is called, so that `--help` and
 * small commands start fast.
 *
 * @module
 */

import type { CommandDefinition } from "./command.ts";

/** A command by name, loaded when it is needed. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Whether it may train, so that preparing the engine for long work pays. */
  readonly trains?: true;
  load(): Promise<CommandDefinition>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "train LightGCN on MovieLens 100K and show what it recommends (npm start)",
    trains: true,
    load: async () => (await import("./commands/demo.ts")).demo,
  },
  {
    name: "datasets",
    summary: "list the known datasets, their licences, and where each was found",
    load: async () => (await import("./commands/datasets.ts")).datasets,
  },
  {
    name: "models",
    summary: "list the models with their papers and settings",
    load: async () => (await import("./commands/models.ts")).modelsCommand,
  },
  {
    name: "split",
    summary: "write a train/validation/test cut as CSV files, for other tools",
    load: async () => (await import("./commands/split.ts")).split,
  },
  {
    name: "train",
    summary: "fit a model, judge it, and keep it as a bundle with a report",
    trains: true,
    load: async () => (await import("./commands/train.ts")).train,
  },
  {
    name: "evaluate",
    summary: "judge a bundle again from what it holds",
    load: async () => (await import("./commands/evaluate.ts")).evaluateCommand,
  },
  {
    name: "blend",
    summary: "add up the scores of several runs, judge the sum, and keep it as a bundle",
    load: async () => (await import("./commands/blend.ts")).blendCommand,
  },
  {
    name: "compare",
    summary: "several models under the same cuts: leaderboard, intervals, paired tests",
    trains: true,
    load: async () => (await import("./commands/compare.ts")).compare,
  },
  {
    name: "tune",
    summary: "search for a model's best settings on the validation part",
    trains: true,
    load: async () => (await import("./commands/tune.ts")).tune,
  },
  {
    name: "reproduce",
    summary: "run the recipe of a published number and print ours beside theirs",
    trains: true,
    load: async () => (await import("./commands/reproduce.ts")).reproduceCommand,
  },
  {
    name: "recommend",
    summary: "recommend to a user, to somebody new, or to everybody",
    load: async () => (await import("./commands/recommend.ts")).recommend,
  },
  {
    name: "similar",
    summary: "list the items most like an item",
    load: async () => (await import("./commands/similar.ts")).similar,
  },
  {
    name: "index",
    summary: "index a bundle's items (LSH, HNSW), so that lists come without scoring them all",
    load: async () => (await import("./commands/index-items.ts")).indexItems,
  },
  {
    name: "serve",
    summary: "answer over HTTP: recommendations, events, items; OpenAPI and a reference page",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    name: "retrain",
    summary: "train a bundle again with the events of its server; promote it if it is no worse",
    trains: true,
    load: async () => (await import("./commands/retrain.ts")).retrainCommand,
  },
  {
    name: "studio",
    summary: "runs, data and models in a web page: try, train, compare, look",
    trains: true,
    load: async () => (await import("./commands/studio.ts")).studio,
  },
  {
    name: "key",
    summary: "make a key for the server",
    load: async () => (await import("./commands/key.ts")).key,
  },
  {
    name: "generate",
    summary: "write ratings of invented people, for tests of scale",
    load: async () => (await import("./commands/generate.ts")).generate,
  },
  {
    name: "doctor",
    summary: "say what this machine offers, and what to do about each gap",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
];
