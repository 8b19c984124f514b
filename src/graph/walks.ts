/**
 * Walks of three steps from a person to an item they have not met: user u, an item h of
 * theirs, another user v who has h too, and an item i of v. The walk's weight is its
 * term in the third power of the normalised adjacency Ã = D^−½·A·D^−½,
 *
 *   w(u, h, v, i) = Ã_uh·Ã_hv·Ã_vi = 1 / (√d_u · d_h · d_v · √d_i),
 *
 * so that the weights of all walks from u to i sum to (Ã³)_ui: by LightGCN's equation 3
 * (He et al., SIGIR 2020) the factor with which e_i^(0) arrives in e_u^(3). Walks through
 * u again (v = u) are left out, because they say nothing about an item that u has not met.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { placeInRow, rowLength } from "../data/rows.ts";
import { transposeRows } from "./bipartite.ts";
import { selectRows } from "./weighted-rows.ts";

/** u → item → user → i, with its weight. */
export interface Walk {
  readonly item: number;
  readonly user: number;
  readonly weight: number;
}

/** Users of an item at whom a search looks at most: those with the fewest items, whose walks weigh most. */
const MOST_VISITED = 4096;

export class WalkFinder {
  readonly #userItems: Rows;
  /** Users of each item, the one with the fewest items first, ties by smaller index. */
  readonly #itemUsers: Rows;

  /** @param userItems items of each user, ascending */
  constructor(userItems: Rows, itemCount: number) {
    this.#userItems = userItems;
    const order = Int32Array.from({ length: userItems.indptr.length - 1 }, (_, user) => user).sort(
      (a, b) => rowLength(userItems, a) - rowLength(userItems, b) || a - b,
    );
    const { indptr, indices } = transposeRows(selectRows(userItems, order), itemCount);
    this.#itemUsers = { indptr, indices: indices.map((place) => order[place]!) };
  }

  /**
   * The walks of greatest weight from somebody to `target`, greatest first; ties go to the
   * smaller item, then to the smaller user. They are found from the users of the target with the
   * fewest items on, until no walk of the others can weigh more, or 4,096 users were looked at.
   * @param history items of the person, ascending; degrees are those of training
   * @param skips users through whom no walk may lead (the person, whoever asked to be forgotten)
   */
  strongest(
    history: Int32Array,
    target: number,
    count: number,
    skips: (user: number) => boolean,
  ): Walk[] {
    const { indptr, indices } = this.#itemUsers;
    const liked = Array.from(history, (item) => ({ item, degree: this.#degreeOf(item) }))
      .filter(({ item, degree }) => item !== target && degree > 0)
      .sort((a, b) => a.degree - b.degree || a.item - b.item);
    if (liked.length === 0 || count === 0) return [];
    const outer = 1 / Math.sqrt(history.length * Math.max(1, this.#degreeOf(target)));
    const last = Math.min(indptr[target + 1]!, indptr[target]! + MOST_VISITED);
    const found: Walk[] = [];
    const least = () => (found.length < count ? 0 : found[count - 1]!.weight);
    for (let at = indptr[target]!; at < last; at++) {
      const user = indices[at]!;
      const userDegree = rowLength(this.#userItems, user);
      // Later users have more items, so that none of their walks weighs more than this.
      if (outer / (liked[0]!.degree * userDegree) < least()) break;
      for (const { item, degree } of liked) {
        // The product of whole numbers is exact, so that equal walks weigh the same.
        const weight = outer / (degree * userDegree);
        if (weight < least()) break;
        if (placeInRow(this.#userItems, user, item) < 0 || skips(user)) continue;
        insert(found, { item, user, weight }, count);
      }
    }
    return found;
  }

  #degreeOf(item: number): number {
    return rowLength(this.#itemUsers, item);
  }
}

/** Puts a walk into its place and keeps the first `count`. */
function insert(found: Walk[], walk: Walk, count: number): void {
  const isBefore = (a: Walk, b: Walk) =>
    a.weight !== b.weight
      ? a.weight > b.weight
      : a.item !== b.item
        ? a.item < b.item
        : a.user < b.user;
  let place = found.length;
  while (place > 0 && isBefore(walk, found[place - 1]!)) place--;
  found.splice(place, 0, walk);
  found.length = Math.min(found.length, count);
}
