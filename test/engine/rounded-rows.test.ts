/** Rows in bfloat16: how they are rounded, and their sparse product, beside plain loops. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { RandomStream } from "../../src/base/random.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats, readIntegers } from "../../src/engine/device.ts";
import type { PropagateOptions, RowSet } from "../../src/engine/kernels.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { emptyRowSet, uploadAdjacency } from "../../src/graph/bipartite.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { deviceOptions } from "./devices.ts";
import { assertClose, floats, oddSize, seed, stream } from "./numbers.ts";

const view = new DataView(new ArrayBuffer(4));

function bitsOf(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function floatOf(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** The numbers that words of rows stand for, and where each lies: sixteen columns are eight words. */
function unpack(words: Int32Array, rows: number, width: number): Float32Array {
  const stride = words.length / rows;
  return Float32Array.from({ length: rows * width }, (_, at) => {
    const column = at % width;
    const word = Math.floor(at / width) * stride + 8 * Math.floor(column / 16) + (column % 8);
    const bits = words[word]!;
    return floatOf(column % 16 < 8 ? bits << 16 : bits);
  });
}

/** The nearest number with eight significant bits, ties to the even one, in double precision. */
function nearestBfloat(value: number): number {
  const step = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 7);
  const below = Math.floor(value / step);
  const rest = value / step - below;
  return (below + (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? 1 : 0)) * step;
}

const graph = randomGraph(13, 17, 0.3, 3);
const { nodeCount } = graph;

