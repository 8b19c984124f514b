/**
 * The columns that everything else reads: interactions as typed arrays of dense
 * indices, and the vocabularies that translate them to the ids of the outside
 * world. External ids are strings and never reach the mathematics; dense
 * indices never leave it.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";

/** External id ↔ dense index. Dense indices are 0 … size−1. */
export class Vocabulary {
  /** External ids by dense index. */
  readonly ids: readonly string[];
  #indices: Map<string, number> | null = null;

  constructor(ids: readonly string[]) {
    this.ids = ids;
  }

  get size(): number {
    return this.ids.length;
  }

  /** External id of a dense index; throws a RangeError outside 0 … size−1. */
  idOf(index: number): string {
    const id = this.ids[index];
    if (id === undefined) throw new RangeError(`index ${index} is outside 0 … ${this.size - 1}`);
    return id;
  }

  /** Dense index of an external id, or undefined where it is unknown. */
  indexOf(id: string): number | undefined {
    this.#indices ??= new Map(this.ids.map((known, index) => [known, index]));
    return this.#indices.get(id);
  }
}

/** Who interacted with what: parallel columns of equal length. */
export interface Interactions {
  /** Dense user index of each interaction. */
  readonly users: Int32Array;
  /** Dense item index of each interaction. */
  readonly items: Int32Array;
  /** Rating or weight; null where every interaction counts 1. */
  readonly values: Float32Array | null;
  /** Unix time in seconds; null where unknown. */
  readonly times: Float64Array | null;
}

/** What is known of the items, by dense index; absent where a dataset has none. */
export interface ItemFeatures {
  readonly titles?: readonly (string | null)[];
  readonly genres?: readonly (readonly string[])[];
  readonly years?: readonly (number | null)[];
}

/** What is known of the users, by dense index: named columns of text (gender, age, occupation, …). */
export type UserFeatures = Readonly<Record<string, readonly (string | null)[]>>;

/** A train/test cut that a dataset ships, in the dense indices of the dataset it belongs to. */
export interface ShippedSplit {
  /** "u1", "ua", "official", … */
  readonly name: string;
  /** The split that is used where the person names none. */
  readonly isDefault: boolean;
  /** One sentence for reports. */
  readonly description: string;
  /** Reads it; pairs that the dataset's filters removed are left out. */
  load(): Promise<{
    readonly train: Interactions;
    readonly test: Interactions;
    /** As of an `EvaluationPart`: what test, and validation, are ranked against. */
    readonly candidates: Rows | null;
  }>;
}

/** An indexed dataset. */
export interface Dataset {
  readonly name: string;
  readonly users: Vocabulary;
  readonly items: Vocabulary;
  readonly interactions: Interactions;
  readonly itemFeatures: ItemFeatures;
  readonly userFeatures: UserFeatures;
  /** Where it came from, for reports: a path, URL or "synthetic (seed 1)". */
  readonly source: string;
  readonly licence: string | null;
  /** True for data that Lumière made up; reports must say so loudly. */
  readonly synthetic: boolean;
  /** One line for each filter: what it removed. */
  readonly filterNotes: readonly string[];
  readonly shippedSplits: readonly ShippedSplit[];
}

/** Compressed sparse rows: the columns of row r are indices[indptr[r] … indptr[r+1]), ascending and unique. */
export interface Rows {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
}

/** What a model is judged on. */
export interface EvaluationPart {
  /** Held-out interactions to find. */
  readonly targets: Interactions;
  /**
   * For people who are not in training (strong generalisation): the history to fold in.
   * Null where the targets' users are training users.
   */
  readonly history: Interactions | null;
  /** Sampled protocols: the only items to rank beside the targets, per user row; null = rank every item. */
  readonly candidates: Rows | null;
  /**
   * Held-out interactions of users whom train does not know: nobody can be ranked for them, so
   * they are not among the targets; kept so that nothing is lost. Absent where there are none.
   */
  readonly unrankable?: Interactions;
  /** The only users to judge, ascending dense indices; absent = everybody with a target. */
  readonly judged?: Int32Array;
}

/** A dataset cut for training and judging. All parts share the dataset's vocabularies. */
export interface Split {
  readonly train: Interactions;
  readonly validation: EvaluationPart | null;
  readonly test: EvaluationPart | null;
  /** The split in the split language, for instance "random:0.8". */
  readonly specification: string;
  /** One sentence for reports. */
  readonly description: string;
  /** Honest warnings: leaks of the future, sampled metric, … */
  readonly warnings: readonly string[];
}

