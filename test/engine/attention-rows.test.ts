import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Device, readFloats } from "../../src/engine/device.ts";
import * as operators from "../../src/engine/operators/index.ts";
import { Tape } from "../../src/engine/tape.ts";
import { emptyRowSet, uploadAdjacency } from "../../src/graph/bipartite.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { deviceOptions, withDevice } from "./devices.ts";
import { assertClose, floats, stream } from "./numbers.ts";

const graph = randomGraph(13, 17, 0.25, 3);
const [nodes, width, heads] = [graph.nodeCount, 8, 2] as const;
/** Nodes of the batch, one of them twice. */
const chosen = Int32Array.of(6, 4, 6, 11, 20);

/** Output rows of the batch, and the gradients of a loss that reads these alone. */
async function batchOf(device: Device, saved: boolean, apply: "attend" | "sparseProduct") {
  const index = device.upload([chosen.length], chosen);
  const set = emptyRowSet(device, nodes, chosen.length);
  device.kernels.collectRows(set, [{ index, offset: 0 }]);
  const parameters = Object.fromEntries(
    Object.entries({ z: width, scores: 2 * heads }).map(([name, columns], at) => {
      const value = device.upload([nodes, columns], floats(stream(at), nodes * columns));
      return [name, { value, gradient: device.allocate([nodes, columns]) }];
    }),
  );
  const tape = new Tape(device, parameters);
  const [z, scores] = [tape.parameters.z!, tape.parameters.scores!];
  const adjacency = uploadAdjacency(device, graph, true);
  const ones = device.upload([nodes], floats(stream(5), nodes));
  const sparse = { matrix: adjacency, transposed: adjacency, rowScale: ones, columnScale: null };
  const rows = saved ? set : null;
  const out =
    apply === "attend"
      ? operators.attend(adjacency, z, scores, rows)
      : operators.sparseProduct(sparse, z, rows);
  const read = operators.gatherRows(out, index);
  const weights = tape.constant(
    device.upload(read.value.shape, floats(stream(7), read.value.size)),
  );
  tape.backward([operators.sum(operators.multiply(read, weights))]);
  return {
    rows: await readFloats(device, read.value),
    z: await readFloats(device, parameters.z!.gradient),
    scores: await readFloats(device, parameters.scores!.gradient),
  };
}

for (const options of deviceOptions) {
  describe(`rows of a batch with ${JSON.stringify(options)}`, () => {
    for (const apply of ["attend", "sparseProduct"] as const) {
      it(`${apply} computes them as the whole, and takes the gradient from them`, async () => {
        await withDevice(options, async (device) => {
          const whole = await batchOf(device, false, apply);
          const part = await batchOf(device, true, apply);
          assert.deepEqual(part.rows, whole.rows);
          assert.ok(whole.z.some((slope) => slope !== 0));
          assertClose(part.z, whole.z, 1e-6, "z");
          assertClose(part.scores, whole.scores, 1e-6, "scores");
        });
      });
    }
  });
}
