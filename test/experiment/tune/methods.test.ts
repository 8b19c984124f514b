import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RandomStream } from "../../../src/base/random.ts";
import { halving, promoted, rungsOf } from "../../../src/experiment/tune/halving.ts";
import { parzen } from "../../../src/experiment/tune/parzen.ts";
import { randomSearch } from "../../../src/experiment/tune/random-search.ts";
import type { Outcome, SearchMethod } from "../../../src/experiment/tune/search-method.ts";
import type { Dimension, SearchSpace, Settings } from "../../../src/experiment/tune/space.ts";
import { tpe } from "../../../src/experiment/tune/tpe.ts";

const rate: Dimension = { kind: "real", name: "rate", low: 1e-4, high: 1, log: true, when: null };
const depth: Dimension = {
  kind: "integer",
  name: "depth",
  low: 1,
  high: 8,
  log: false,
  when: null,
};
const kind: Dimension = { kind: "choice", name: "kind", choices: ["a", "b", "c"], when: null };
const heat: Dimension = {
  ...{ kind: "real", name: "heat", low: 0, high: 1, log: false },
  when: { kind: ["b"] },
};
const space: SearchSpace = [rate, depth, kind, heat];

/** Best at rate 0.01, depth 5, kind b, heat 0.7, where it is 0. */
function score({ rate: r, depth: d, kind: k, heat: h = 0 }: Settings): number {
  const bowl = (Math.log10(Number(r)) + 2) ** 2 + ((Number(d) - 5) / 3) ** 2;
  return -bowl - (k === "b" ? 2 * (Number(h) - 0.7) ** 2 : 1.5);
}

