import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { RidgeFoldIn, solveCholesky } from "../../src/models/ridge-fold-in.ts";

describe("ridge fold-in", () => {
  it("solves a hand-worked case", () => {
    // Items (1,0), (0,2), (1,1); history {0, 1}, λ = 1, no weight on the unseen:
    // (Q_SᵀQ_S + I) = diag(1 + 1, 4 + 1), Q_Sᵀ1 = (1, 2), so p = (1/2, 2/5).
    const foldIn = new RidgeFoldIn(Float32Array.of(1, 0, 0, 2, 1, 1), 2, {
      regularisation: 1,
      unseenWeight: 0,
    });
    const history = Int32Array.of(0, 1);
    const vector = foldIn.vector(history);
    assert.ok(Math.abs(vector[0]! - 0.5) < 1e-7 && Math.abs(vector[1]! - 0.4) < 1e-7);
    // Item 2 scores 1/2 + 2/5, of which the first history item carries 1/2.
    const parts = foldIn.contributions(history, 2);
    assert.ok(Math.abs(parts[0]! - 0.5) < 1e-7 && Math.abs(parts[1]! - 0.4) < 1e-7);
  });

  it("the gradient of its objective vanishes at the solution", () => {
    const random = new RandomStream(3, "ridge");
    const width = 5;
    const items = Float32Array.from({ length: 30 * width }, () => random.normal());
    const options = { regularisation: 0.7, unseenWeight: 0.05 };
    const history = Int32Array.of(4, 9, 11, 28);
    const p = new RidgeFoldIn(items, width, options).vector(history);
    const score = (item: number) =>
      p.reduce((sum, value, c) => sum + value * items[item * width + c]!, 0);
    for (let c = 0; c < width; c++) {
      let slope = options.regularisation * p[c]!;
      for (let item = 0; item < 30; item++) {
        slope += options.unseenWeight * score(item) * items[item * width + c]!;
      }
      for (const item of history) slope += (score(item) - 1) * items[item * width + c]!;
      assert.ok(Math.abs(slope) < 1e-5);
    }
  });

  it("refuses a matrix that is not positive definite", () => {
    assert.throws(
      () => solveCholesky(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1)),
      /definite/,
    );
  });
});
