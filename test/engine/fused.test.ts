import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { gatherRows, scale, squaredNormOfRows, sum } from "../../src/engine/operators/index.ts";
import { Adam, Sgd } from "../../src/engine/optimisers.ts";
import { Tape } from "../../src/engine/tape.ts";
import { emptyRowSet, uploadAdjacency } from "../../src/graph/bipartite.ts";
import { Propagation } from "../../src/graph/propagation.ts";
import { propagated, propagatedWithNorm } from "../../src/models/propagated.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { deviceOptions, withDevice } from "./devices.ts";
import { assertClose, floats, stream } from "./numbers.ts";

const graph = randomGraph(40, 60, 0.2, 3);
const { nodeCount } = graph;
const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 3 };

/** The nodes 4, 9, 9, 9, 30 of a batch. */
function someRows(device: Device) {
  const rows = emptyRowSet(device, nodeCount, 5);
  const index = device.upload([5], Int32Array.of(9, 4, 9, 30, 9));
  device.kernels.collectRows(rows, [{ index, offset: 0 }]);
  return rows;
}

for (const options of deviceOptions) {
  describe(`fused kernels with ${JSON.stringify(options)}`, () => {
    for (const width of [1, 19, 64, 85]) {
      it(`update a parameter as product, multiples and Adam do in turn, width ${width}`, async () => {
        await withDevice(options, async (device) => {
          const { kernels } = device;
          const adjacency = uploadAdjacency(device, graph);
          const rows = someRows(device);
          const shape = [nodeCount, width];
          const table = (seed: number) =>
            device.upload(shape, floats(stream(seed), nodeCount * width, 0.1, 1));
          const rowScale = device.upload([nodeCount], floats(stream(5), nodeCount));
          const multiples = { rows, factor: device.upload([1], Float32Array.of(0.3)) };
          const rounded = device.allocate(shape, "bf16");
          kernels.roundRows(rounded, table(4), { scale: null, rows: null });
          for (const [x, base, bias, set, own] of [
            [table(4), table(6), 0.25, rows, multiples],
            [table(4), null, 0, null, null],
            [table(4), table(7), 0.5, null, multiples],
            [rounded, table(6), 0.25, rows, multiples],
          ] as const) {
            const settings = {
              ...{ rowScale, factor: 0.7, base, bias, baseRows: set, inputRows: set },
              ...{ columnScale: null, outScale: null, outputRows: null },
            };
            const [p, m, v] = [table(1), table(2), table(3)];
            const gradient = device.allocate(shape);
            kernels.propagate(gradient, adjacency, x, settings);
            if (own) kernels.addRowMultiples(gradient, p, own);
            kernels.adam(p, gradient, m, v, adam, null);
            const [fusedP, fusedM, fusedV] = [table(1), table(2), table(3)];
            const update = { mean: fusedM, variance: fusedV, options: adam };
            kernels.propagateUpdate(fusedP, update, adjacency, x, settings, own);
            for (const [found, expected] of [
              [fusedP, p],
              [fusedM, m],
              [fusedV, v],
            ] as const) {
              assert.deepEqual(await readFloats(device, found), await readFloats(device, expected));
            }
          }
        });
      });
    }

    it("counts a row's norm, and adds its multiple, as often as it came", async () => {
      await withDevice(options, async (device) => {
        const values = floats(stream(8), nodeCount * 3);
        const x = device.upload([nodeCount, 3], values);
        const rows = someRows(device);
        const squares = (row: number) =>
          [0, 1, 2].reduce((norm, column) => norm + values[3 * row + column]! ** 2, 0);
        const tape = new Tape(device, { x: { value: x } });
        const norm = squaredNormOfRows(tape.parameters.x!, rows);
        const expected = squares(4) + 3 * squares(9) + squares(30);
        assertClose(await readFloats(device, norm.value), [expected], 1e-5, "norm");
        const { x: gradient } = tape.backward([scale(norm, 0.5)]);
        const times = (row: number) => (row === 9 ? 3 : row === 4 || row === 30 ? 1 : 0);
        const slopes = values.map((value, at) => times(Math.floor(at / 3)) * value);
        assertClose(await readFloats(device, gradient!), slopes, 1e-5, "gradient");
        device.kernels.clearRows(rows);
        assert.deepEqual(await device.read(rows.times), new Int32Array(nodeCount));
      });
    });
  });
}

describe("update on the way", () => {
  const width = 16;
  const weights = [0.25, 0.25, 0.5];

  /** Two Adam steps of propagation with a penalty; whether updates are offered to the tape. */
  const train = (device: Device, offered: boolean) => {
    const propagation = new Propagation(device, graph, "symmetric", width);
    const value = device.upload([nodeCount, width], floats(stream(1), nodeCount * width, -1, 1));
    const optimiser = new Adam(device, { value: { value } }, { learningRate: 0.1 });
    const rows = someRows(device);
    const index = device.upload([3], Int32Array.of(4, 9, 30));
    const left: string[][] = [];
    for (let step = 0; step < 2; step++) {
      const tape = new Tape(device, { value: { value } });
      const { final, norm } = propagatedWithNorm(
        ...([propagation, weights, tape.parameters.value!, rows, rows] as const),
      );
      const losses = [sum(gatherRows(final, index)), scale(norm, 0.2)];
      const gradients = tape.backward(losses, offered ? optimiser.rowUpdates() : {});
      left.push(Object.keys(gradients));
      optimiser.update(gradients);
    }
    return { value, left, state: optimiser.state(), updates: optimiser.updates };
  };

  it("leaves the same bits as a gradient and an update after it", async () => {
    for (const options of deviceOptions) {
      await withDevice(options, async (device) => {
        const [apart, once] = [train(device, false), train(device, true)];
        assert.deepEqual(apart.left, [["value"], ["value"]]);
        assert.deepEqual(once.left, [[], []]);
        assert.equal(once.updates, 2);
        assert.deepEqual(
          await readFloats(device, once.value),
          await readFloats(device, apart.value),
        );
        for (const [name, moment] of Object.entries(once.state)) {
          const expected = await readFloats(device, apart.state[name]!);
          assert.deepEqual(await readFloats(device, moment), expected);
        }
      });
    }
  });

  it("is for parameters that one operator reads in all their rows, with a rule that can", async () => {
    await withDevice({ threads: 1 }, async (device) => {
      const propagation = new Propagation(device, graph, "symmetric", 2);
      const value = device.allocate([nodeCount, 2]);
      const rows = someRows(device);
      const index = device.upload([1], Int32Array.of(9));
      const adamOf = new Adam(device, { value: { value } }, { learningRate: 0.1 });
      const sgd = new Sgd(device, { value: { value } }, { learningRate: 0.1 });
      const left = (twice: boolean, sparse: boolean, updates = adamOf.rowUpdates()) => {
        const tape = new Tape(device, { value: { value, ...(sparse && { rows }) } });
        const x = tape.parameters.value!;
        const loss = sum(gatherRows(propagated(propagation, weights, x, null), index));
        const losses = twice ? [loss, sum(gatherRows(x, index))] : [loss];
        return Object.keys(tape.backward(losses, updates));
      };
      assert.deepEqual(left(false, false), []);
      assert.deepEqual(left(true, false), ["value"]);
      assert.deepEqual(left(false, true), ["value"]);
      assert.deepEqual(left(false, false, sgd.rowUpdates()), ["value"]);
    });
  });
});
