/**
 * The running model and a new one on the same newest events of the same people,
 * by the lists that the server would have given them.
 *
 * @module
 */

import { rowOf } from "../../artifact/bundle-columns.ts";
import type { RoutedModel } from "../../artifact/routed-model.ts";
import type { ProgressReporter } from "../../base/progress.ts";
import { type Dataset, rowsByUser, Vocabulary } from "../../data/interactions.ts";
import { rowsOfLists } from "../../data/rows.ts";
import { bootstrapIntervals } from "../../evaluation/bootstrap.ts";
import { Measure, meanOf } from "../../evaluation/measure.ts";
import { pairedDifferences, randomisationTest } from "../../evaluation/paired-tests.ts";
import type { ProtocolName } from "../../evaluation/protocols.ts";
import type { EventLog } from "./event-log.ts";
import type { JudgedPerson } from "./hold-out.ts";
import { type Audient, servedLists } from "./served-lists.ts";

/** What the judgement is about. */
export interface Contest {
  readonly log: EventLog;
  readonly people: readonly JudgedPerson[];
  /** Data that both models may have seen. */
  readonly original: Dataset;
  readonly running: RoutedModel;
  readonly candidate: RoutedModel;
}

export interface JudgementOptions {
  /** Where lists are cut; the longest decides. */
  readonly ks: readonly number[];
  readonly protocol: ProtocolName;
  readonly seed: number;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

type Figures = Readonly<Record<string, number>>;

export interface Judgement {
  /** The metric that decides: "ndcg@20". */
  readonly metric: string;
  /** People with something to find that at least one of the models knows. */
  readonly people: number;
  readonly running: Figures;
  readonly candidate: Figures;
  /** Mean of candidate − running of the metric that decides, and its 95 % bootstrap interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Of Fisher's randomisation test, two-sided. */
  readonly p: number;
}

/** Judges both. Null where nobody has something to find that either model knows. */
export async function judgeBoth(
  { log, people, original, running, candidate }: Contest,
  { ks, protocol, seed, progress, signal }: JudgementOptions,
): Promise<Judgement | null> {
  const items = new Vocabulary([
    ...new Set([...running.source.items.ids, ...candidate.source.items.ids]),
  ]);
  const targets = people.map((person) =>
    Int32Array.from(person.targets.flatMap((item) => items.indexOf(log.items.idOf(item)) ?? [])),
  );
  const judged = [...people.keys()].filter((at) => targets[at]!.length > 0);
  if (judged.length === 0) return null;
  const audience = audients(
    { log, original, running },
    judged.map((at) => people[at]!),
  );
  const wanted = rowsOfLists(judged.map((at) => targets[at]!.sort()));
  const k = Math.min(Math.max(...ks), items.size);
  const measured = async (stage: string, model: RoutedModel) => {
    const lists = await servedLists(model, audience, {
      k,
      items,
      progress: (event) => progress({ ...event, stage }),
      signal,
    });
    const measure = new Measure(judged.length, { itemCount: items.size, ks, protocol });
    measure.add(lists, wanted);
    return measure.finish();
  };
  const metric = `ndcg@${Math.max(...ks)}`;
  const old = await measured("judge the running model", running);
  const fresh = await measured("judge the new model", candidate);
  const differences = pairedDifferences(fresh.values[metric]!, old.values[metric]!);
  const { low, high } = bootstrapIntervals({ [metric]: differences }, { seed })[metric]!;
  return {
    metric,
    people: judged.length,
    running: old.metrics,
    candidate: fresh.metrics,
    difference: meanOf(differences),
    interval: [low, high],
    p: randomisationTest(differences, { seed }).p,
  };
}

/** The people as both models meet them: the same history, and the same items left out. */
function audients(
  { log, original, running }: Pick<Contest, "log" | "original" | "running">,
  people: readonly JudgedPerson[],
): Audient[] {
  const known = rowsByUser(original.interactions, original.users.size);
  return people.map(({ user, liked, seen }) => {
    const idsOf = (positions: readonly number[]) => positions.map((item) => log.items.idOf(item));
    const row = original.users.indexOf(user);
    const before = row === undefined ? [] : Array.from(rowOf(known, row));
    const seenByRunning = running.seenItems(running.source.users.indexOf(user));
    return {
      user: log.isForgotten(user) ? null : user,
      liked: idsOf(liked),
      seen: [
        ...before.map((item) => original.items.idOf(item)),
        ...Array.from(seenByRunning, (item) => running.source.items.idOf(item)),
        ...idsOf(seen),
      ],
    };
  });
}
