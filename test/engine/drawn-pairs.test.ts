/** The pairs that kernels draw, number by number, beside the same rules written plainly. */

import assert from "node:assert/strict";
import { it } from "node:test";
import { philox, purposeKey, RandomStream } from "../../src/base/random.ts";
import { readFloats, readIntegers } from "../../src/engine/device.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { aliasTable, PairSampler, type SamplerOptions } from "../../src/training/sampling.ts";
import { candidatesOf } from "../training/candidates-of.ts";
import { withDevice } from "./devices.ts";

const [userCount, itemCount] = [40, 90];
const random = new RandomStream(1, "drawn pairs");

/** Users of every activity: one with no item, one with all, one with all but one, one with a run of neighbouring items. */
function mixedGraph(): BipartiteGraph {
  const pairs: [number, number][] = [];
  for (let user = 0; user < userCount; user++) {
    const share = user === 3 ? 0 : user === 7 ? 1 : random.uniform() ** 2;
    const has = (item: number) => {
      if (user === 11) return item >= 40 && item < 57;
      if (user === 12) return item !== 33;
      return random.uniform() < share;
    };
    for (let item = 0; item < itemCount; item++) if (has(item)) pairs.push([user, item]);
  }
  const values = Float32Array.from(pairs, ([user, item]) => user + item / 128);
  const [users, items] = [0, 1].map((side) => Int32Array.from(pairs, (pair) => pair[side]!));
  return buildGraph({ users: users!, items: items!, values, times: null }, userCount, itemCount);
}

const graph = mixedGraph();
const itemsOf = (user: number) => {
  const { indptr, indices } = graph.userItems;
  return Array.from(indices.subarray(indptr[user], indptr[user + 1]));
};
const active = Array.from({ length: userCount }, (_, user) => user).filter((user) => {
  const { length } = itemsOf(user);
  return length > 0 && length < itemCount;
});
const pairs = active.flatMap((user) => itemsOf(user).map((item) => [user, item] as const));

/** ⌊word · bound / 2³²⌋, whose product a double holds exactly. */
const scaled = (word: number, bound: number) => Math.floor((word * bound) / 2 ** 32);

