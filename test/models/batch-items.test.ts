/** Items of a batch laid out, or listed where the batch draws more of them than there are: the same numbers. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import { itemsOfBatch } from "../../src/models/batch-items.ts";
import { bpr } from "../../src/models/bpr.ts";
import { gmf } from "../../src/models/gmf.ts";
import { grmf } from "../../src/models/grmf.ts";
import { mf } from "../../src/models/mf.ts";
import { vectorScores } from "../../src/models/vector-scores.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { checkGradients } from "./pair-gradients.ts";

const table = [1, 2, -1, 0.5, 0.25, 3];
const values = [1, 2, -1, 0.5, 0.25, 3, 2, -2, 4, 4];

for (const options of deviceOptions) {
  describe(`items of a batch with ${JSON.stringify(options)}`, () => {
    for (const [drawn, listed] of [
      [[2, 0], false],
      [[2, 1, 0, 2], true],
    ] as const) {
      it(`scores and the penalty of ${drawn.length} negatives among three items, by hand`, async () => {
        await withDevice(options, async (device) => {
          const index = (numbers: readonly number[], shape = [numbers.length]) =>
            device.upload(shape, Int32Array.from(numbers));
          const tape = new Tape(device, {});
          const batch = {
            users: index([0, 1]),
            positives: index([1, 1]),
            negatives: index(drawn, [2, drawn.length / 2]),
            values: null,
            draw: 0,
          };
          const users = tape.constant(device.upload([2, 2], Float32Array.of(1, 1, 2, -1)));
          const items = itemsOfBatch(
            tape.constant(device.upload([3, 2], Float32Array.from(table))),
            batch,
          );
          assert.equal(items.itemTable !== undefined, listed);
          const settings = { loss: "bpr", negatives: "uniform", similarity: "dot" } as const;
          const scores = vectorScores({ users: () => users, ...items }, batch, settings);
          assert.deepEqual([...(await readFloats(device, scores.positives.value))], [-0.5, -2.5]);
          assert.deepEqual(
            [...(await readFloats(device, scores.others!.value))],
            listed ? [3.25, -0.5, 0, -2.5] : [3.25, 0],
          );
          // ‖q‖² of the three items: 5, 1.25, 9.0625; the positives are item 1 twice.
          const norm = 2.5 + (listed ? 9.0625 + 1.25 + 5 + 9.0625 : 9.0625 + 5);
          assert.deepEqual([...(await readFloats(device, items.squaredNorm().value))], [norm]);
        });
      });
    }

    for (const [model, similarity] of [bpr, mf, gmf, grmf].flatMap((model) =>
      (["dot", "cosine"] as const).map((similarity) => [model, similarity] as const),
    )) {
      it(`${model.name}, ${similarity}: the gradient equals finite differences with more negatives than items`, async () => {
        await withDevice(options, (device) =>
          checkGradients(
            device,
            model,
            { width: 2, l2: 0.3, loss: "bpr", negativeCount: 2, similarity },
            (name, size) => values.slice(name.endsWith("item") ? 4 : 0).slice(0, size),
            1 / 256,
            2,
          ),
        );
      });
    }
  });
}
