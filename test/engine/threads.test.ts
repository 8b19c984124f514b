/**
 * Every kernel gives the same bits with 1, 2 and 3 threads, on sizes large
 * enough to be cut into many chunks at places that SIMD does not like.
 */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { compressRows } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import type { BinaryFunction, UnaryFunction } from "../../src/engine/dense-kernels.ts";
import type { Device } from "../../src/engine/device.ts";
import type { RowSet } from "../../src/engine/kernels.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { emptyRowSet, uploadRows } from "../../src/graph/bipartite.ts";
import { floats, integers, stream } from "./numbers.ts";

const size = 70_003;
const [rows, width] = [1_201, 67] as const;

/** Runs a kernel on fresh inputs; returns the tensors that it wrote. */
type Work = (device: Device) => readonly Tensor[];

/** The same numbers on every device: a new stream for each tensor. */
function inputs(device: Device) {
  let next = 0;
  const positive = (...shape: number[]) =>
    device.upload(
      shape,
      floats(
        stream(next++),
        shape.reduce((a, b) => a * b),
        0.1,
        2,
      ),
    );
  const index = (count: number, bound: number) =>
    device.upload([count], integers(stream(next++), count, bound));
  return { positive, index };
}

/** Rows 0, 3, 6, … of a table. */
function everyThird(device: Device): RowSet {
  const count = Math.ceil(rows / 3);
  const rowSet: RowSet = {
    mask: device.upload([rows], new Int32Array(rows)),
    list: device.allocate([count + 1], "i32"),
    count: device.upload([1], new Int32Array(1)),
    times: device.upload([rows], new Int32Array(rows)),
  };
  const index = device.upload(
    [count],
    Int32Array.from({ length: count }, (_, n) => 3 * n),
  );
  device.kernels.collectRows(rowSet, [{ index, offset: 0 }]);
  return rowSet;
}

/** Each row beside itself and the nearest ones, the further the larger the row. */
function ring(device: Device) {
  const pairs: [number, number][] = [];
  for (let row = 0; row < rows; row++) {
    for (let other = row; other < Math.min(rows, row + 1 + (row % 40)); other++) {
      pairs.push([row, other], [other, row]);
    }
  }
  const column = (at: 0 | 1) => Int32Array.from(pairs, (pair) => pair[at]);
  return uploadRows(device, compressRows(column(0), column(1), rows), rows);
}

