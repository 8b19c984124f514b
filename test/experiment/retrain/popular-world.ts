/**
 * A world in which popularity is all there is, so that every figure can be worked
 * out: item a has 10 likes, b has 5 and c has 3; then 120 newcomers like c, one
 * after the other, and 30 more, later, like whatever the test says.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runExperiment } from "../../../src/experiment.ts";
import type { NewEvent } from "../../../src/serving/store/event-store.ts";
import { SqliteEventStore } from "../../../src/serving/store/sqlite-store.ts";

export const EARLIER = 120;
export const NEWEST = 30;

/** A run folder with the bundle of a popularity model, trained on everything but one like. */
export async function popularRun(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "lumiere-retrain-"));
  const liked = { a: 10, b: 5, c: 3 };
  const rows = Object.entries(liked).flatMap(([item, count]) =>
    Array.from({ length: count }, (_, user) => `o${user},${item}`),
  );
  writeFileSync(join(folder, "likes.csv"), `user,item\n${rows.join("\n")}\n`);
  await runExperiment({
    data: join(folder, "likes.csv"),
    model: "popularity",
    split: "random:0.95",
    evaluation: { ks: [1, 2], intervals: false },
    output: join(folder, "run"),
  });
  return join(folder, "run");
}

export function like(user: string, item: string, time: number, value = 1): NewEvent {
  return { id: null, user, item, value, time, attribution: null };
}

/** The store beside the bundle, with events in it. */
export async function keepEvents(run: string, events: readonly NewEvent[]): Promise<void> {
  const store = await SqliteEventStore.open(join(run, "events.sqlite"));
  await store.append(events);
  await store.close();
}

/** What everybody does: the newest like `item`. */
export function newcomers(item: string): NewEvent[] {
  return [
    ...Array.from({ length: EARLIER }, (_, at) => like(`q${at}`, "c", 1000 + at)),
    ...Array.from({ length: NEWEST }, (_, at) => like(`p${at}`, item, 5000 + at)),
  ];
}
