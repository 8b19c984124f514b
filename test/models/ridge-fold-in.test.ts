import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { factorCholesky } from "../../src/models/least-squares-coordinates.ts";
import type { Histories } from "../../src/models/recommender.ts";
import { RidgeFoldIn } from "../../src/models/ridge-fold-in.ts";
import type { RidgeOptions } from "../../src/models/ridge-problem.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { solveDense } from "./dense-solve.ts";

const itemCount = 150;

function rows(...histories: readonly (readonly number[])[]): Histories {
  const indptr = new Int32Array(histories.length + 1);
  histories.forEach((history, at) => {
    indptr[at + 1] = indptr[at]! + history.length;
  });
  return { indptr, indices: Int32Array.from(histories.flat()) };
}

function table(width: number, count = itemCount): Float32Array {
  const random = new RandomStream(width, "ridge");
  return Float32Array.from({ length: count * width }, () => random.normal());
}

/** Of all lengths: none, one, an item twice, more items than columns, all items; enough for several pieces. */
function people(): readonly (readonly number[])[] {
  const random = new RandomStream(4, "histories");
  const everything = Array.from({ length: itemCount }, (_, item) => item);
  const some = (count: number) =>
    [...random.shuffle(Int32Array.from(everything))].slice(0, count).sort((a, b) => a - b);
  const lengths = [2, 3, 7, 8, 9, 15, 31, 40, 64, 100, 5, 6, 11, 12, 20, 25, 33];
  return [[], [7], [3, 3], everything, ...lengths.map(some), [], some(4)];
}

/** The normal equations, written down a second time. */
function expected(
  items: Float32Array,
  width: number,
  history: readonly number[],
  { regularisation, unseenWeight, likedWeight = 1, likedTarget = 1 }: RidgeOptions,
): Float64Array {
  const matrix = new Float64Array(width * width);
  const right = new Float64Array(width);
  const add = (item: number, weight: number, target: number) => {
    for (let c = 0; c < width; c++) {
      right[c]! += target * items[item * width + c]!;
      for (let d = 0; d < width; d++) {
        matrix[c * width + d]! += weight * items[item * width + c]! * items[item * width + d]!;
      }
    }
  };
  for (let item = 0; item < items.length / width; item++) add(item, unseenWeight, 0);
  for (const item of history) add(item, likedWeight, likedTarget);
  const lambda =
    typeof regularisation === "number" ? regularisation : regularisation(history.length);
  for (let c = 0; c < width; c++) matrix[c * width + c]! += lambda;
  return solveDense(matrix, right);
}

function close(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  assert.equal(found.length, wanted.length);
  for (let at = 0; at < found.length; at++) {
    const bound = tolerance * (1 + Math.abs(wanted[at]!));
    assert.ok(Math.abs(found[at]! - wanted[at]!) <= bound, `${found[at]} against ${wanted[at]}`);
  }
}

const cases: Readonly<Record<string, readonly [number, RidgeOptions]>> = {
  "one λ for all": [12, { regularisation: 0.7, unseenWeight: 0.05 }],
  "no weight on the unseen": [12, { regularisation: 0.7, unseenWeight: 0 }],
  "λ of each length": [
    16,
    {
      ...{ regularisation: (length) => 0.02 * (3 + length) ** 0.5, unseenWeight: 0.1 },
      ...{ likedWeight: 3, likedTarget: 4 },
    },
  ],
  "wide, with OpenBLAS where it is there": [72, { regularisation: 2, unseenWeight: 0.3 }],
};

