/**
 * Kernels write their output and nothing else: outputs of every length up to
 * twice the width of a SIMD register, between guards.
 */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import type { Kernels } from "../../src/engine/kernels.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { deviceOptions } from "./devices.ts";

const guard = 12345;

/** A kernel that fills `out` (rows × width) from inputs of ones. */
type Writer = (
  kernels: Kernels,
  out: Tensor,
  ones: (...shape: number[]) => Tensor,
  rows: number,
  width: number,
) => void;

const writers: Record<string, Writer> = {
  fill: (kernels, out) => kernels.fill(out, 1),
  scale: (kernels, out, ones, rows, width) => kernels.scaleAdd(out, ones(rows, width), 1, 0),
  scaleAdd: (kernels, out, ones, rows, width) => kernels.scaleAdd(out, ones(rows, width), 1, 1),
  binary: (kernels, out, ones, rows, width) =>
    kernels.binary("add", out, ones(rows, width), ones(rows, width)),
  addProduct: (kernels, out, ones, rows, width) =>
    kernels.addProduct(out, ones(rows, width), ones(rows, width), 1),
  unary: (kernels, out, ones, rows, width) => kernels.unary("exp", out, ones(rows, width)),
  unaryGradient: (kernels, out, ones, rows, width) => {
    const x = ones(rows, width);
    kernels.unaryGradient("square", out, x, x, x);
  },
  dropout: (kernels, out, ones, rows, width) =>
    kernels.dropout(out, ones(rows, width), 0.5, 1, 2, 3),
  sum: (kernels, out, ones, rows, width) =>
    kernels.sum({ ...out, shape: [1], size: 1 }, ones(rows, width), 1),
  addBias: (kernels, out, ones, rows, width) =>
    kernels.addBias(out, ones(rows, width), ones(width)),
  columnSums: (kernels, out, ones, rows, width) => {
    const flat = { ...out, shape: [out.size] };
    kernels.columnSums(flat, ones(3, rows * width), false);
  },
  rowSums: (kernels, out, ones) =>
    kernels.rowSums({ ...out, shape: [out.size] }, ones(out.size, 3)),
  scaleRows: (kernels, out, ones, rows, width) =>
    kernels.scaleRows(out, ones(rows, width), ones(rows), true),
  rowDot: (kernels, out, ones) =>
    kernels.rowDot({ ...out, shape: [out.size] }, ones(out.size, 3), ones(out.size, 3)),
  takeColumns: (kernels, out, ones, rows, width) =>
    kernels.takeColumns(out, ones(rows, width + 2), 1, false),
  "takeColumns, adding": (kernels, out, ones, rows, width) =>
    kernels.takeColumns(out, ones(rows, width + 2), 1, true),
  putColumns: (kernels, out, ones, rows, width) =>
    kernels.putColumns(out, ones(rows, 1), width - 1),
  softmaxRows: (kernels, out, ones, rows, width) => kernels.softmaxRows(out, ones(rows, width)),
  logSoftmaxRows: (kernels, out, ones, rows, width) =>
    kernels.logSoftmaxRows(out, ones(rows, width)),
  softmaxRowsGradient: (kernels, out, ones, rows, width) => {
    const twos = ones(rows, width);
    kernels.fill(twos, 2);
    kernels.softmaxRowsGradient(out, ones(rows, width), twos);
  },
  logSoftmaxRowsGradient: (kernels, out, ones, rows, width) =>
    kernels.logSoftmaxRowsGradient(out, ones(rows, width), ones(rows, width)),
  matmul: (kernels, out, ones, rows, width) =>
    kernels.matmul(out, ones(rows, 5), ones(width, 5), false, true, 1, 0),
  "matmul, adding": (kernels, out, ones, rows, width) =>
    kernels.matmul(out, ones(5, rows), ones(5, width), true, false, 1, 1),
  adam: (kernels, out, ones, rows, width) => {
    const settings = { learningRate: 1, beta1: 0.9, beta2: 0.9, epsilon: 1, step: 1 };
    const [g, m, v] = [ones(rows, width), ones(rows, width), ones(rows, width)];
    kernels.adam(out, g, m, v, settings, null);
  },
  sgd: (kernels, out, ones, rows, width) => kernels.sgd(out, ones(rows, width), 1, null),
  adagrad: (kernels, out, ones, rows, width) =>
    kernels.adagrad(out, ones(rows, width), ones(rows, width), 1, 1, null),
};

for (const options of deviceOptions) {
  describe(`bounds with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    for (const [name, write] of Object.entries(writers)) {
      it(`${name} leaves its neighbours alone`, async () => {
        for (let width = 1; width <= 9; width++) {
          for (const rows of [1, 2, 5]) {
            const mark = device.mark();
            const size = rows * width;
            const whole = device.allocate([size + 16]);
            device.kernels.fill(whole, guard);
            const out = {
              shape: [rows, width],
              type: "f32",
              size,
              handle: whole.handle + 32,
            } as const;
            const ones = (...shape: number[]) => {
              const tensor = device.allocate(shape);
              device.kernels.fill(tensor, 1);
              return tensor;
            };
            write(device.kernels, out, ones, rows, width);
            const found = await readFloats(device, whole);
            const around = [...found.subarray(0, 8), ...found.subarray(size + 8)];
            assert.ok(
              around.every((value) => value === guard),
              `${rows}×${width}: ${around}`,
            );
            assert.notEqual(found[8 + (name === "putColumns" ? width - 1 : 0)], guard);
            device.release(mark);
          }
        }
      });
    }
  });
}
