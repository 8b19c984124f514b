import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RandomStream } from "../../src/base/random.ts";
import { normalTail, studentTail } from "../../src/evaluation/distributions.ts";
import {
  holmCorrection,
  pairedTTest,
  randomisationTest,
  wilcoxonSignedRank,
} from "../../src/evaluation/paired-tests.ts";

/** Figures of SciPy 1.17.1; the command stands beside each. */
function near(actual: number, expected: number, relative = 1e-10): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not ${expected}`,
  );
}

/** Ten users, two of the sizes shared. */
const ties = Float64Array.of(0.1, -0.05, 0.2, 0.1, 0.25, -0.05, 0.15, 0.35, 0.07, 0.3);

/** Twelve users, no size shared. */
const twelve = Float64Array.of(1.1, -0.2, 0.35, 2.4, -0.9, 0.7, 1.6, -1.3, 0.05, 0.5, 3.1, -0.45);

/** np.array([((7*i)%13-5)/4 for i in range(80)]): many shared sizes, six zeros. */
const eighty = Float64Array.from({ length: 80 }, (_, at) => (((7 * at) % 13) - 5) / 4);

describe("tails of distributions", () => {
  it("are SciPy's: stats.norm.sf(z)", () => {
    const expected = [
      [0, 0.5],
      [0.5, 0.3085375387259869],
      [1.96, 0.024997895148220435],
      [5, 2.866515718791933e-7],
      [10, 7.61985302416047e-24],
      [-1.2, 0.8849303297782918],
    ] as const;
    for (const [z, p] of expected) near(normalTail(z), p);
  });

  it("are SciPy's: stats.t.sf(t, df)", () => {
    const expected = [
      [0, 3, 0.5],
      [1, 1, 0.25],
      [2.5, 4, 0.03338327240599407],
      [2, 30, 0.027312522481491547],
      [-1.5, 7, 0.911350756505015],
      [4.2, 9999, 1.3461490588951267e-5],
      [12, 3, 0.0006225079003946681],
    ] as const;
    for (const [t, degrees, p] of expected) near(studentTail(t, degrees), p);
  });
});

describe("the paired t test", () => {
  it("is SciPy's: stats.ttest_1samp(d, 0)", () => {
    const ten = pairedTTest(ties);
    near(ten.statistic, 3.3087940039563897);
    near(ten.p, 0.009101390913761167);
    near(pairedTTest(twelve).p, 0.15234097505539693);
    near(pairedTTest(eighty).statistic, 2.2184158416668645);
    near(pairedTTest(eighty).p, 0.029397329072185056);
  });

  it("says what can be said of differences without spread, and of too few", () => {
    assert.equal(pairedTTest(new Float64Array(5)).p, 1);
    assert.deepEqual(pairedTTest(Float64Array.of(0.5, 0.5)), {
      statistic: Infinity,
      p: 0,
      exact: false,
    });
    assert.ok(Number.isNaN(pairedTTest(Float64Array.of(1)).p));
  });
});

describe("Wilcoxon's signed-rank test", () => {
  it("is SciPy's exact one: stats.wilcoxon(d, method='exact')", () => {
    assert.deepEqual(wilcoxonSignedRank(twelve), {
      statistic: 56,
      p: 0.20361328125,
      exact: true,
    });
  });

  it("counts every pattern where sizes are shared: method=stats.PermutationMethod()", () => {
    assert.deepEqual(wilcoxonSignedRank(ties), { statistic: 52, p: 0.009765625, exact: true });
  });

  it("shares the rank of sizes that differ in their last bits alone", () => {
    // 0.3 − 0.2 is a little less than 0.1.
    assert.equal(wilcoxonSignedRank(Float64Array.of(0.3 - 0.2, -0.1, 0.5)).statistic, 1.5 + 3);
  });

  it("is SciPy's approximation with ties: method='asymptotic', correction=False", () => {
    const { statistic, p, exact } = wilcoxonSignedRank(eighty);
    assert.equal(statistic, 1780);
    near(p, 0.033932711308950626);
    assert.equal(exact, false);
  });

  it("counts as brute force does", () => {
    const differences = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(differences, (values) => {
        const moved = values.filter((value) => value !== 0);
        const ranks = moved.map((value) => {
          const size = Math.abs(value);
          const smaller = moved.filter((other) => Math.abs(other) < size).length;
          const equal = moved.filter((other) => Math.abs(other) === size).length;
          return smaller + (equal + 1) / 2;
        });
        const middle = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
        const farOff = (positive: (at: number) => boolean) =>
          Math.abs(ranks.reduce((sum, rank, at) => sum + (positive(at) ? rank : 0), 0) - middle);
        const observed = farOff((at) => moved[at]! > 0);
        let extreme = 0;
        for (let pattern = 0; pattern < 2 ** moved.length; pattern++) {
          if (farOff((at) => ((pattern >> at) & 1) === 1) >= observed) extreme++;
        }
        near(
          wilcoxonSignedRank(Float64Array.from(values)).p,
          Math.min(1, extreme / 2 ** moved.length),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe("the randomisation test", () => {
  it("tries all patterns of few differences: stats.permutation_test(permutation_type='samples', n_resamples=np.inf)", () => {
    const { statistic, p, exact } = randomisationTest(ties, { seed: 1 });
    near(statistic, 0.142);
    assert.deepEqual([p, exact], [0.013671875, true]);
    assert.equal(randomisationTest(twelve, { seed: 1 }).p, 0.1591796875);
  });

  it("draws patterns of many, near SciPy's 200,000: 0.0322", () => {
    const { p, exact } = randomisationTest(eighty, { seed: 1, patterns: 20_000 });
    // Five deviations of 20,000 draws.
    assert.ok(Math.abs(p - 0.0322) < 5 * Math.sqrt((0.0322 * 0.9678) / 20_000), String(p));
    assert.equal(exact, false);
    assert.equal(randomisationTest(eighty, { seed: 1, patterns: 20_000 }).p, p, "same seed");
    assert.notEqual(randomisationTest(eighty, { seed: 2, patterns: 20_000 }).p, p);
  });

  it("agrees with the t test on many users, as Smucker et al. found", () => {
    const random = new RandomStream(5, "differences");
    for (const shift of [0, 0.004, 0.008]) {
      const many = Float64Array.from({ length: 1003 }, () => shift + 0.1 * random.normal());
      const { p } = randomisationTest(many, { seed: 3 });
      const expected = pairedTTest(many).p;
      assert.ok(
        Math.abs(p - expected) < 5 * Math.sqrt((expected * (1 - expected)) / 10_000) + 0.002,
      );
    }
  });

  it("is never 0 where patterns are drawn, and 1 where nothing differs", () => {
    const clear = Float64Array.from({ length: 100 }, () => 1);
    assert.equal(randomisationTest(clear, { seed: 1, patterns: 1000 }).p, 0.001);
    assert.equal(randomisationTest(new Float64Array(9), { seed: 1 }).p, 1);
  });
});

describe("Holm's correction", () => {
  it("is statsmodels': multipletests(p, method='holm')", () => {
    const expected = [0.04, 0.09, 0.09, 0.025, 0.6];
    holmCorrection([0.01, 0.04, 0.03, 0.005, 0.6]).forEach((p, at) => {
      near(p, expected[at]!);
    });
  });

  it("leaves out what has no p", () => {
    assert.deepEqual(holmCorrection([0.02, Number.NaN, 0.04]), [0.04, Number.NaN, 0.04]);
    assert.deepEqual(holmCorrection([0.9, 0.8]), [1, 1]);
  });
});