describe("ridge fold-in", () => {
  it("solves a hand-worked case", async () => {
    // Items (1,0), (0,2), (1,1); history {0, 1}, λ = 1, no weight on the unseen:
    // (Q_SᵀQ_S + I) = diag(1 + 1, 4 + 1), Q_Sᵀ1 = (1, 2), so p = (1/2, 2/5).
    const foldIn = new RidgeFoldIn(Float32Array.of(1, 0, 0, 2, 1, 1), 2, {
      regularisation: 1,
      unseenWeight: 0,
    });
    close(await foldIn.vectors(rows([0, 1])), [0.5, 0.4], 1e-6);
    // Item 2 scores 1/2 + 2/5, of which the first history item carries 1/2.
    close(await foldIn.contributions(Int32Array.of(0, 1), 2), [0.5, 0.4], 1e-6);
  });

  it("weighs all items by hand", async () => {
    // The same with β = 1/2: QᵀQ = (2, 1; 1, 5), so M = (2, 0; 0, 5) + ½·QᵀQ = (3, ½; ½, 15/2), M·p = (1, 2).
    const foldIn = new RidgeFoldIn(Float32Array.of(1, 0, 0, 2, 1, 1), 2, {
      regularisation: 1,
      unseenWeight: 0.5,
    });
    const determinant = 3 * 7.5 - 0.25;
    const p = [(7.5 - 1) / determinant, (6 - 0.5) / determinant];
    close(await foldIn.vectors(rows([0, 1])), p, 1e-6);
  });

  for (const [name, [width, options]] of Object.entries(cases)) {
    const items = table(width);
    it(`solves the normal equations: ${name}`, async () => {
      for (const how of deviceOptions) {
        await withDevice(how, async (device) => {
          const foldIn = new RidgeFoldIn(items, width, options);
          const found = await foldIn.vectors(rows(...people()), device);
          people().forEach((history, at) => {
            const own = found.subarray(at * width, (at + 1) * width);
            close(own, expected(items, width, history, options), 2e-5);
          });
        });
      }
    });

    it(`a block is what its people are one by one, bit for bit: ${name}`, async () => {
      for (const how of deviceOptions) {
        await withDevice(how, async (device) => {
          const foldIn = new RidgeFoldIn(items, width, options);
          const together = await foldIn.vectors(rows(...people()), device);
          for (const [at, history] of people().entries()) {
            const alone = await foldIn.vectors(rows(history), device);
            assert.deepEqual(alone, together.subarray(at * width, (at + 1) * width));
          }
        });
      }
    });

    it(`has the same bits on 1, 2 and 3 threads: ${name}`, async () => {
      const found: Float32Array[] = [];
      for (const threads of [1, 2, 3]) {
        await withDevice({ threads }, async (device) => {
          const foldIn = new RidgeFoldIn(items, width, options);
          found.push(await foldIn.vectors(rows(...people()), device));
        });
      }
      assert.deepEqual(found[1], found[0]);
      assert.deepEqual(found[2], found[0]);
    });

    it(`its parts sum to the score: ${name}`, async () => {
      const foldIn = new RidgeFoldIn(items, width, options);
      for (const history of people().filter(({ length }) => length > 0)) {
        const vector = await foldIn.vectors(rows(history));
        const parts = await foldIn.contributions(Int32Array.from(history), 5);
        const score = vector.reduce((sum, value, c) => sum + value * items[5 * width + c]!, 0);
        close([parts.reduce((sum, part) => sum + part, 0)], [score], 1e-4);
      }
    });
  }

  it("more people than a block holds, and histories that fill one", async () => {
    const [width, count] = [2048, 2100];
    const random = new RandomStream(8, "wide");
    const items = Float32Array.from({ length: count * 8 }, () => random.normal());
    const options = { regularisation: 0.5, unseenWeight: 0.01 };
    const foldIn = new RidgeFoldIn(items, 8, options);
    const histories = Array.from({ length: 600 }, (_, at) => [at, at + 700, (at * 7) % 600]);
    const found = await foldIn.vectors(rows(...histories));
    for (const at of [0, 255, 256, 511, 599]) {
      const own = expected(items, 8, histories[at]!, options);
      close(found.subarray(at * 8, at * 8 + 8), own, 2e-5);
    }
    // Rows of 2,048 numbers: a block holds as many of them as these histories have items.
    const wide = new Float32Array(count * width);
    wide.forEach((_, at) => {
      if (at % width < 8) wide[at] = items[Math.floor(at / width) * 8 + (at % width)]!;
    });
    const long = [0, 1, 2].map((from) =>
      Array.from({ length: 1500 }, (_, item) => item + 200 * from),
    );
    const plain = { regularisation: 0.5, unseenWeight: 0 };
    const spread = await new RidgeFoldIn(wide, width, plain).vectors(rows(...long));
    const narrow = await new RidgeFoldIn(items, 8, plain).vectors(rows(...long));
    for (const person of [0, 1, 2]) {
      const own = spread.subarray(person * width, person * width + 8);
      // A system of 1,500 neighbours against one of 8 columns, in single precision.
      close(own, narrow.subarray(person * 8, person * 8 + 8), 5e-4);
    }
  });

  it("of rated items the mean and the items' biases stand still, by hand", async () => {
    // q = 1, 2 with b_i = ½, −½, μ = 3, ratings 5 and 1: r − μ − b_i = 3/2, −3/2 on (1, 1) and (2, 1), λ = 1:
    // (1 + 1 + 4, 1 + 2; 1 + 2, 1 + 2)·(p, b_u) = (3/2 − 3, 3/2 − 3/2), so p = −½, b_u = ½.
    const items = Float32Array.of(1, 1, 0.5, 2, 1, -0.5);
    const options = { regularisation: 1, unseenWeight: 0, likedTarget: 4, rated: true, mean: 3 };
    const foldIn = new RidgeFoldIn(items, 3, options);
    const rated = { ...rows([0, 1], []), values: Float32Array.of(5, 1) };
    close(await foldIn.vectors(rated), [-0.5, 3.5, 1, 0, 3, 1], 1e-6);
    // Without ratings each is taken for a 4: ½ and 3/2 beside, (6, 3; 3, 3)·(p, b_u) = (7/2, 2).
    close(await foldIn.vectors(rows([0, 1])), [0.5, 3 + 1 / 6, 1], 1e-6);
    const parts = await foldIn.contributions(Int32Array.of(0, 1), 1);
    // Item 1 is 3 − ½ without a history, and ½·2 + 1/6 more with this one.
    close([parts[0]! + parts[1]!], [7 / 6], 1e-6);
  });

  it("refuses a matrix that is not positive definite", () => {
    assert.throws(() => factorCholesky(Float64Array.of(1, 2, 2, 1), 2), {
      code: "regularisation",
      message: /raise the regularisation/,
    });
  });
});
