/**
 * Generated interaction graphs of any size, for scale tests: power-law
 * popularity and activity, and latent taste groups.
 *
 * - Both follow Zipf–Mandelbrot, weight ∝ (rank + √n)^−a, with a = 1 for users and a = 3/2 for
 *   items: near MovieLens 20M in mean, median and maximum at its size. Ranks are scattered over
 *   the indices, so that an index says nothing of popularity. With a = 3/2 the inverse of the
 *   (continuous) distribution needs no power: rank(u) = (s^−½ − u (s^−½ − (n + s)^−½))^−2 − s.
 * - Every user and every item belongs to one taste group; 7 of 10 interactions stay within the
 *   user's group. Ratings are higher there, and higher for well-liked items.
 * - A user's interactions come together, in time order; no user has an item twice.
 *
 * Memory is a few numbers a user and an item; interactions are yielded in blocks.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import type { Interactions } from "./interactions.ts";

/** Size and seed of a generated graph. */
export interface GeneratedGraph {
  readonly users: number;
  readonly items: number;
  /** Exact number of interactions; at least one a user, at most half of users × items. */
  readonly interactions: number;
  /** Taste groups; 16 by default (fewer where there are few items). */
  readonly groups?: number;
  /** 1 by default. */
  readonly seed?: number;
}

/** A block of generated interactions; values are 1 … 5, times whole Unix seconds. */
export interface GeneratedBlock extends Interactions {
  readonly values: Float32Array;
  readonly times: Float64Array;
}

/** Interactions of a block (the last one may be shorter). */
const BLOCK_LENGTH = 65_536;

/** 7/10 of interactions, in 256ths. */
const IN_GROUP_OF_256 = 179;

/** Share of the mean activity that even the least active user has. */
const LEAST_ACTIVITY = 1 / 8;

/** Draws for one interaction before the next free item is taken instead. */
const MOST_DRAWS = 16;

/** Users arrive over ten years from 1 January 2010, UTC. */
const FIRST_SECOND = 1_262_304_000;
const ARRIVAL_SECONDS = 10 * 365 * 86_400;

/** Taste group of every user and of every item. */
export interface TasteGroups {
  readonly users: Int32Array;
  readonly items: Int32Array;
}

/** Everything about a graph that is drawn before its first interaction. */
interface Plan extends TasteGroups {
  readonly graph: Required<GeneratedGraph>;
  /** Items by popularity; the item of rank r is in group r mod groups. */
  readonly itemAtRank: Int32Array;
  /** Interactions of each user. */
  readonly activity: Int32Array;
}

/**
 * Yields the interactions of a generated graph, in blocks of fresh arrays.
 * @throws BadInputError "generate" where the sizes do not fit together
 *
 * @example
 * for (const { users, items } of generateInteractions({ users: 1e5, items: 2e4, interactions: 1e7 })) …
 */
export function* generateInteractions(sizes: GeneratedGraph): Generator<GeneratedBlock> {
  const { graph, users: groupOfUser, itemAtRank, activity } = plan(sizes);
  const { items: itemCount, groups } = graph;
  const random = new RandomStream(graph.seed, "generate/interactions");
  const drawAny = rankDraw(itemCount);
  // Ranks g, g + groups, … belong to group g; the smallest group has this many.
  const drawInGroup = rankDraw(Math.floor(itemCount / groups));
  const lastUser = new Int32Array(itemCount).fill(-1);
  let left = graph.interactions;
  let block = emptyBlock(Math.min(left, BLOCK_LENGTH));
  let filled = 0;
  for (let user = 0; user < graph.users; user++) {
    const group = groupOfUser[user]!;
    let time = FIRST_SECOND + random.below(ARRIVAL_SECONDS);
    for (let rest = activity[user]!; rest > 0; rest--) {
      // One word decides where to look, how much it is liked and when the next one comes.
      const chance = random.word();
      const inGroup = (chance & 0xff) < IN_GROUP_OF_256;
      let rank = 0;
      let item = 0;
      let draws = 0;
      do {
        const within = inGroup && draws < MOST_DRAWS / 2;
        rank = within ? drawInGroup(random.word()) * groups + group : drawAny(random.word());
        item = itemAtRank[rank]!;
      } while (lastUser[item] === user && ++draws < MOST_DRAWS);
      while (lastUser[item] === user) {
        rank = rank + 1 === itemCount ? 0 : rank + 1;
        item = itemAtRank[rank]!;
      }
      lastUser[item] = user;
      block.users[filled] = user;
      block.items[filled] = item;
      block.values[filled] = rating(rank % groups === group, item, (chance >>> 8) & 0xfff);
      block.times[filled] = time;
      time += pause(chance >>> 20);
      if (++filled < block.users.length) continue;
      yield block;
      left -= filled;
      block = emptyBlock(Math.min(left, BLOCK_LENGTH));
      filled = 0;
    }
  }
}