const works: Record<string, Work> = {
  fill(device) {
    const out = device.allocate([size]);
    device.kernels.fill(out, 0.3);
    return [out];
  },
  scaleAdd(device) {
    const { positive } = inputs(device);
    const [out, x] = [positive(size), positive(size)];
    device.kernels.scaleAdd(out, x, 0.3, 0.7);
    return [out];
  },
  addProduct(device) {
    const { positive } = inputs(device);
    const [out, a, b] = [positive(size), positive(size), positive(size)];
    device.kernels.addProduct(out, a, b, 0.3);
    return [out];
  },
  dropout(device) {
    const out = device.allocate([size]);
    device.kernels.dropout(out, inputs(device).positive(size), 0.4, 1, 2, 3);
    return [out];
  },
  addNoise(device) {
    const { positive } = inputs(device);
    const [all, third] = [positive(rows, width), positive(rows, width)];
    const moved = device.allocate([rows, width]);
    device.kernels.addNoise(moved, all, 0.3, 1, 2, 3, null);
    device.kernels.addNoise(third, third, 0.3, 1, 2, 3, everyThird(device));
    return [moved, third];
  },
  sum(device) {
    const out = device.allocate([1]);
    device.kernels.sum(out, inputs(device).positive(size), 0.3);
    return [out];
  },
  addBias(device) {
    const { positive } = inputs(device);
    const out = device.allocate([rows, width]);
    device.kernels.addBias(out, positive(rows, width), positive(width));
    return [out];
  },
  columnSums(device) {
    const { positive } = inputs(device);
    const [out, sideways] = [positive(width), positive(rows)];
    device.kernels.columnSums(out, positive(rows, width), true);
    device.kernels.columnSums(sideways, positive(width, rows), false);
    return [out, sideways];
  },
  rowSums(device) {
    const out = device.allocate([rows]);
    device.kernels.rowSums(out, inputs(device).positive(rows, width));
    return [out];
  },
  scaleRows(device) {
    const { positive } = inputs(device);
    const [out, flat] = [positive(rows, width), positive(1, size)];
    device.kernels.scaleRows(out, positive(rows, width), positive(rows), true);
    device.kernels.scaleRows(flat, positive(1, size), positive(1), true);
    return [out, flat];
  },
  rowDot(device) {
    const { positive } = inputs(device);
    const out = device.allocate([rows]);
    device.kernels.rowDot(out, positive(rows, width), positive(rows, width));
    return [out];
  },
  gatherRows(device) {
    const { positive, index } = inputs(device);
    const out = device.allocate([2_000, width]);
    device.kernels.gatherRows(out, positive(rows, width), index(2_000, rows - 5), 5);
    return [out];
  },
  pairs(device) {
    const { positive, index } = inputs(device);
    const table = positive(rows, width);
    const a = { index: index(2_000, 40), offset: 0 };
    const b = { index: index(6_000, rows - 5), offset: 5 };
    const [slopes, gradient] = [positive(6_000), positive(rows, width)];
    device.kernels.indexedDot(slopes, { table, ...a }, { table, ...b });
    const set = emptyRowSet(device, rows, 8_000);
    device.kernels.collectRows(set, [a, b]);
    const pairs = [{ a, b, slopes }];
    device.kernels.pairGradient(gradient, table, set, pairs, false);
    device.kernels.pairGradient(gradient, table, set, [...pairs, ...pairs], true);
    return [slopes, gradient];
  },
  "scatterAddRows with many duplicates"(device) {
    const { positive, index } = inputs(device);
    const table = positive(rows, width);
    device.kernels.scatterAddRows(table, index(9_000, 40), 7, positive(9_000, width), 0.3);
    return [table];
  },
  "scatterAddRows with few duplicates"(device) {
    const { positive, index } = inputs(device);
    const table = positive(90_000, 3);
    device.kernels.scatterAddRows(table, index(30_000, 90_000), 0, positive(30_000, 3), -1);
    return [table];
  },
  columns(device) {
    const { positive } = inputs(device);
    const [wide, narrow] = [positive(rows, width), positive(rows, 13)];
    device.kernels.takeColumns(narrow, wide, 50, true);
    device.kernels.putColumns(wide, narrow, 3);
    return [wide, narrow];
  },
  softmax(device) {
    const { positive } = inputs(device);
    const x = positive(rows, width);
    const outs = Array.from({ length: 2 }, () => device.allocate([rows, width]));
    const gradients = [positive(rows, width), positive(rows, width)];
    device.kernels.softmaxRows(outs[0]!, x);
    device.kernels.logSoftmaxRows(outs[1]!, x);
    device.kernels.softmaxRowsGradient(gradients[0]!, x, outs[0]!);
    device.kernels.logSoftmaxRowsGradient(gradients[1]!, x, outs[1]!);
    return [...outs, ...gradients];
  },
  ...Object.fromEntries(
    (["adam", "sgd", "adagrad"] as const).flatMap((rule) =>
      [false, true].map((onRows): [string, Work] => [
        `${rule}${onRows ? " on rows" : ""}`,
        (device) => {
          const { positive } = inputs(device);
          const [p, g, m, v] = Array.from({ length: 4 }, () => positive(rows, width));
          const set = onRows ? everyThird(device) : null;
          const settings = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, step: 3 };
          if (rule === "adam") device.kernels.adam(p!, g!, m!, v!, settings, set);
          else if (rule === "sgd") device.kernels.sgd(p!, g!, 0.1, set);
          else device.kernels.adagrad(p!, g!, m!, 0.1, 1e-8, set);
          return [p!, m!, v!];
        },
      ]),
    ),
  ),
  ...Object.fromEntries(
    (["add", "subtract", "multiply", "divide"] satisfies BinaryFunction[]).map(
      (f): [string, Work] => [
        f,
        (device) => {
          const { positive } = inputs(device);
          const out = device.allocate([size]);
          device.kernels.binary(f, out, positive(size), positive(size));
          return [out];
        },
      ],
    ),
  ),
  "propagate in bfloat16"(device) {
    const { positive } = inputs(device);
    const [graph, x] = [ring(device), positive(rows, width)];
    const tables = [0, 1].map(() => device.allocate([rows, width], "bf16"));
    const out = positive(rows, width);
    const third = everyThird(device);
    const options = {
      ...{ columnScale: null, rowScale: positive(rows), factor: 0.3, base: x, bias: 0.5 },
      ...{ baseRows: third, outScale: positive(rows) },
    };
    const [source, target] = tables as [Tensor, Tensor];
    device.kernels.roundRows(source, x, { scale: positive(rows), rows: null });
    device.kernels.propagate(target, graph, source, {
      ...options,
      ...{ outputRows: null, inputRows: third },
    });
    device.kernels.propagate(out, graph, target, {
      ...options,
      ...{ outputRows: third, inputRows: null },
    });
    return [source, target, out];
  },
  "propagation onto a parameter"(device) {
    const { positive } = inputs(device);
    const [graph, third] = [ring(device), everyThird(device)];
    const [p, m, v, x] = Array.from({ length: 4 }, () => positive(rows, width));
    const settings = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, step: 3 };
    const norm = device.allocate([1]);
    device.kernels.squaredNormOfRows(norm, p!, third);
    device.kernels.propagateUpdate(
      p!,
      { mean: m!, variance: v!, options: settings },
      graph,
      x!,
      { rowScale: null, factor: 0.3, base: x!, bias: 0.5, baseRows: third, inputRows: third },
      { rows: third, factor: norm },
    );
    device.kernels.addRowMultiples(m!, v!, { rows: third, factor: norm });
    return [p!, m!, v!, norm];
  },
  attend(device) {
    const { positive } = inputs(device);
    const [graph, third] = [ring(device), everyThird(device)];
    const scores = device.upload([rows, 6], floats(stream(9), rows * 6, -1, 1));
    const z = positive(rows, 66);
    const state = () => ({
      out: positive(rows, 66),
      upper: positive(rows, 66),
      sums: positive(rows, 6),
      slope: 0.2,
    });
    const [whole, part] = [state(), state()];
    device.kernels.attend(whole, graph, z, scores, null);
    device.kernels.attend(part, graph, z, scores, third);
    const gradients = [
      positive(rows, 66),
      positive(rows, 6),
      positive(rows, 66),
      positive(rows, 6),
    ];
    const [z1, s1, z2, s2] = gradients as [Tensor, Tensor, Tensor, Tensor];
    device.kernels.attendGradient(z1, s1, positive(rows, 66), whole, graph, z, scores, null);
    device.kernels.attendGradient(z2, s2, positive(rows, 66), part, graph, z, scores, third);
    return [whole.out, whole.sums, part.out, part.sums, ...gradients];
  },
  ...Object.fromEntries(
    (
      [
        ...(["relu", "leaky-relu", "sigmoid", "tanh", "softplus"] as const),
        ...(["exp", "log", "square", "sqrt"] as const),
      ] satisfies UnaryFunction[]
    ).map((f): [string, Work] => [
      f,
      (device) => {
        const { positive } = inputs(device);
        const [x, y] = [positive(size), device.allocate([size])];
        const gradient = positive(size);
        device.kernels.unary(f, y, x);
        device.kernels.unaryGradient(f, gradient, positive(size), x, y);
        return [y, gradient];
      },
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        [401, 530, 150],
        [64, 65, 9_001],
        [3, 4_099, 65],
      ] as const
    ).map(([m, n, k]): [string, Work] => [
      `matmul ${m}×${k} · ${k}×${n}`,
      (device) => {
        const { positive } = inputs(device);
        const out = positive(m, n);
        const transposed = positive(m, n);
        device.kernels.matmul(out, positive(m, k), positive(k, n), false, false, 0.5, 2);
        device.kernels.matmul(transposed, positive(k, m), positive(n, k), true, true, 1, 0);
        return [out, transposed];
      },
    ]),
  ),
};

describe("the same bits on 1, 2 and 3 threads", () => {
  const counts = [1, 2, 3] as const;
  const devices: Record<"own" | "library", Device[]> = { own: [], library: [] };
  before(async () => {
    for (const threads of counts) {
      devices.own.push(await createCpuDevice({ threads, blas: null }));
      devices.library.push(await createCpuDevice({ threads }));
    }
  });
  after(async () => {
    for (const device of Object.values(devices).flat()) await device.close();
  });

  for (const [name, work] of Object.entries(works)) {
    it(name, async () => {
      for (const products of ["own", "library"] as const) {
        if (products === "library" && !name.startsWith("matmul")) continue;
        const [alone, ...others] = await Promise.all(
          devices[products].map(async (device) => {
            const mark = device.mark();
            const written = work(device);
            const numbers = await Promise.all(written.map((tensor) => device.read(tensor)));
            device.release(mark);
            return numbers.map(({ buffer }) => Buffer.from(buffer));
          }),
        );
        assert.ok(alone!.length > 0);
        for (const together of others) {
          assert.ok(alone!.every((bytes, at) => bytes.equals(together[at]!)));
        }
      }
    });
  }
});
