import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { readFloats } from "../../src/engine/device.ts";
import { emptyRowSet } from "../../src/graph/bipartite.ts";
import { rowsInOrder } from "../../src/graph/node-order.ts";
import { normalisationScales, normalisations } from "../../src/graph/normalisation.ts";
import { messageTypes, Propagation } from "../../src/graph/propagation.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { assertClose } from "../engine/numbers.ts";
import { denseAdjacency, multiply, randomGraph } from "./random-graph.ts";

/** Σ α_k Ãᵏ·x with dense matrices in double precision. */
function naive(adjacency: number[][], x: number[][], weights: readonly number[]): number[][] {
  let layer = x;
  let sum = x.map((row) => row.map((value) => value * weights[0]!));
  for (const weight of weights.slice(1)) {
    layer = multiply(adjacency, layer);
    sum = sum.map((row, r) => row.map((value, c) => value + weight * layer[r]![c]!));
  }
  return sum;
}

function transpose(a: readonly number[][]): number[][] {
  return a[0]!.map((_, column) => a.map((row) => row[column]!));
}

function close(found: Float32Array, expected: readonly number[][], rows?: readonly number[]): void {
  const width = expected[0]!.length;
  for (const row of rows ?? expected.keys()) {
    for (let column = 0; column < width; column++) {
      const difference = Math.abs(found[row * width + column]! - expected[row]![column]!);
      assert.ok(difference < 2e-5, `row ${row} column ${column} differs by ${difference}`);
    }
  }
}

const graph = randomGraph(13, 17, 0.25, 3);
const dense = denseAdjacency(graph);
const { nodeCount } = graph;