/** Number of interactions. */
export function interactionCount(interactions: Interactions): number {
  return interactions.users.length;
}

/** The interactions at the given positions, in that order. */
export function selectInteractions(
  interactions: Interactions,
  positions: Int32Array,
): Interactions {
  const take = <T extends Int32Array | Float32Array | Float64Array>(column: T): T => {
    const taken = new (column.constructor as new (length: number) => T)(positions.length);
    for (let at = 0; at < positions.length; at++) taken[at] = column[positions[at]!]!;
    return taken;
  };
  return {
    users: take(interactions.users),
    items: take(interactions.items),
    values: interactions.values && take(interactions.values),
    times: interactions.times && take(interactions.times),
  };
}

/** Each user's items as sorted unique rows; shape users × items. */
export function rowsByUser({ users, items }: Interactions, userCount: number): Rows {
  return compressRows(users, items, userCount);
}

/** The same of several parts; an item is in a user's row where any of them has it. */
export function joinedRows(parts: readonly (Interactions | null)[], userCount: number): Rows {
  const present = parts.filter((part) => part !== null);
  const [first] = present;
  const pairs = present.map(({ users, items }) => ({ users, items, values: null, times: null }));
  return rowsByUser(first && present.length === 1 ? first : mergeInteractions(pairs), userCount);
}

/** The parts that are not test: train, and what the validation part holds out of it, to be ranked or not. */
export function trainAndValidation({
  train,
  validation,
}: Pick<Split, "train" | "validation">): readonly Interactions[] {
  const held = [validation?.history, validation?.targets, validation?.unrankable];
  return [train, ...held.filter((part) => part != null)];
}

/**
 * The users with training interactions, ascending. Where a formula counts or averages users it
 * means these: who is held out whole has a row, but an empty one.
 * @param train training items of each user
 */
export function trainedUsers({ indptr }: Rows): Int32Array {
  const users = Int32Array.from({ length: indptr.length - 1 }, (_, user) => user);
  return users.filter((user) => indptr[user + 1]! > indptr[user]!);
}

/** Counting sort of (row, column) pairs into rows, each row sorted and without duplicates. */
export function compressRows(rows: Int32Array, columns: Int32Array, rowCount: number): Rows {
  const indptr = new Int32Array(rowCount + 1);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    if (row < 0 || row >= rowCount) {
      throw new BadInputError("index", `row ${row} is outside 0 … ${rowCount - 1}`);
    }
    indptr[row + 1]!++;
  }
  for (let row = 0; row < rowCount; row++) indptr[row + 1]! += indptr[row]!;
  const next = indptr.slice(0, rowCount);
  const indices = new Int32Array(rows.length);
  for (let at = 0; at < rows.length; at++) indices[next[rows[at]!]!++] = columns[at]!;
  let kept = 0;
  let begin = 0;
  for (let row = 0; row < rowCount; row++) {
    const end = indptr[row + 1]!;
    const sorted = indices.subarray(begin, end).sort();
    let previous = -1;
    for (let at = 0; at < sorted.length; at++) {
      const column = sorted[at]!;
      if (column !== previous) indices[kept++] = column;
      previous = column;
    }
    begin = end;
    indptr[row + 1] = kept;
  }
  return { indptr, indices: kept === indices.length ? indices : indices.slice(0, kept) };
}

/** The parts that there are, one after the other; values or times stay only where all of these have them. */
export function mergeInteractions(given: readonly (Interactions | null)[]): Interactions {
  const parts = given.filter((part) => part !== null);
  const total = parts.reduce((sum, part) => sum + interactionCount(part), 0);
  function joined<T extends Int32Array | Float32Array | Float64Array>(
    columns: readonly (T | null)[],
    create: (length: number) => T,
  ): T | null {
    const present = columns.filter((column) => column !== null);
    if (present.length < columns.length) return null;
    const target = create(total);
    let at = 0;
    for (const column of present) {
      target.set(column, at);
      at += column.length;
    }
    return target;
  }
  const integers = (length: number) => new Int32Array(length);
  return {
    users: joined(
      parts.map(({ users }) => users),
      integers,
    )!,
    items: joined(
      parts.map(({ items }) => items),
      integers,
    )!,
    values: joined(
      parts.map(({ values }) => values),
      (length) => new Float32Array(length),
    ),
    times: joined(
      parts.map(({ times }) => times),
      (length) => new Float64Array(length),
    ),
  };
}