for (const options of deviceOptions) {
  describe(`rows in bfloat16 with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    const round = (x: Tensor, scale: Tensor | null = null, rows: RowSet | null = null) => {
      const out = device.allocate(x.shape, "bf16");
      device.kernels.roundRows(out, x, { scale, rows });
      return out;
    };

    it("lower halves are the nearest, ties to even; upper halves the nearest with these behind", async () => {
      const lower = [1, -1, 3.14159274, 1.00390625, 1.01171875, 0];
      const upper = [-2, 1, 3.14159274, -0.1, 1.01, 0];
      const x = new Float32Array(16);
      x.set(lower, 0);
      x.set(upper, 8);
      const found = [...(await readIntegers(device, round(device.upload([1, 16], x))))];
      // 3.14159274 = 0x40490fdb; 1 + 2⁻⁸ and 1 + 3·2⁻⁸ are ties, which go to 0x3f80 and 0x3f82.
      // Upper: 1 is nearer to 0x3f7fbf80 than to 0x3f80bf80; 3.14… lies between 0x40484049 and
      // 0x40494049, nearer the second; −0.1 = 0xbdcccccd, and 1.01 = 0x3f8147ae.
      assert.deepEqual(
        found.slice(0, 6).map((word) => (word >>> 0).toString(16)),
        ["c0003f80", "3f7fbf80", "40494049", "bdcd3f80", "3f813f82", "0"],
      );
    });

    it("every number is within 2⁻⁸ of itself, and none in its row could be nearer", async () => {
      await fc.assert(
        fc.asyncProperty(oddSize, oddSize, seed, async (rows, width, start) => {
          const mark = device.mark();
          const random = stream(start);
          const x = floats(random, rows * width).map((v) => v * 2 ** (random.below(60) - 30));
          const words = await readIntegers(device, round(device.upload([rows, width], x)));
          const found = unpack(words, rows, width);
          assert.equal(words.length, rows * 8 * Math.ceil(width / 16));
          x.forEach((value, at) => {
            const error = Math.abs(found[at]! - value);
            assert.ok(error <= 2 ** -8 * Math.abs(value), `${value} became ${found[at]}`);
            if ((at % width) % 16 < 8) assert.equal(found[at], nearestBfloat(value));
            // With the same lower half behind it, the next numbers are 0x10000 away.
            else assert.ok(Math.abs(bitsOf(found[at]!) - bitsOf(value)) <= 0x8000);
          });
          device.release(mark);
        }),
        { numRuns: 20 },
      );
    });

    it("the ends: zeros stay almost zero, infinities are not finite, NaN stays", async () => {
      const x = new Float32Array(16);
      x.set([1.99, Infinity, NaN, 3.4e38, 2 ** -149, -0], 0);
      x.set([0, Infinity, NaN, -1e-40, 2 ** -149, -0], 8);
      const found = unpack(await readIntegers(device, round(device.upload([1, 16], x))), 1, 16);
      assert.deepEqual([...found.subarray(1, 4)], [Infinity, NaN, Infinity]);
      assert.deepEqual([found[0], found[4], found[5]], [1.9921875, 0, -0]);
      assert.ok(!Number.isFinite(found[9]) && Number.isNaN(found[10]));
      for (const at of [8, 11, 12, 13]) assert.ok(Math.abs(found[at]! - x[at]!) <= 2 ** -133);
    });

    it("scales rows, and rounds those of a set alone", async () => {
      const width = 20;
      const x = floats(stream(1), nodeCount * width);
      const scales = floats(stream(2), nodeCount);
      const set = emptyRowSet(device, nodeCount, 4);
      const index = device.upload([3], Int32Array.of(5, 0, 5));
      device.kernels.collectRows(set, [{ index, offset: 2 }]);
      const input = device.upload([nodeCount, width], x);
      const scale = device.upload([nodeCount], scales);
      const scaled = x.map((value, at) => value * scales[Math.floor(at / width)]!);
      const valuesOf = async (tensor: Tensor) =>
        unpack(await readIntegers(device, tensor), nodeCount, width);
      const expected = await valuesOf(round(device.upload([nodeCount, width], scaled)));
      assert.deepEqual(await valuesOf(round(input, scale)), expected);
      const part = round(device.upload([nodeCount, width], new Float32Array(x.length)));
      device.kernels.roundRows(part, input, { scale, rows: set });
      (await valuesOf(part)).forEach((value, at) => {
        assert.equal(value, [7, 2].includes(Math.floor(at / width)) ? expected[at] : 0);
      });
    });

    it("the sparse product adds what the words stand for, and rounds its result once", async () => {
      const random = new RandomStream(7, "product of rounded rows");
      const adjacency = uploadAdjacency(device, graph);
      const columns = await readIntegers(device, adjacency.indices);
      const starts = await readIntegers(device, adjacency.indptr);
      for (const width of [1, 3, 16, 25, 64, 85, 128]) {
        const mark = device.mark();
        const shape = [nodeCount, width];
        const scales = floats(random, nodeCount);
        const bases = floats(random, nodeCount * width);
        const x = round(device.upload(shape, floats(random, nodeCount * width)));
        const values = unpack(await readIntegers(device, x), nodeCount, width);
        const expected = Float32Array.from(bases, (base, at) => {
          const row = Math.floor(at / width);
          let sum = 0;
          for (let n = starts[row]!; n < starts[row + 1]!; n++) {
            sum += values[columns[n]! * width + (at % width)]!;
          }
          return 0.5 * base + 0.75 * scales[row]! * sum;
        });
        const propagation: PropagateOptions = {
          columnScale: null,
          rowScale: device.upload([nodeCount], scales),
          factor: 0.75,
          base: device.upload(shape, bases),
          bias: 0.5,
          baseRows: null,
          outScale: null,
          outputRows: null,
          inputRows: null,
        };
        const out = device.allocate(shape);
        device.kernels.propagate(out, adjacency, x, propagation);
        assertClose(await readFloats(device, out), expected, 2e-6, `width ${width}`);
        const rounded = device.allocate(shape, "bf16");
        device.kernels.propagate(rounded, adjacency, x, propagation);
        assert.deepEqual(
          await readIntegers(device, rounded),
          await readIntegers(device, round(out)),
        );
        assert.throws(
          () =>
            device.kernels.propagate(out, adjacency, x, {
              ...propagation,
              columnScale: propagation.rowScale,
            }),
          /x is bf16 and has a column scale/,
        );
        device.release(mark);
      }
    });
  });
}
