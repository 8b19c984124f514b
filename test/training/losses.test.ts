/** Every criterion by hand: two positives with scores 1 and −0.5, two items beside each. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadInputError } from "../../src/base/errors.ts";
import { readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import { lossSchema, samplingSchema } from "../../src/models/training-schema.ts";
import { createCriterion } from "../../src/training/losses.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";

const positives = [1, -0.5];
const others = [
  [0.25, 2],
  [-1, 0],
];

async function lossOf(
  hyperparameters: Record<string, unknown>,
  values: number[] | null = null,
  users = [1, 0],
) {
  return withDevice(deviceOptions[0]!, async (device) => {
    const criterion = createCriterion(
      lossSchema.parse(hyperparameters),
      samplingSchema.parse({ negativeCount: 2, ...hyperparameters }),
    );
    const tape = new Tape(device, {});
    const scores = {
      positives: tape.constant(device.upload([2], Float32Array.from(positives))),
      others: tape.constant(device.upload([2, 2], Float32Array.from(others.flat()))),
      values: values && device.upload([2], Float32Array.from(values)),
    };
    const loss = criterion(scores, { index: device.upload([2], Int32Array.from(users)), count: 3 });
    return (await readFloats(device, loss.value))[0]!;
  });
}

const softplus = (x: number) => Math.log1p(Math.exp(x));
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const total = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
/** The mean over positives of a function of a positive and the items beside it. */
const over = (f: (positive: number, beside: readonly number[]) => number) =>
  mean(positives.map((positive, row) => f(positive, others[row]!)));

const cases: readonly (readonly [string, Record<string, unknown>, number])[] = [
  ["bpr", { loss: "bpr" }, over((p, o) => mean(o.map((n) => softplus(n - p))))],
  [
    "bpr against the hardest",
    { loss: "bpr", negatives: "hard" },
    over((p, o) => softplus(Math.max(...o) - p)),
  ],
  [
    "max-margin",
    { loss: "max-margin", margin: 0.6 },
    over((p, o) => mean(o.map((n) => Math.max(0, 0.6 + n - p)))),
  ],
  ["bce", { loss: "bce" }, over((p, o) => softplus(-p) + total(o.map(softplus)))],
  ["squared", { loss: "squared" }, over((p, o) => (p - 1) ** 2 + total(o.map((n) => n * n)))],
  [
    "multinomial",
    { loss: "multinomial" },
    over((p, o) => Math.log(total([p, ...o].map(Math.exp))) - p),
  ],
  [
    "ssm",
    { loss: "ssm", temperature: 0.2 },
    over((p, o) => Math.log(total([p, ...o].map((s) => Math.exp(s / 0.2)))) - p / 0.2),
  ],
  [
    "bsl",
    { loss: "bsl", temperature: 0.2, balance: 0.8 },
    over((p, o) => 0.8 * Math.log(total(o.map((s) => Math.exp(s / 0.2)))) - p / 0.2),
  ],
];

describe("criteria", () => {
  for (const [name, hyperparameters, expected] of cases) {
    it(`${name} is what its formula says`, async () => {
      const found = await lossOf(hyperparameters);
      assert.ok(Math.abs(found - expected) < 1e-5, `${found} against ${expected}`);
    });
  }

  it("bsl takes the mean of e^(s/τ) over all positives that a user has in the batch, where it is asked to", async () => {
    const negative = over((_, o) => 0.8 * Math.log(total(o.map((s) => Math.exp(s / 0.2)))));
    const together = Math.log(mean(positives.map((s) => Math.exp(s / 0.2))));
    const settings = { loss: "bsl", temperature: 0.2, balance: 0.8 };
    const ofOne = await lossOf({ ...settings, positiveSide: "user" }, null, [2, 2]);
    assert.ok(Math.abs(ofOne - (negative - together)) < 1e-5, `${ofOne}`);
    const apart = await lossOf({ ...settings, positiveSide: "user" }, null, [2, 0]);
    assert.ok(Math.abs(apart - (negative - mean(positives) / 0.2)) < 1e-5, `${apart}`);
  });

  it("squared error asks for the ratings where there are some", async () => {
    const found = await lossOf({ loss: "squared" }, [4, 2]);
    const expected = mean([9 + 0.0625 + 4, 6.25 + 1]);
    assert.ok(Math.abs(found - expected) < 1e-5, `${found} against ${expected}`);
  });

  it("refuses losses and negatives that do not go together", () => {
    const create = (loss: string, sampling: Record<string, unknown>) =>
      createCriterion(lossSchema.parse({ loss }), samplingSchema.parse(sampling));
    assert.throws(() => create("bce", { negatives: "in-batch" }), BadInputError);
    assert.throws(() => create("bpr", { negativeCount: 0 }), /negativeCount=1/);
    assert.throws(() => create("bpr", { negatives: "hard" }), /is 1: .*set negativeCount=2/);
    assert.throws(() => create("squared", { negatives: "hard", negativeCount: 0 }), BadInputError);
    const drawnByPopularity = { negatives: "popularity", negativeCount: 0 };
    assert.throws(() => create("squared", drawnByPopularity), /negatives=popularity .*is 0/);
    create("squared", { negativeCount: 0 });
    create("bpr", { negatives: "hard", negativeCount: 2 });
    create("multinomial", { negativeCount: 0 });
    create("multinomial", { negatives: "hard" });
    create("ssm", { negativeCount: 0, negatives: "in-batch" });
  });
});
