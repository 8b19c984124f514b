import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { philox, RandomStream } from "../../src/base/random.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { readFloats, readIntegers } from "../../src/engine/device.ts";
import { aliasTable, PairSampler } from "../../src/training/sampling.ts";
import { UserSampler } from "../../src/training/user-sampling.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { candidatesOf } from "../training/candidates-of.ts";
import { deviceOptions, withDevice } from "./devices.ts";

const graph = randomGraph(40, 30, 0.2, 5);
const defaults = {
  seed: 1,
  positives: "interaction",
  negativeCount: 1,
  ratings: false,
  popularityExponent: null,
  candidates: null,
} as const;

async function draw(
  threads: number,
  options: Partial<ConstructorParameters<typeof PairSampler>[2]>,
  epoch: number,
) {
  return withDevice({ threads }, async (device) => {
    const sampler = new PairSampler(device, graph, { ...defaults, ...options });
    const { users, positives, negatives } = sampler.batch(epoch, 0, sampler.epochLength);
    return {
      users: await readIntegers(device, users),
      positives: await readIntegers(device, positives),
      negatives: await readIntegers(device, negatives!),
    };
  });
}

function seenBy(user: number): Set<number> {
  const { indptr, indices } = graph.userItems;
  return new Set(indices.subarray(indptr[user], indptr[user + 1]));
}

describe("triple sampling", () => {
  it("visits every interaction exactly once an epoch", async () => {
    const { users, positives } = await draw(1, {}, 1);
    const pairs = Array.from(users, (user, at) => `${user} ${positives[at]}`);
    assert.equal(new Set(pairs).size, graph.edgeCount);
    users.forEach((user, at) => {
      assert.ok(seenBy(user).has(positives[at]!));
    });
  });

  it("never draws a positive as a negative, however the negatives are drawn", async () => {
    for (const popularityExponent of [null, 0.75, 2]) {
      for (const positives of ["interaction", "user"] as const) {
        const batch = await draw(2, { popularityExponent, positives }, 3);
        batch.users.forEach((user, at) => {
          const negative = batch.negatives[at]!;
          assert.ok(negative >= 0 && negative < graph.itemCount);
          assert.ok(!seenBy(user).has(negative));
          assert.ok(seenBy(user).has(batch.positives[at]!));
        });
      }
    }
  });

  it("depends on seed and epoch, and not on the number of threads", async () => {
    const one = await draw(1, {}, 1);
    assert.deepEqual(await draw(3, {}, 1), one);
    assert.notDeepEqual(await draw(1, {}, 2), one);
    assert.notDeepEqual(await draw(1, { seed: 2 }, 1), one);
  });

  it("draws several negatives beside each positive, all different draws, or none", async () => {
    const { users, negatives } = await draw(2, { negativeCount: 5 }, 1);
    assert.equal(negatives.length, 5 * users.length);
    negatives.forEach((negative, at) => {
      assert.ok(!seenBy(users[Math.floor(at / 5)]!).has(negative));
    });
    const rows = Array.from(users, (_, at) => new Set(negatives.subarray(5 * at, 5 * at + 5)).size);
    assert.ok(rows.filter((distinct) => distinct > 1).length > 0.9 * rows.length);
    await withDevice({ threads: 1 }, async (device) => {
      const sampler = new PairSampler(device, graph, { ...defaults, negativeCount: 0 });
      assert.equal(sampler.batch(1, 0, 8).negatives, null);
    });
  });

  it("draws from a user's candidates alone, and from all items where there are none", async () => {
    const candidates = await candidatesOf(graph);
    const own = (user: number) =>
      candidates.indices.subarray(candidates.indptr[user], candidates.indptr[user + 1]);
    const only = { indptr: candidates.indptr, indices: candidates.indices };
    const { users, negatives } = await draw(2, { candidates: only, negativeCount: 2 }, 1);
    negatives.forEach((negative, at) => {
      assert.ok(own(users[Math.floor(at / 2)]!).includes(negative));
    });
    for (let user = 0; user < graph.userCount; user++) {
      assert.ok(own(user).every((item) => !seenBy(user).has(item)));
    }
    const none = { indptr: new Int32Array(graph.userCount + 1), indices: new Int32Array(0) };
    const free = await draw(1, { candidates: none }, 1);
    assert.deepEqual(free.negatives, (await draw(1, {}, 1)).negatives);
  });

  it("draws the share of negatives that is asked for from the candidates, the others from all", async () => {
    // One candidate a user: the least item that they have not seen.
    const least = Int32Array.from({ length: graph.userCount }, (_, user) => {
      let item = 0;
      while (seenBy(user).has(item)) item++;
      return item;
    });
    const candidates = {
      indptr: Int32Array.from({ length: 41 }, (_, user) => user),
      indices: least,
    };
    const count = 40;
    const options = { candidates, candidateShare: 0.25, negativeCount: count };
    const { users, negatives } = await draw(2, options, 1);
    let near = 0;
    let expected = 0;
    let variance = 0;
    users.forEach((user, at) => {
      // A uniform draw meets the candidate too.
      const chance = 0.25 + 0.75 / (graph.itemCount - seenBy(user).size);
      expected += count * chance;
      variance += count * chance * (1 - chance);
      for (const negative of negatives.subarray(at * count, (at + 1) * count)) {
        assert.ok(!seenBy(user).has(negative));
        if (negative === least[user]) near++;
      }
    });
    assert.ok(Math.abs(near - expected) < 5 * Math.sqrt(variance), `${near} against ${expected}`);
  });

  it("carries the rating of each pair", async () => {
    const rated = { ...graph, values: Float32Array.from(graph.userItems.indices, (i) => i / 4) };
    await withDevice({ threads: 2 }, async (device) => {
      const sampler = new PairSampler(device, rated, { ...defaults, ratings: true });
      const { positives, values } = sampler.batch(1, 3, 20);
      const items = await readIntegers(device, positives);
      assert.deepEqual(
        await readFloats(device, values!),
        Float32Array.from(items, (item) => item / 4),
      );
      assert.throws(
        () => new PairSampler(device, graph, { ...defaults, ratings: true }),
        /targets=ones/,
      );
    });
  });

  it("draws unseen items of a user about equally often", async () => {
    const counts = new Map<number, number>();
    for (let epoch = 1; epoch <= 400; epoch++) {
      const { users, negatives } = await drawCached(epoch);
      users.forEach((user, at) => {
        if (user === 0) counts.set(negatives[at]!, (counts.get(negatives[at]!) ?? 0) + 1);
      });
    }
    const free = graph.itemCount - seenBy(0).size;
    const mean = (400 * seenBy(0).size) / free;
    assert.equal(counts.size, free);
    for (const count of counts.values()) assert.ok(Math.abs(count - mean) < 6 * Math.sqrt(mean));
  });
});