for (const options of deviceOptions) {
  describe(`propagation with ${JSON.stringify(options)}`, () => {
    for (const width of [1, 3, 16, 20, 64, 85]) {
      it(`equals the dense sum of powers, width ${width}`, async () => {
        await withDevice(options, async (device) => {
          const random = new RandomStream(width, "x");
          const x = Array.from({ length: nodeCount }, () =>
            Array.from({ length: width }, () => Math.fround(random.normal())),
          );
          const flat = Float32Array.from(x.flat());
          for (const normalisation of normalisations) {
            for (const weights of [
              [0.25, 0.25, 0.25, 0.25],
              [0, 1],
              [0.5, 0, 0.3],
            ]) {
              const scales = normalisationScales(graph, normalisation);
              const tilde = dense.map((row, r) =>
                row.map((value, c) => value * scales.rows[r]! * scales.columns[c]!),
              );
              const mark = device.mark();
              const propagation = new Propagation(device, graph, normalisation, width);
              const input = device.upload([nodeCount, width], flat);
              const out = device.allocate([nodeCount, width]);
              propagation.forward(weights, out, input, null);
              close(await readFloats(device, out), naive(tilde, x, weights));
              propagation.adjoint(weights, out, input, null);
              close(await readFloats(device, out), naive(transpose(tilde), x, weights));
              device.release(mark);
            }
          }
        });
      });
    }

    for (const messages of messageTypes)
      it(`gives the same in another order of the nodes, ${messages}`, async () => {
        await withDevice(options, async (device) => {
          const width = 20;
          const random = new RandomStream(4, "order");
          const table = Float32Array.from({ length: nodeCount * width }, () => random.normal());
          const weights = [0.5, 0.2, 0.3];
          // In another order sums end in other bits, and may then be rounded to the other side.
          const tolerance = messages === "float32" ? 1e-5 : 0.02;
          const order = random.shuffle(Int32Array.from({ length: nodeCount }, (_, node) => node));
          const plain = new Propagation(device, graph, "left", width, { messages });
          const ordered = new Propagation(device, graph, "left", width, { order, messages });
          const shape = [nodeCount, width];
          const input = device.upload(shape, table);
          const moved = device.upload(shape, rowsInOrder(table, order));
          const [expected, found] = [device.allocate(shape), device.allocate(shape)];
          const same = async (places: Int32Array) => {
            const there = rowsInOrder(await readFloats(device, expected), places);
            (await readFloats(device, found)).forEach((value, at) => {
              assert.ok(Math.abs(value - there[at]!) < tolerance);
            });
          };
          plain.forward(weights, expected, input, null);
          ordered.forward(weights, found, moved, null);
          await same(order);
          plain.forwardToGraph(weights, expected, input);
          ordered.forwardToGraph(weights, found, moved);
          await same(Int32Array.from(order, (_, node) => node));
          plain.adjoint(weights, expected, input, null);
          ordered.adjoint(weights, found, moved, null);
          await same(order);
        });
      });

    it("bfloat16 messages: within the stated bound of the exact sum, both ways; embeddings float32", async () => {
      await withDevice(options, async (device) => {
        const width = 85;
        const random = new RandomStream(5, "messages");
        const x = Array.from({ length: nodeCount }, () =>
          Array.from({ length: width }, () => Math.fround(random.normal())),
        );
        const sizes = x.map((row) => row.map(Math.abs));
        const weights = [0.4, 0, -0.3, 0.3];
        // Σ_k |α_k|·((1+u)ᵏ − 1)·Ãᵏ|x|, u = 2⁻⁸
        const bounds = weights.map((weight, k) => Math.abs(weight) * ((1 + 2 ** -8) ** k - 1));
        for (const normalisation of normalisations) {
          const mark = device.mark();
          const scales = normalisationScales(graph, normalisation);
          const tilde = dense.map((row, r) =>
            row.map((value, c) => value * scales.rows[r]! * scales.columns[c]!),
          );
          const rounded = new Propagation(device, graph, normalisation, width, {
            messages: "bfloat16",
          });
          const exact = new Propagation(device, graph, normalisation, width);
          const shape = [nodeCount, width];
          const input = device.upload(shape, Float32Array.from(x.flat()));
          const [out, other] = [device.allocate(shape), device.allocate(shape)];
          const check = async (matrix: number[][]) => {
            const expected = naive(matrix, x, weights).flat();
            const bound = naive(matrix, sizes, bounds).flat();
            let sum = 0;
            (await readFloats(device, out)).forEach((value, at) => {
              const error = Math.abs(value - expected[at]!);
              assert.ok(error <= bound[at]! + 1e-6, `${error} beside ${bound[at]}`);
              sum += error;
            });
            // Roundings to either side: less than the bound, more than float32's.
            assert.ok(sum > 1e-5 * expected.length);
          };
          rounded.forward(weights, out, input, null);
          await check(tilde);
          rounded.adjoint(weights, out, input, null);
          await check(transpose(tilde));
          // Powers up to an odd and an even one: the tables that layers take in turn.
          for (const some of [weights, weights.slice(1), [0.5, 0.5], [2]]) {
            rounded.forwardToGraph(some, out, input);
            exact.forwardToGraph(some, other, input);
            assertClose(await readFloats(device, out), await readFloats(device, other), 1e-6);
          }
          device.release(mark);
        }
      });
    });

    for (const messages of messageTypes)
      it(`computes the rows of a batch exactly as the whole, and takes a gradient from them, ${messages}`, async () => {
        await withDevice(options, async (device) => {
          const width = 64;
          const random = new RandomStream(9, "batch rows");
          const table = Float32Array.from({ length: nodeCount * width }, () => random.normal());
          const weights = [0.25, 0.25, 0.25, 0.25];
          const propagation = new Propagation(device, graph, "symmetric", width, { messages });
          const input = device.upload([nodeCount, width], table);
          const whole = device.allocate([nodeCount, width]);
          const part = device.upload(
            [nodeCount, width],
            new Float32Array(nodeCount * width).fill(NaN),
          );
          const set = emptyRowSet(device, nodeCount, 6);
          const index = device.upload([5], Int32Array.from([2, 0, 2, 7, 0]));
          device.kernels.collectRows(set, [{ index, offset: 4 }]);
          assert.deepEqual([...(await device.read(set.list))].slice(0, 3), [6, 4, 11]);
          propagation.forward(weights, whole, input, null);
          propagation.forward(weights, part, input, set);
          const expected = await readFloats(device, whole);
          const found = await readFloats(device, part);
          for (const row of [6, 4, 11]) {
            assert.deepEqual(
              found.subarray(row * width, (row + 1) * width),
              expected.subarray(row * width, (row + 1) * width),
            );
          }
          // Outside the batch the gradient table holds garbage that must never be read.
          const sparse = table.map((value, at) =>
            [6, 4, 11].includes(Math.floor(at / width)) ? value : Number.NaN,
          );
          const zeroed = sparse.map((value) => (Number.isNaN(value) ? 0 : value));
          propagation.adjoint(weights, whole, device.upload([nodeCount, width], zeroed), null);
          propagation.adjoint(weights, part, device.upload([nodeCount, width], sparse), set);
          const full = await readFloats(device, whole);
          const saved = await readFloats(device, part);
          full.forEach((value, at) => {
            assert.ok(Math.abs(value - saved[at]!) < 1e-6);
          });
          device.kernels.clearRows(set);
          assert.deepEqual([...new Set(await device.read(set.mask))], [0]);
        });
      });
  });
}
