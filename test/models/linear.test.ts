/** EASE and SLIM against their definitions. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findModel } from "../../src/models/registry.ts";
import { fitModel } from "../../src/training/fit.ts";
import { solve } from "./dense-solve.ts";
import { splitOf, tasteWorld, trainingContext } from "./small-world.ts";

const [users, items] = [60, 34];
const world = tasteWorld(users, items, 8, 5);
const everyItem = Int32Array.from({ length: items }, (_, item) => item);

async function fitted(name: string, settings: Record<string, unknown>) {
  const model = findModel(name);
  const context = trainingContext(world, splitOf(world));
  return (await fitModel(model, model.hyperparameters.parse(settings), context)).recommender;
}

/** XᵀX */
function gram(): number[][] {
  const rows = Array.from({ length: users }, () => new Array<number>(items).fill(0));
  world.interactions.users.forEach((user, at) => {
    rows[user]![world.interactions.items[at]!] = 1;
  });
  return Array.from({ length: items }, (_, i) =>
    Array.from({ length: items }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
}

/** W[·, j] as the recommender explains it. */
async function weightsOf(name: string, settings: Record<string, unknown>) {
  const recommender = await fitted(name, settings);
  const columns: number[][] = [];
  for (const target of everyItem) {
    columns.push([...((await recommender.explain(everyItem, target)) ?? [])]);
  }
  return columns;
}

describe("EASE", () => {
  /** Each column by its own normal equations: item j fitted from the others with the ridge λ. */
  function ridge(lambda: number): number[][] {
    const g = gram();
    return g.map((line, j) => {
      const others = [...line.keys()].filter((item) => item !== j);
      const system = others.map((a) => others.map((b) => g[a]![b]! + (a === b ? lambda : 0)));
      const w = solve(
        system,
        others.map((a) => g[a]![j]!),
      );
      return line.map((_, item) => (item === j ? 0 : w[others.indexOf(item)]!));
    });
  }

  it("is the ridge regression of every item on the others", async () => {
    const expected = ridge(7.5);
    const found = await weightsOf("ease", { regularisation: 7.5 });
    found.flat().forEach((value, at) => {
      assert.ok(Math.abs(value - expected.flat()[at]!) < 1e-5);
    });
    assert.ok(expected.flat().some((value) => value < -0.01));
  });

  it("keeps the largest weights by size where it is told to", async () => {
    const expected = ridge(7.5);
    const found = await weightsOf("ease", { regularisation: 7.5, weights: 6 });
    found.forEach((line, target) => {
      const sizes = expected[target]!.map(Math.abs).sort((a, b) => b - a);
      line.forEach((value, item) => {
        const whole = expected[target]![item]!;
        const kept = Math.abs(whole) > (sizes[5]! + sizes[6]!) / 2;
        assert.ok(Math.abs(value - (kept ? whole : 0)) < 1e-5);
      });
      assert.equal(line.filter((value) => value !== 0).length, 6);
    });
  });
});

describe("SLIM", () => {
  it("meets the optimality conditions of scikit-learn's ElasticNet", async () => {
    const [alpha, rho] = [0.02, 0.3];
    const g = gram();
    const [l1, l2] = [users * alpha * rho, users * alpha * (1 - rho)];
    const settings = { alpha, l1Ratio: rho, tolerance: 1e-8, sweeps: 1000 };
    const found = await weightsOf("slim", settings);
    let zeros = 0;
    found.forEach((w, j) => {
      w.forEach((value, i) => {
        if (i === j) {
          assert.equal(value, 0);
          return;
        }
        // x_iᵀ(x_j − X·w) − l2·w_i is l1 where w_i > 0, and no more where w_i = 0.
        const pull = g[i]![j]! - w.reduce((sum, other, k) => sum + g[i]![k]! * other, 0);
        assert.ok(value >= 0);
        if (value > 0) assert.ok(Math.abs(pull - l2 * value - l1) < 1e-4);
        else assert.ok(pull <= l1 + 1e-4);
        if (value === 0) zeros++;
      });
    });
    assert.ok(zeros > items * 10 && zeros < items * (items - 2));
  });

  it("keeps the k largest of the same weights", async () => {
    const settings = { alpha: 0.01, l1Ratio: 0.1, tolerance: 1e-8, sweeps: 1000 };
    const all = await weightsOf("slim", settings);
    const some = await weightsOf("slim", { ...settings, weights: 3 });
    some.forEach((line, target) => {
      const third = [...all[target]!].sort((a, b) => b - a)[2]!;
      assert.deepEqual(
        line,
        all[target]!.map((value) => (value >= third ? value : 0)),
      );
    });
  });
});
