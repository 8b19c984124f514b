/**
 * What is known of users and items as sparse inputs of a graph network: each node
 * has the columns of its features (one for each trait of a user, one for each genre
 * of an item) and, where asked for or where nothing is known, a column of its own.
 * A learned table of one row a column turns them into vectors.
 *
 * @module
 */

import type { Rows, UserFeatures } from "../data/interactions.ts";
import type { TrainingData } from "./gradient.ts";

export const inputKinds = ["features", "ids", "both"] as const;

export type InputKind = (typeof inputKinds)[number];

/** Columns of all nodes, users first; row v holds the columns where node v has a one. */
export interface NodeInputs {
  readonly rows: Rows;
  readonly columnCount: number;
}

/** A column of text with more values than this names people rather than describes them. */
const mostValues = 64;
/** A column of numbers with more values than this is cut into bands of about equal size. */
const mostNumbers = 16;
const bandCount = 10;

/**
 * @param kind features alone, a column for each node alone, or both; a side of the graph
 *   without any features has columns for its nodes in any case
 * @returns null where every node has just a column of its own, numbered as the node
 */
export function nodeInputs(data: TrainingData, kind: InputKind): NodeInputs | null {
  const { userCount, itemCount } = data.graph;
  const users = kind === "ids" ? [] : userTraits(data.userFeatures);
  const genres = kind === "ids" ? [] : (data.itemFeatures.genres ?? []);
  const columns = new Map<string, number>();
  const columnOf = (name: string): number => {
    const known = columns.get(name) ?? columns.size;
    columns.set(name, known);
    return known;
  };
  const lists: number[][] = [];
  const hasTraits = users.length > 0;
  for (let user = 0; user < userCount; user++) {
    const traits = users.flatMap((trait) => trait(user) ?? []).map((name) => `user ${name}`);
    if (!hasTraits || kind === "both") traits.push(`user #${user}`);
    lists.push(traits.map(columnOf));
  }
  const hasGenres = genres.some((names) => names.length > 0);
  if (!hasTraits && !hasGenres) return null;
  for (let item = 0; item < itemCount; item++) {
    const names = [...new Set(genres[item])].map((name) => `genre ${name}`);
    if (!hasGenres || kind === "both") names.push(`item #${item}`);
    lists.push(names.map(columnOf));
  }
  const indptr = new Int32Array(lists.length + 1);
  lists.forEach((list, node) => {
    indptr[node + 1] = indptr[node]! + list.length;
  });
  const indices = Int32Array.from(lists.flatMap((list) => list.sort((a, b) => a - b)));
  return { rows: { indptr, indices }, columnCount: columns.size };
}

/** From a user to what a column says of them; null where it says nothing. */
type Trait = (user: number) => string | null;

function userTraits(features: UserFeatures): Trait[] {
  return Object.entries(features).flatMap(([column, values]): Trait[] => {
    const known = new Set(values.filter((value) => value !== null && value !== ""));
    const numbers = [...known].map(Number);
    const band =
      known.size > mostNumbers && numbers.every(Number.isFinite) ? bandsOf(values) : null;
    if (known.size < 2 || (!band && known.size > mostValues)) return [];
    return [
      (user) => {
        const value = values[user];
        if (value === null || value === undefined || value === "") return null;
        return `${column} ${band ? band(Number(value)) : value}`;
      },
    ];
  });
}

/** Cuts numbers at their deciles; equal numbers fall into the same band. */
function bandsOf(values: readonly (string | null)[]): (value: number) => number {
  const sorted = values
    .filter((value) => value !== null && value !== "")
    .map(Number)
    .sort((a, b) => a - b);
  const cuts = Array.from(
    { length: bandCount - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / bandCount)]!,
  );
  return (value) => cuts.filter((cut) => cut <= value).length;
}
