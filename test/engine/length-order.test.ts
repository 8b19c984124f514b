import assert from "node:assert/strict";
import { it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { alignedBytes } from "../../src/engine/cpu/arena.ts";
import {
  isUneven,
  lengthOrder,
  lengthsOf,
  queryOrder,
} from "../../src/engine/cpu/dispatch/length-order.ts";
import { rankingKernels } from "../../src/engine/cpu/dispatch/ranking.ts";
import { sizeOf, type Tensor } from "../../src/engine/tensor.ts";

it("bounds every length from a place on, whatever the numbers are", () => {
  const random = new RandomStream(7, "lengths");
  const squares = Float32Array.from({ length: 3000 }, () => 10 ** (60 * random.uniform() - 40));
  squares.set([0, Infinity, NaN, 3e38, 1e-45, 1], 100);
  const lengths = lengthsOf(squares);
  const order = lengthOrder(lengths, 64);
  assert.deepEqual(
    [...order.names].sort((a, b) => a - b),
    [...lengths.keys()],
  );
  let longest = 0;
  for (let place = order.names.length - 1; place >= 0; place--) {
    longest = Math.max(longest, lengths[order.names[place]!]!);
    assert.ok(order.lengths[place]! >= longest, `place ${place}`);
    const loose = order.lengths[place]! / lengths[order.names[place]!]!;
    // Classes are 2^-8 wide; infinity is infinity's only bound.
    assert.ok(!(loose > 1.005), `place ${place}: ${loose}`);
  }
  assert.deepEqual([...order.names.subarray(0, 2)], [101, 102]);
});

it("tells even lengths from uneven ones", () => {
  const order = (length: (item: number) => number) =>
    lengthOrder(
      Float32Array.from({ length: 100 }, (_, item) => length(item)),
      4,
    );
  assert.equal(
    isUneven(
      order((item) => 1 + item / 100),
      10,
    ),
    false,
  );
  assert.equal(
    isUneven(
      order((item) => 1 / (1 + item)),
      10,
    ),
    true,
  );
});

it("takes first the queries that may go farthest down the items", () => {
  const worst = Float32Array.from([6, -1, 4, -Infinity, 0.5, -8]);
  const lengths = Float32Array.from([2, 1, 1, 1, 1, 2]);
  assert.deepEqual([...queryOrder(worst, lengths)], [3, 5, 1, 4, 0, 2]);
});

/** Whether ranking sorts its items on a host of so many free bytes, and how many it takes then. */
function sortedOn(
  [queryCount, itemCount, width]: readonly [queryCount: number, itemCount: number, width: number],
  { blas, freeBytes = Infinity }: { readonly blas: boolean; readonly freeBytes?: number },
): { readonly isSorted: boolean; readonly taken: number } {
  const memory = new WebAssembly.Memory({ initial: 80 });
  let top = 0;
  let before = 0;
  let isSorted = false;
  const kernels = rankingKernels({
    pool: {
      threads: 1,
      run(name, chunks, out) {
        isSorted ||= name === "gatherRows";
        if (name !== "rowDot" || chunks instanceof Int32Array) return;
        const squares = new Float32Array(memory.buffer, out, chunks.units);
        for (let row = 0; row < squares.length; row++) squares[row] = 1 / (1 + row) ** 2;
      },
    },
    memory,
    blas,
    allocate(bytes) {
      const at = top;
      top += alignedBytes(bytes);
      return at;
    },
    freeBytes() {
      before = top;
      return freeBytes;
    },
    mark: () => top,
    release: () => {},
    floats: ({ size }) => new Float32Array(size),
    integers: ({ size }) => new Int32Array(size),
  });
  const tensor = (...shape: number[]): Tensor => ({
    ...({ shape, type: "f32", handle: 0 } as const),
    size: sizeOf(shape),
  });
  const lists = tensor(queryCount, 1);
  kernels.rankByVectors(
    ...([lists, lists, tensor(queryCount, width), tensor(itemCount, width), null, 1] as const),
  );
  return { isSorted, taken: top - before };
}

it("sorts a copy of the items only where it pays, is not too large, and fits into free memory", () => {
  for (const blas of [false, true]) {
    assert.equal(sortedOn([511, 4096, 1], { blas }).isSorted, false);
    assert.equal(sortedOn([512, 4095, 1], { blas }).isSorted, false);
    assert.equal(sortedOn([512, 4096, 2 ** 13 + 1], { blas }).isSorted, false);
    for (const width of [1, 64, 80]) {
      const shape = [512, 4100, width] as const;
      const { isSorted, taken } = sortedOn(shape, { blas });
      assert.equal(isSorted, true);
      assert.equal(sortedOn(shape, { blas, freeBytes: taken - 1 }).isSorted, false);
    }
  }
});
