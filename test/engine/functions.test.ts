import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { UnaryFunction } from "../../src/engine/dense-kernels.ts";
import { readFloats } from "../../src/engine/device.ts";
import { deviceOptions, withDevice } from "./devices.ts";
import { assertClose } from "./numbers.ts";

/** The functions in double precision, and their derivatives. */
const exact: Record<UnaryFunction, [(x: number) => number, (x: number) => number]> = {
  relu: [(x) => Math.max(x, 0), (x) => (x > 0 ? 1 : 0)],
  "leaky-relu": [(x) => (x > 0 ? x : 0.2 * x), (x) => (x > 0 ? 1 : 0.2)],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2],
  tanh: [Math.tanh, (x) => 1 / Math.cosh(x) ** 2],
  softplus: [
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    (x) => 1 / (1 + Math.exp(-x)),
  ],
  exp: [Math.exp, Math.exp],
  log: [Math.log, (x) => 1 / x],
  square: [(x) => x * x, (x) => 2 * x],
  sqrt: [Math.sqrt, (x) => 0.5 / Math.sqrt(x)],
};

/** Numbers over the range where the function neither over- nor underflows, dense near 0. */
function argumentsOf(f: UnaryFunction): Float32Array {
  if (f === "log" || f === "sqrt") {
    return Float32Array.from({ length: 20_003 }, (_, n) => 2 ** (n / 80 - 125));
  }
  const bound = f === "square" ? 1e6 : 80;
  const spread = Float32Array.from({ length: 20_000 }, (_, n) => (n / 10_000 - 1) * bound);
  const near = Float32Array.from({ length: 3_003 }, (_, n) => (n % 2 ? 1 : -1) * 2 ** (-n / 100));
  return Float32Array.from([...spread, ...near]);
}

for (const options of deviceOptions) {
  describe(`functions with ${JSON.stringify(options)}`, () => {
    for (const [f, [value]] of Object.entries(exact) as [UnaryFunction, (typeof exact)["exp"]][]) {
      it(`${f} is right to a few units in the last place`, async () => {
        await withDevice(options, async (device) => {
          const x = argumentsOf(f);
          const input = device.upload([x.length], x);
          const out = device.allocate([x.length]);
          device.kernels.unary(f, out, input);
          const found = await readFloats(device, out);
          x.forEach((at, n) => {
            const wanted = value(at);
            // A unit in the last place is at most 2⁻²³ of the number, and at least half that.
            const units = Math.abs(found[n]! - wanted) / (Math.abs(wanted) * 2 ** -23 + 1.5e-45);
            assert.ok(units <= 3, `${f}(${at}) = ${found[n]}, expected ${wanted}: ${units} units`);
          });
        });
      });
    }

    it("knows the limits of its functions", async () => {
      await withDevice(options, async (device) => {
        const cases: [UnaryFunction, number, number][] = [
          ["exp", 0, 1],
          ["exp", -104, 0],
          ["exp", Number.NEGATIVE_INFINITY, 0],
          ["exp", 89, Number.POSITIVE_INFINITY],
          ["exp", 88.5, Math.exp(88.5)],
          ["exp", -100, Math.exp(-100)],
          ["log", 0, Number.NEGATIVE_INFINITY],
          ["log", -1, Number.NaN],
          ["log", 1, 0],
          ["log", 1e-42, Math.log(Math.fround(1e-42))],
          ["log", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
          ["sigmoid", 200, 1],
          ["sigmoid", -200, 0],
          ["softplus", 1000, 1000],
          ["softplus", -1000, 0],
          ["tanh", 50, 1],
          ["tanh", -50, -1],
          ["tanh", 0, 0],
          ["sqrt", 0, 0],
          ...(["exp", "log", "sigmoid", "softplus", "tanh", "relu", "leaky-relu"] as const).map(
            (f): [UnaryFunction, number, number] => [f, Number.NaN, Number.NaN],
          ),
        ];
        const out = device.allocate([1]);
        for (const [f, x, expected] of cases) {
          device.kernels.unary(f, out, device.upload([1], Float32Array.of(x)));
          assertClose(await readFloats(device, out), [expected], 1e-6, `${f}(${x})`);
        }
      });
    });

    it("gradients are gradY·f′(x), added", async () => {
      await withDevice(options, async (device) => {
        for (const [f, [value, slope]] of Object.entries(exact) as [
          UnaryFunction,
          (typeof exact)["exp"],
        ][]) {
          const positive = f === "log" || f === "sqrt";
          const x = Float32Array.from({ length: 37 }, (_, n) => (positive ? 0.1 : -3) + n / 6.1);
          const y = x.map(value);
          const flow = x.map((_, n) => 1 - n / 20);
          const start = x.map((_, n) => n / 10);
          const into = device.upload([37], start);
          device.kernels.unaryGradient(
            f,
            into,
            device.upload([37], flow),
            device.upload([37], x),
            device.upload([37], y),
          );
          const expected = x.map((at, n) => start[n]! + flow[n]! * slope(at));
          assertClose(await readFloats(device, into), expected, 3e-6, f);
        }
      });
    });
  });
}