/** Runs a method on a function (null = the trial fails) until a value is reached. */
function search(
  method: SearchMethod,
  value: (settings: Settings) => number | null,
  enough = Number.POSITIVE_INFINITY,
): Outcome[] {
  const outcomes: Outcome[] = [];
  for (;;) {
    const proposal = method.next(outcomes);
    if (proposal === null || (outcomes.at(-1)?.value ?? -Infinity) >= enough) return outcomes;
    outcomes.push({ ...proposal, value: value(proposal.settings) });
  }
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("Parzen estimators", () => {
  it("integrate to one, whatever was observed", () => {
    const log = (at: number) => Math.exp(at);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -9.2, max: 0, noNaN: true }), { maxLength: 12 }),
        (logs) => {
          const observed = logs.map((at) => Math.max(1e-4, log(at)));
          const density = parzen(rate, observed);
          // Midpoints on the logarithmic scale, on which the density is one.
          const [low, steps] = [Math.log(1e-4), 4000];
          let total = 0;
          for (let at = 0; at < steps; at++) {
            const middle = low - (low * (at + 0.5)) / steps;
            total += (Math.exp(density.logDensity(log(middle))) * -low) / steps;
          }
          assert.ok(Math.abs(total - 1) < 1e-3, String(total));
          const depths = logs.map((_, at) => 1 + (at % 8));
          const whole = parzen(depth, depths);
          const sum = mean([1, 2, 3, 4, 5, 6, 7, 8].map((d) => 8 * Math.exp(whole.logDensity(d))));
          assert.ok(Math.abs(sum - 1) < 1e-9, String(sum));
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  it("count choices once more than they were seen", () => {
    const { logDensity, draw } = parzen(kind, ["b", "b", "a"]);
    const expected = { a: 2 / 6, b: 3 / 6, c: 1 / 6 };
    const random = new RandomStream(1, "test");
    const drawn = Array.from({ length: 6000 }, () => draw(random));
    for (const [value, share] of Object.entries(expected)) {
      assert.ok(Math.abs(Math.exp(logDensity(value)) - share) < 1e-12);
      const found = drawn.filter((each) => each === value).length / drawn.length;
      assert.ok(Math.abs(found - share) < 0.02, `${value}: ${found}`);
    }
  });

  it("are densest where observations are, and draw as dense as they say", () => {
    const density = parzen(
      rate,
      Array.from({ length: 12 }, (_, at) => 0.008 + 0.0004 * at),
    );
    assert.ok(density.logDensity(0.01) > density.logDensity(0.5) + 1);
    const random = new RandomStream(1, "test");
    const drawn = Array.from({ length: 4000 }, () => Number(density.draw(random)));
    assert.ok(drawn.every((value) => value >= 1e-4 && value <= 1));
    // The share between 0.005 and 0.02, by integration and by counting.
    const [low, high] = [Math.log(0.005), Math.log(0.02)];
    const integral = mean(
      Array.from({ length: 400 }, (_, at) =>
        Math.exp(density.logDensity(Math.exp(low + ((high - low) * (at + 0.5)) / 400))),
      ),
    );
    const share = drawn.filter((value) => value >= 0.005 && value <= 0.02).length / drawn.length;
    assert.ok(Math.abs(share - integral * (high - low)) < 0.03, `${share}`);
  });
});

describe("TPE", () => {
  const seeds = Array.from({ length: 12 }, (_, at) => at + 1);
  const options = { space, start: null, trials: 80 };

  it("finds the optimum in fewer trials than random search", () => {
    const until = (method: (seed: number) => SearchMethod) =>
      mean(seeds.map((seed) => search(method(seed), score, -0.15).length));
    const [byTpe, byChance] = [
      until((seed) => tpe({ ...options, seed })),
      until((seed) => randomSearch({ ...options, seed })),
    ];
    assert.ok(byTpe < 0.75 * byChance, `${byTpe} trials by TPE, ${byChance} by chance`);
  });

  it("begins as random search does, then does not", () => {
    const [a, b] = [tpe, randomSearch].map((method) =>
      search(method({ ...options, trials: 14, seed: 3 }), score).map(({ settings }) => settings),
    );
    assert.deepEqual(a?.slice(0, 10), b?.slice(0, 10));
    assert.notDeepEqual(a, b);
  });

  it("keeps away from settings that fail", () => {
    const outcomes = search(tpe({ ...options, trials: 60, seed: 1 }), (settings) =>
      settings.kind === "b" ? null : score(settings),
    );
    const failed = (from: number, to: number) =>
      outcomes.slice(from, to).filter(({ value }) => value === null).length;
    assert.ok(failed(20, 60) < 40 / 3 / 2, `${failed(20, 60)} of 40 failed`);
  });

  it("is the same from any point on, and differs by seed", () => {
    const whole = search(tpe({ ...options, trials: 30, seed: 5 }), score);
    for (const cut of [0, 3, 10, 11, 29]) {
      const next = tpe({ ...options, trials: 30, seed: 5 }).next(whole.slice(0, cut));
      assert.deepEqual(next?.settings, whole[cut]?.settings);
    }
    const longer = search(tpe({ ...options, trials: 40, seed: 5 }), score);
    assert.deepEqual(longer.slice(0, 30), whole, "more trials change none before");
    assert.notDeepEqual(search(tpe({ ...options, trials: 30, seed: 6 }), score), whole);
  });

  it("tries the defaults first, and nothing twice", () => {
    const small: SearchSpace = [{ ...depth, high: 3 }, kind];
    const start = { depth: 2, kind: "c" };
    const found = search(tpe({ space: small, start, trials: 50, seed: 1 }), score);
    assert.deepEqual(found[0]?.settings, start);
    assert.equal(new Set(found.map(({ settings }) => JSON.stringify(settings))).size, 9);
    assert.equal(found.length, 9, "and ends when nothing is left");
  });
});

describe("successive halving", () => {
  it("has a share of the settings and a multiple of the epochs in each rung", () => {
    assert.deepEqual(rungsOf({ trials: 27, epochs: 90, evaluateEvery: 5, reduction: 3 }), [
      { size: 27, epochs: 10 },
      { size: 9, epochs: 30 },
      { size: 3, epochs: 90 },
    ]);
    assert.deepEqual(rungsOf({ trials: 10, epochs: 400, evaluateEvery: 5, reduction: 3 }), [
      { size: 10, epochs: 45 },
      { size: 3, epochs: 135 },
      { size: 1, epochs: 400 },
    ]);
    for (const [trials, epochs] of [
      [2, 100],
      [100, 14],
    ] as const) {
      assert.throws(
        () => rungsOf({ trials, epochs, evaluateEvery: 5, reduction: 3 }),
        /needs 3 trials or more and 15 epochs or more/,
      );
    }
  });

  it("goes on with the best, the earlier of equals, and never with failed ones", () => {
    const outcome = (configuration: number, value: number | null): Outcome => ({
      ...{ configuration, value },
      settings: {},
    });
    const outcomes = [outcome(1, 0.2), outcome(2, 0.5), outcome(3, null), outcome(4, 0.5)];
    const kept = (size: number) =>
      promoted(outcomes, size).map(({ configuration }) => configuration);
    assert.deepEqual(kept(1), [2]);
    assert.deepEqual(kept(2), [2, 4]);
    assert.deepEqual(kept(4), [2, 4, 1]);
  });

  it("makes the trials of its rungs in order, from any point on", () => {
    const make = () =>
      halving(
        { space, start: null, trials: 9, seed: 2 },
        { epochs: 36, evaluateEvery: 2, reduction: 3 },
      );
    const method = make();
    const outcomes: (Outcome & { readonly epochs: number | null })[] = [];
    // Later configurations are better, by what the first rung shows.
    for (;;) {
      const proposal = method.next(outcomes);
      if (proposal === null) break;
      assert.deepEqual(make().next(outcomes), proposal);
      outcomes.push({ ...proposal, value: proposal.configuration });
    }
    assert.deepEqual(
      outcomes.map(({ configuration, epochs }) => `${configuration}:${epochs}`),
      [
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((configuration) => `${configuration}:4`),
        ...["9:12", "8:12", "7:12", "9:36"],
      ],
    );
    assert.equal(method.work, 9 * 4 + 3 * 12 + 36);
    const going = (made: number) => [...method.mayGoOn(outcomes.slice(0, made))].sort();
    assert.deepEqual(going(5), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(going(9), [7, 8, 9]);
    assert.deepEqual(going(13), []);
    const settings = new Set(outcomes.map((each) => JSON.stringify(each.settings)));
    assert.equal(settings.size, 9);
  });

  it("ends early where every trial of a rung fails", () => {
    const method = halving(
      { space, start: null, trials: 3, seed: 2 },
      { epochs: 30, evaluateEvery: 5, reduction: 3 },
    );
    assert.equal(search(method, () => null).length, 3);
  });
});