let cached: Promise<{
  sampler: PairSampler;
  device: Awaited<ReturnType<typeof createCpuDevice>>;
}>;
async function drawCached(epoch: number) {
  cached ??= createCpuDevice({ threads: 1 }).then((device) => ({
    device,
    sampler: new PairSampler(device, graph, defaults),
  }));
  const { sampler, device } = await cached;
  const mark = device.mark();
  const { users, negatives } = sampler.batch(epoch, 0, sampler.epochLength);
  const drawn = {
    users: await readIntegers(device, users),
    negatives: await readIntegers(device, negatives!),
  };
  device.release(mark);
  return drawn;
}

describe("user sampling", () => {
  it("visits everybody with a history once an epoch, in another order each time", async () => {
    await withDevice({ threads: 1 }, async (device) => {
      const sampler = new UserSampler(device, graph, 1);
      const order = async (epoch: number) => [
        ...(await readIntegers(device, sampler.batch(epoch, 0, 7).users)),
        ...(await readIntegers(device, sampler.batch(epoch, 7, sampler.epochLength - 7).users)),
      ];
      const first = await order(1);
      const active = Array.from({ length: graph.userCount }, (_, user) => user).filter(
        (user) => seenBy(user).size > 0,
      );
      assert.deepEqual(
        first.toSorted((a, b) => a - b),
        active,
      );
      assert.notDeepEqual(await order(2), first);
      assert.deepEqual(await order(1), first);
    });
  });
});

describe("alias table", () => {
  it("gives every place its share", () => {
    const weights = Float64Array.from([5, 1, 0, 3, 1]);
    const { probability, other } = aliasTable(weights);
    const share = new Float64Array(5);
    probability.forEach((kept, place) => {
      share[place]! += kept / 5;
      share[other[place]!]! += (1 - kept) / 5;
    });
    share.forEach((value, place) => {
      assert.ok(Math.abs(value - weights[place]! / 10) < 1e-6);
    });
  });
});

for (const options of deviceOptions) {
  describe(`random tables with ${JSON.stringify(options)}`, () => {
    it("are Philox by element, through Box–Muller", async () => {
      await withDevice(options, async (device) => {
        const table = device.allocate([1001]);
        device.kernels.fillNormal(table, 0.1, 7, 9);
        const values = await readFloats(device, table);
        const words = new Uint32Array(4);
        philox(7, 9, 25, 0, 0, 0, words);
        const unit = (word: number) => (word + 0.5) / 2 ** 32;
        const radius = 0.1 * Math.sqrt(-2 * Math.log(unit(words[2]!)));
        const expected = radius * Math.sin(2 * Math.PI * unit(words[3]!));
        assert.ok(Math.abs(values[103]! - expected) < 1e-8);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
        assert.ok(Math.abs(mean) < 0.015);
        assert.ok(Math.abs(Math.sqrt(square) - 0.1) < 0.008);
        device.kernels.fillUniform(table, 2, 7, 9);
        const uniform = await readFloats(device, table);
        assert.ok(uniform.every((value) => Math.abs(value) <= 2));
        assert.ok(Math.max(...uniform) > 1.9 && Math.min(...uniform) < -1.9);
      });
    });
  });
}

describe("RandomStream", () => {
  it("shuffles without losing anything", () => {
    const values = Int32Array.from({ length: 50 }, (_, at) => at);
    new RandomStream(1, "shuffle").shuffle(values);
    assert.notDeepEqual(
      [...values],
      [...values].sort((a, b) => a - b),
    );
    assert.deepEqual(
      [...values].sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, at) => at),
    );
  });
});
