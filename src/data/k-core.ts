/**
 * The (a, b)-core of the user–item graph: the largest part in which every user
 * has at least a items and every item at least b users (Seidman, "Network
 * structure and minimum degree", Social Networks 1983, for two kinds of node).
 * Found by peeling (Batagelj & Zaveršnik, "An O(m) algorithm for cores
 * decomposition of networks", 2003): each interaction is removed at most once.
 *
 * @module
 */

import { type Groups, groupPositions } from "./grouping.ts";
import { type Interactions, interactionCount } from "./interactions.ts";
import type { Tally } from "./removal.ts";

/** What is still there while filters run: one byte each, 1 = alive. */
export interface Survivors {
  readonly interactions: Uint8Array;
  readonly users: Uint8Array;
  readonly items: Uint8Array;
}

/** How many are alive. */
export function tallyOf({ interactions, users, items }: Survivors): Tally {
  const alive = (marks: Uint8Array) => marks.reduce((sum, mark) => sum + mark, 0);
  return { interactions: alive(interactions), users: alive(users), items: alive(items) };
}

/**
 * Takes away, to the fixed point, users with fewer than `minPerUser` living interactions and
 * items with fewer than `minPerItem`, with their interactions. Pairs must not be repeated.
 * Changes `survivors` in place.
 */
export function peel(
  interactions: Interactions,
  survivors: Survivors,
  minPerUser: number,
  minPerItem: number,
): void {
  const { users, items } = interactions;
  const userCount = survivors.users.length;
  const userDegree = new Int32Array(userCount);
  const itemDegree = new Int32Array(survivors.items.length);
  for (let at = 0; at < interactionCount(interactions); at++) {
    if (survivors.interactions[at] === 0) continue;
    userDegree[users[at]!]!++;
    itemDegree[items[at]!]!++;
  }

  // Nodes that fell below their bound: users as they are, items after the users.
  const fallen = new Int32Array(userCount + survivors.items.length);
  let fallenCount = 0;
  const fell = (alive: Uint8Array, node: number, offset: number) => {
    alive[node] = 0;
    fallen[fallenCount++] = offset + node;
  };
  for (let user = 0; user < userCount; user++) {
    if (survivors.users[user] === 1 && userDegree[user]! < minPerUser) {
      fell(survivors.users, user, 0);
    }
  }
  for (let item = 0; item < itemDegree.length; item++) {
    if (survivors.items[item] === 1 && itemDegree[item]! < minPerItem) {
      fell(survivors.items, item, userCount);
    }
  }

  const removeAround = (
    groups: Groups,
    node: number,
    others: Int32Array,
    otherDegree: Int32Array,
    otherAlive: Uint8Array,
    otherMinimum: number,
    otherOffset: number,
  ) => {
    for (let at = groups.indptr[node]!; at < groups.indptr[node + 1]!; at++) {
      const position = groups.positions[at]!;
      if (survivors.interactions[position] === 0) continue;
      survivors.interactions[position] = 0;
      const other = others[position]!;
      otherDegree[other]!--;
      if (otherAlive[other] === 1 && otherDegree[other]! < otherMinimum) {
        fell(otherAlive, other, otherOffset);
      }
    }
  };
  // Grouping costs four bytes an interaction and side, so each side is grouped when first needed.
  let byUser: Groups | null = null;
  let byItem: Groups | null = null;
  for (let next = 0; next < fallenCount; next++) {
    const node = fallen[next]!;
    if (node < userCount) {
      if (userDegree[node] === 0) continue;
      byUser ??= groupPositions(users, userCount);
      removeAround(byUser, node, items, itemDegree, survivors.items, minPerItem, userCount);
    } else {
      const item = node - userCount;
      if (itemDegree[item] === 0) continue;
      byItem ??= groupPositions(items, survivors.items.length);
      removeAround(byItem, item, users, userDegree, survivors.users, minPerUser, 0);
    }
  }
}