/** MurmurHash3's finaliser. */
function mixed(word: number): number {
  let value = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** A Feistel network of six rounds on the least even number of bits, until it falls below the length. */
function permuted(position: number, length: number, key0: number, key1: number): number {
  let half = 1;
  while (4 ** half < length) half++;
  let value = position;
  do {
    let [left, right] = [Math.floor(value / 2 ** half), value % 2 ** half];
    for (let round = 0; round < 6; round++) {
      const key = key0 + round * 0x9e3779b9 + (key1 ^ (round << 27));
      [left, right] = [right, left ^ (mixed((right + key) | 0) & (2 ** half - 1))];
    }
    value = left * 2 ** half + right;
  } while (value >= length);
  return value;
}

/** The batch as `PairSampler` is to draw it. */
function drawn(options: SamplerOptions, epoch: number, first: number, size: number) {
  const { seed, negativeCount, popularityExponent, candidates, candidateShare = 1 } = options;
  const unwanted = options.mayBeLiked ? () => [] : itemsOf;
  const key1 = purposeKey("triples");
  const words = new Uint32Array(4);
  const block = (...counter: [number, number, number, number]) => {
    philox(seed, key1, ...counter, words);
    return Array.from(words);
  };
  const [order0, order1] = block(epoch, 0, 0xffffffff, 0);
  const { indptr } = graph.itemUsers;
  const alias =
    popularityExponent === null
      ? null
      : aliasTable(
          Float64Array.from(
            { length: itemCount },
            (_, item) => (indptr[item + 1]! - indptr[item]!) ** popularityExponent,
          ),
        );
  const item = (a: number, b: number) => {
    const place = scaled(a, itemCount);
    if (!alias || Math.fround(b) * 2 ** -32 < alias.probability[place]!) return place;
    return alias.other[place]!;
  };
  const unseen = (position: number, lane: number, seen: readonly number[]) => {
    let last = 0;
    for (let n = 0; n < 256; n++) {
      const [a, b, c, d] = block(position, epoch, lane, n);
      for (last of [item(a!, b!), item(c!, d!)]) if (!seen.includes(last)) return last;
    }
    do last = (last + 1) % itemCount;
    while (seen.includes(last));
    return last;
  };
  const batch = { users: [] as number[], positives: [] as number[], negatives: [] as number[] };
  for (let n = 0; n < size; n++) {
    const position = first + n;
    let [user, positive] = pairs[permuted(position, pairs.length, order0!, order1!)]!;
    if (options.positives === "user") {
      const [a, b] = block(position, epoch, 0, 0);
      user = active[scaled(a!, active.length)]!;
      positive = itemsOf(user)[scaled(b!, itemsOf(user).length)]!;
    }
    batch.users.push(user);
    batch.positives.push(positive);
    const near =
      candidates?.indices.subarray(candidates.indptr[user], candidates.indptr[user + 1]) ?? [];
    for (let lane = 1; lane <= negativeCount; lane++) {
      const share = Math.round(65536 * candidateShare);
      const coin = block(position, epoch, lane, 0x80000000)[0]! >>> 16;
      const isNear = near.length > 0 && (share === 65536 || coin < share);
      const chosen = isNear
        ? near[scaled(block(position, epoch, lane, 0)[0]!, near.length)]!
        : unseen(position, lane, unwanted(user));
      batch.negatives.push(chosen);
    }
  }
  return batch;
}

const plain: SamplerOptions = {
  ...{ seed: 5, positives: "interaction", negativeCount: 2, ratings: true },
  ...{ popularityExponent: null, candidates: null },
};
const candidates = await candidatesOf(graph);
const ways: Readonly<Record<string, SamplerOptions>> = {
  "uniform negatives": plain,
  "negatives by popularity": { ...plain, popularityExponent: 0.75 },
  // Nearly all weight is on few items, so that users who have them are left to the next free one.
  "negatives by popularity³⁰": { ...plain, popularityExponent: 30 },
  "negatives that may be liked": { ...plain, mayBeLiked: true },
  "many negatives by popularity that may be liked": {
    ...{ ...plain, mayBeLiked: true, negativeCount: 43, popularityExponent: 0.75 },
  },
  "a user at random, then an item": { ...plain, positives: "user", ratings: false },
  "so many negatives that users' items are marked": { ...plain, negativeCount: 43 },
  "many negatives by popularity": { ...plain, negativeCount: 43, popularityExponent: 0.75 },
  "many negatives, half from candidates": {
    ...{ ...plain, negativeCount: 43 },
    ...{ candidates, candidateShare: 0.5 },
  },
  "half the negatives from candidates": {
    ...{ ...plain, candidates, candidateShare: 0.5 },
  },
};

for (const [name, options] of Object.entries(ways)) {
  it(`pairs are drawn by the stated rules: ${name}`, async () => {
    const expected = drawn(options, 2, 0, pairs.length);
    const lanes = options.negativeCount;
    // Whole batches, the epoch's last, and one of a pair or two.
    const batches = [
      [0, 512],
      [512, pairs.length - 512],
      [3, 1],
      [pairs.length - 2, 2],
    ] as const;
    for (const threads of [1, 3]) {
      await withDevice({ threads }, async (device) => {
        const sampler = new PairSampler(device, graph, options);
        assert.equal(sampler.epochLength, pairs.length);
        for (const [first, size] of batches) {
          const { users, positives, negatives, values } = sampler.batch(2, first, size);
          const read = async (index: Tensor) => Array.from(await readIntegers(device, index));
          const end = first + size;
          assert.deepEqual(await read(users), expected.users.slice(first, end));
          assert.deepEqual(await read(positives), expected.positives.slice(first, end));
          const others = expected.negatives.slice(first * lanes, end * lanes);
          assert.deepEqual(await read(negatives!), others);
          assert.equal(values !== null, options.ratings);
          if (!values) continue;
          const ratings = Array.from(await readFloats(device, values));
          const rating = (n: number) => expected.users[n]! + expected.positives[n]! / 128;
          ratings.forEach((found, at) => {
            assert.equal(found, rating(first + at));
          });
        }
      });
    }
  });
}