/** The taste groups that `generateInteractions` of the same sizes and seed uses. */
export function tasteGroups(sizes: GeneratedGraph): TasteGroups {
  const { users, items } = plan(sizes);
  return { users, items };
}

function plan(sizes: GeneratedGraph): Plan {
  const graph = checkGraph(sizes);
  const groupRandom = new RandomStream(graph.seed, "generate/groups");
  const users = new Int32Array(graph.users);
  for (let user = 0; user < users.length; user++) users[user] = groupRandom.below(graph.groups);
  const itemAtRank = new RandomStream(graph.seed, "generate/items").shuffle(ascending(graph.items));
  const items = new Int32Array(graph.items);
  for (let rank = 0; rank < items.length; rank++) items[itemAtRank[rank]!] = rank % graph.groups;
  return { graph, users, items, itemAtRank, activity: drawActivity(graph) };
}

/** Interactions of each user: a floor, and the rest by Zipf–Mandelbrot; the sum is exact. */
function drawActivity(graph: Required<GeneratedGraph>): Int32Array {
  const { users, items, interactions } = graph;
  const userAtRank = new RandomStream(graph.seed, "generate/users").shuffle(ascending(users));
  const least = Math.max(1, Math.floor((LEAST_ACTIVITY * interactions) / users));
  const most = Math.floor(items / 2);
  const rest = interactions - least * users;
  const shift = Math.sqrt(users);
  const whole = Math.log((users + shift) / shift);
  const activity = new Int32Array(users);
  // What is due to the first r users; what exceeds a user's bound falls to the next ones.
  let given = 0;
  for (let rank = 0; rank < users; rank++) {
    const due = Math.round((rest * Math.log((rank + 1 + shift) / shift)) / whole);
    const own = Math.min(due - given, most - least);
    activity[userAtRank[rank]!] = least + own;
    given += own;
  }
  // Only a graph near its bound has anything left here: users with room take it.
  for (let rank = 0; given < rest; rank++) {
    const user = userAtRank[rank]!;
    const own = Math.min(rest - given, most - activity[user]!);
    activity[user]! += own;
    given += own;
  }
  return activity;
}

/** A rank in [0, n) from a 32-bit word, by Zipf–Mandelbrot with exponent 3/2. */
function rankDraw(n: number): (word: number) => number {
  const shift = Math.sqrt(n);
  const head = 1 / Math.sqrt(shift);
  const scale = (head - 1 / Math.sqrt(n + shift)) / 0x100000000;
  return (word) => {
    const root = head - word * scale;
    return Math.min(Math.floor(1 / (root * root) - shift), n - 1);
  };
}

/** 1 … 5: higher within the user's taste, higher for well-liked items, and a little noise. */
function rating(inTaste: boolean, item: number, noise: number): number {
  // A quality of 0 … 1 that is a fixed hash of the item (Fibonacci hashing).
  const quality = (Math.imul(item, 0x9e3779b1) >>> 8) / 0x1000000;
  // The sum of two uniform numbers has a triangular distribution on −1 … 1.
  const spread = ((noise & 0x3f) + (noise >>> 6)) / 63 - 1;
  const liking = (inTaste ? 3.9 : 2.9) + 1.2 * (quality - 0.5) + 1.5 * spread;
  return Math.min(Math.max(Math.round(liking), 1), 5);
}

/** Seconds until a user's next interaction, from 12 random bits: mostly under a minute, at times days. */
function pause(bits: number): number {
  const [sitting, length] = [bits & 0x1f, bits >>> 5];
  return sitting === 0 ? 43_200 + length * 8_640 : 5 + (length >> 1);
}

function ascending(count: number): Int32Array {
  const values = new Int32Array(count);
  for (let at = 0; at < count; at++) values[at] = at;
  return values;
}

function emptyBlock(length: number): GeneratedBlock {
  return {
    users: new Int32Array(length),
    items: new Int32Array(length),
    values: new Float32Array(length),
    times: new Float64Array(length),
  };
}

function checkGraph(sizes: GeneratedGraph): Required<GeneratedGraph> {
  const { users, items, interactions, seed = 1 } = sizes;
  const groups = sizes.groups ?? Math.max(1, Math.min(16, Math.floor(items / 4)));
  for (const [name, value] of Object.entries({ users, items, interactions, groups })) {
    if (Number.isSafeInteger(value) && value >= 1 && value < 2 ** 31) continue;
    throw new BadInputError(
      "generate",
      `${name}: found ${value}, expected a whole number from 1 to below 2^31`,
    );
  }
  if (groups > items) {
    throw new BadInputError(
      "generate",
      `${groups} taste groups need as many items, found ${items}`,
    );
  }
  const most = users * Math.floor(items / 2);
  if (interactions < users || interactions > most) {
    throw new BadInputError(
      "generate",
      `interactions: found ${interactions}, expected ${users} (one a user) to ${most} (half of ` +
        `users × items); change users or items`,
    );
  }
  return { users, items, interactions, groups, seed };
}
