/**
 * Ratios that a change must not lose. Seconds depend on the machine; how many times faster the
 * kernels are than plain JavaScript, in turn on the same graph, does not. The bound is far below
 * what is usual, so that only a loss of kind fails: scalar code, a missed fusion, a stuck thread.
 */

import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { checkLosses } from "../../bench/ours/check-losses.ts";
import { PlainLightgcn } from "../../bench/plain-lightgcn.ts";
import { ratio } from "../../bench/rounds.ts";
import { RandomStream } from "../../src/base/random.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { Trainer } from "../../src/training/trainer.ts";

const [userCount, itemCount, interactions, width, batchSize] = [1500, 1000, 30_000, 64, 2048];
/** On one thread of a quiet machine the kernels take about a tenth of the time. */
const leastRatio = 2.5;
const [attempts, rounds, stepsARound] = [3, 5, 3];

const random = new RandomStream(1, "ratio test");
const draw = (count: number, bound: number) =>
  Int32Array.from({ length: count }, () => random.below(bound));
const pairs = new Set<number>();
while (pairs.size < interactions) {
  pairs.add(random.below(userCount) * itemCount + Math.floor(random.uniform() ** 2 * itemCount));
}
const keys = [...pairs].sort((a, b) => a - b);
const train = {
  users: Int32Array.from(keys, (key) => Math.floor(key / itemCount)),
  items: Int32Array.from(keys, (key) => key % itemCount),
  values: null,
  times: null,
};
const graph = buildGraph(train, userCount, itemCount);
const initial = Float32Array.from(
  { length: (userCount + itemCount) * width },
  () => 0.1 * random.normal(),
);
const check = {
  users: draw(4 * batchSize, userCount),
  positives: draw(4 * batchSize, itemCount),
  negatives: draw(4 * batchSize, itemCount),
};
const settings = lightgcn.hyperparameters.parse({ width, layers: 3, batchSize });
const data = { graph, itemFeatures: {}, userFeatures: {} };

function stepPlain(model: PlainLightgcn, step: number): number {
  const part = (column: Int32Array) =>
    column.subarray((step % 4) * batchSize, ((step % 4) + 1) * batchSize);
  return model.step(part(check.users), part(check.positives), part(check.negatives));
}

function milliseconds(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

test("plain JavaScript takes the same LightGCN steps as the engine", async () => {
  const device = await createCpuDevice({ threads: 1 });
  try {
    const neutral = { userCount, itemCount, train, initial, check };
    const engine = await checkLosses(device, lightgcn, settings, data, neutral);
    const plain = new PlainLightgcn(graph, initial);
    engine.forEach((loss, step) => {
      const found = stepPlain(plain, step);
      assert.ok(Math.abs(found - loss) < 2e-5, `step ${step + 1}: ${found} beside ${loss}`);
    });
  } finally {
    await device.close();
  }
});

test(`a LightGCN step is at least ${leastRatio} times faster than plain JavaScript`, async () => {
  const device = await createCpuDevice({ threads: 1 });
  try {
    const trainer = new Trainer(lightgcn, settings, data, device, 1);
    const plain = new PlainLightgcn(graph, initial);
    const found: number[] = [];
    let step = 0;
    const engineStep = () => trainer.step(1, step++ % trainer.batchesPerEpoch);
    for (let warm = 0; warm < 10; warm++) {
      engineStep();
      stepPlain(plain, warm);
    }
    while (found.length < attempts && !(found.at(-1)! >= leastRatio)) {
      const [ours, plains]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        for (let turn = 0; turn < stepsARound; turn++) {
          plains.push(milliseconds(() => stepPlain(plain, turn)));
          ours.push(milliseconds(engineStep));
        }
      }
      found.push(ratio(plains, ours));
    }
    await trainer.takeEpochLoss();
    assert.ok(
      found.at(-1)! >= leastRatio,
      `the engine's step was only ${found.map((x) => x.toFixed(2)).join(", ")} times faster than ` +
        "plain JavaScript; npm run bench -- guard --against HEAD~1 tells whether a commit did it",
    );
  } finally {
    await device.close();
  }
});
