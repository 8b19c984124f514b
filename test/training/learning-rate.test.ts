import assert from "node:assert/strict";
import { it } from "node:test";
import { learningRateAt } from "../../src/training/learning-rate.ts";

it("the step size falls along half a cosine to a hundredth, and stays there", () => {
  const rate = (epoch: number, batch: number) =>
    learningRateAt({ learningRate: 0.4, decayEpochs: 4 }, epoch, batch, 10);
  const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-12);
  near(rate(1, 0), 0.4);
  near(rate(2, 0), 0.2 * (1 + Math.SQRT1_2));
  near(rate(3, 0), 0.2);
  near(rate(3, 5), 0.2 * (1 + Math.cos((5 / 8) * Math.PI)));
  near(rate(5, 0), 0.004);
  near(rate(900, 3), 0.004);
});

it("without epochs to fall over, the step size stays", () => {
  assert.equal(learningRateAt({ learningRate: 0.4, decayEpochs: 0 }, 700, 3, 10), 0.4);
});
