/** The common recommender of the graph filters beside dense matrices, and the models' equations. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compressRows, rowsByUser } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { readFloats } from "../../src/engine/device.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { bspm, bspmSchema, processOf } from "../../src/models/bspm.ts";
import { chebyCf, plateau } from "../../src/models/chebycf.ts";
import { gfCf } from "../../src/models/gf-cf.ts";
import { ItemFilter } from "../../src/models/item-filter.ts";
import type { ItemFilterParts } from "../../src/models/item-filter-parts.ts";
import { solverStep, trajectory } from "../../src/models/polynomials.ts";
import { rank } from "../../src/models/rank.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { turboCf } from "../../src/models/turbo-cf.ts";
import { fitModel } from "../../src/training/fit.ts";
import { assertClose, floats, stream } from "../engine/numbers.ts";
import { splitOf, tasteWorld, trainingContext } from "./small-world.ts";

type Matrix = readonly (readonly number[])[];

const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, i) => sum + value * b[i]![j]!, 0)));
const turned = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
const mapped = (a: Matrix, f: (value: number, i: number, j: number) => number): Matrix =>
  a.map((row, i) => row.map((value, j) => f(value, i, j)));
const plus = (a: Matrix, b: Matrix, factor = 1): Matrix =>
  mapped(a, (value, i, j) => value + factor * b[i]![j]!);
const identity = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));

/** R as a dense matrix. */
function denseR({ userItems: { indptr, indices }, userCount, itemCount }: BipartiteGraph): Matrix {
  return Array.from({ length: userCount }, (_, u) => {
    const row = new Array<number>(itemCount).fill(0);
    for (let at = indptr[u]!; at < indptr[u + 1]!; at++) row[indices[at]!] = 1;
    return row;
  });
}

/** (R̃ᵀR̃)^∘power, densely. */
function denseP(graph: BipartiteGraph, a: number, b: number, power = 1): Matrix {
  const r = denseR(graph);
  const degree = (row: readonly number[]) => row.reduce((sum, value) => sum + value, 0);
  const [users, items] = [r.map(degree), turned(r).map(degree)];
  const normal = mapped(r, (value, u, i) => value && value * users[u]! ** -a * items[i]! ** -b);
  return mapped(times(turned(normal), normal), (value) => value && value ** power);
}

const world = tasteWorld(40, 30, 6);
const graph = buildGraph(world.interactions, 40, 30);
const everyone = Int32Array.from({ length: 40 }, (_, user) => user);

async function fitted(definition: typeof gfCf, settings: Hyperparameters) {
  const parsed = definition.hyperparameters.parse(settings);
  return (await fitModel(definition, parsed, trainingContext(world, splitOf(world)))).recommender;
}

/** D_I^−exponent·M·D_I^exponent of items × items. */
function betweenDegrees(matrix: Matrix, exponent: number): Matrix {
  const items = turned(denseR(graph)).map((row) => row.reduce((sum, value) => sum + value, 0));
  return mapped(matrix, (value, i, j) => value * (items[j]! / items[i]!) ** exponent);
}

/** D_I^−exponent·V·Vᵀ·D_I^exponent of the vectors that a model saved. */
function idealLowPass(saved: Float32Array, width: number, exponent = 0.5): Matrix {
  const v = Array.from({ length: 30 }, (_, i) => [...saved.subarray(i * width, (i + 1) * width)]);
  return betweenDegrees(times(v, turned(v)), exponent);
}

describe("item filter", () => {
  const lowRank = {
    width: 3,
    left: floats(stream(1), 90),
    right: floats(stream(2), 90),
  };
  const cases: Record<string, Partial<ItemFilterParts>> = {
    linear: {},
    "linear with a constant, and a part of low rank": { polynomial: [0.5, 2], lowRank },
    "fourth power": { polynomial: [0, 1, -2, 0.5, 0.25], lowRank },
    "third power with a constant": { polynomial: [-1, 1, 0, 0.5] },
    "Hadamard power": { power: 0.7, exponents: { users: 0.6, items: 0.4 } },
    "powers of a Hadamard power": { power: 1.3, polynomial: [0.1, 2, -1, 0.5] },
    "a constant alone": { polynomial: [2] },
    "linear between degrees": { signalExponent: 0.4 },
    "powers between degrees, and a part of low rank": {
      ...{ signalExponent: 0.3, polynomial: [0.5, 1, -2, 0.5], lowRank },
    },
    "powers of a Hadamard power between degrees": {
      ...{ signalExponent: 0.3, power: 1.3, polynomial: [0.1, 2, -1] },
    },
  };
  for (const [name, change] of Object.entries(cases)) {
    it(`equals the dense filter for one person and for blocks: ${name}`, async () => {
      const parts: ItemFilterParts = {
        ...{ graph, exponents: { users: 0.5, items: 0.5 }, signalExponent: 0, power: 1 },
        ...{ polynomial: [0, 1], lowRank: null, saved: {} },
        ...change,
      };
      const { exponents, power, polynomial, signalExponent } = parts;
      const p = denseP(graph, exponents.users, exponents.items, power);
      let filter: Matrix = mapped(p, () => 0);
      let powerOfP = identity(30);
      for (const coefficient of polynomial) {
        filter = plus(filter, powerOfP, coefficient);
        powerOfP = times(powerOfP, p);
      }
      filter = betweenDegrees(filter, signalExponent);
      if (parts.lowRank) {
        const rows = (table: Float32Array) =>
          Array.from({ length: 30 }, (_, i) => [...table.subarray(3 * i, 3 * i + 3)]);
        filter = plus(filter, times(rows(lowRank.left), turned(rows(lowRank.right))));
      }
      const expected = times(denseR(graph), filter).flat();
      const model = new ItemFilter(parts);
      assertClose(await model.scoreUsers(everyone), expected, 1e-6, "one by one");
      for (const threads of [1, 2]) {
        const device = await createCpuDevice({ threads });
        const scorer = await model.blockScorer(device);
        const out = device.allocate([40, 30]);
        scorer.score(out, { users: everyone });
        assertClose(await readFloats(device, out), expected, 1e-5, "block");
        await device.close();
      }
      const history = Int32Array.of(3, 4, 11);
      const share = model.explain(history, 7);
      assertClose(
        share,
        [...history].map((item) => filter[item]![7]!),
        1e-6,
        "shares",
      );
    });
  }

  it("gives an item that nobody liked in training the constant alone, one by one and in blocks", async () => {
    const colder = buildGraph(world.interactions, 40, 31);
    const histories = { indptr: Int32Array.of(0, 2), indices: Int32Array.of(3, 30) };
    for (const polynomial of [
      [0.5, 1],
      [0.5, 1, -2],
    ]) {
      const exponents = { users: 0.5, items: 0.5 };
      const parts = { graph: colder, exponents, signalExponent: 0, power: 1, polynomial };
      const model = new ItemFilter({ ...parts, lowRank: null, saved: {} });
      assert.equal((await model.scoreHistories(histories))[30], 0.5);
      assert.deepEqual([...model.explain(histories.indices, 30)], [0, 0.5]);
      const device = await createCpuDevice({ threads: 1 });
      const out = device.allocate([1, 31]);
      (await model.blockScorer(device)).score(out, { histories });
      assert.equal((await readFloats(device, out))[30], 0.5);
      await device.close();
    }
  });

  it("ranks a large audience as its scores say, with seen items and candidates", async () => {
    const parts = { graph, exponents: { users: 0.5, items: 0.5 }, signalExponent: 0.2, power: 1 };
    const model = new ItemFilter({ ...parts, polynomial: [0, 1, -0.3], lowRank: null, saved: {} });
    const seen = rowsByUser(world.interactions, 40);
    const candidates = compressRows(
      everyone.map((_, at) => at),
      everyone.map((_, at) => (7 * at) % 30),
      40,
    );
    const scores = await model.scoreUsers(everyone);
    const best = await rank(model, { histories: seen }, 1, seen);
    const chosen = await rank(model, { users: everyone }, 2, null, candidates);
    for (const user of everyone) {
      const mine = new Set(seen.indices.subarray(seen.indptr[user], seen.indptr[user + 1]));
      const row = Array.from(scores.subarray(30 * user, 30 * user + 30), (score, item) =>
        mine.has(item) ? -Infinity : score,
      );
      assert.ok(row[best.items[user]!]! >= Math.max(...row) - 1e-6);
      assert.deepEqual([...chosen.items.subarray(2 * user, 2 * user + 2)], [(7 * user) % 30, -1]);
    }
  });
});

describe("polynomials of solvers", () => {
  it("follow e^−t as the order of the solver says", () => {
    const at = (polynomial: readonly number[], x: number) =>
      polynomial.reduce((sum, coefficient, j) => sum + coefficient * x ** j, 0);
    assert.deepEqual(solverStep("euler", [0, -1], 2.5), [1, -2.5]);
    assertClose(
      solverStep("rk4", [0, -1], 2),
      [1, -2, 4 / 2, -8 / 6, 16 / 24],
      1e-15,
      "Taylor series",
    );
    // Fourth order: sixteen times nearer with half the step; first order: twice.
    for (const [solver, ratio] of [
      ["rk4", 16],
      ["euler", 2],
    ] as const) {
      const error = (steps: number) =>
        Math.abs(at(trajectory(solver, [0, -1], 1, steps).at(-1)!, 0.8) - Math.exp(-0.8));
      const found = error(8) / error(16);
      assert.ok(found > 0.8 * ratio && found < 1.25 * ratio, `${solver}: ${found}`);
    }
  });
});

describe("equations of the filter models", () => {
  it("GF-CF: R̃ᵀR̃ + α·D_I^−½·V·Vᵀ·D_I^½", async () => {
    const model = await fitted(gfCf, { width: 3, alpha: 0.4 });
    const vectors = model.save()["item.vector"]!.data as Float32Array;
    const filter = plus(denseP(graph, 0.5, 0.5), idealLowPass(vectors, 3), 0.4);
    const expected = times(denseR(graph), filter).flat();
    assertClose(await model.scoreUsers(everyone), expected, 1e-5);
    // V are eigenvectors of R̃ᵀR̃: what P does to them stays in their span.
    const p = denseP(graph, 0.5, 0.5);
    const v = Array.from({ length: 30 }, (_, i) => [...vectors.subarray(3 * i, 3 * i + 3)]);
    const pv = times(p, v);
    assertClose(times(v, times(turned(v), pv)).flat(), pv.flat(), 1e-4, "invariant");
  });

  it("Turbo-CF: the three polynomials", async () => {
    const p = denseP(graph, 0.6, 0.4, 0.7);
    const [p2, p3] = [times(p, p), times(p, times(p, p))];
    const filters = [
      p,
      plus(plus(p, p), p2, -1),
      mapped(p, (value, i, j) => value + 0.01 * (-p3[i]![j]! + 10 * p2[i]![j]! - 29 * value)),
    ];
    for (const [at, filter] of filters.entries()) {
      const model = await fitted(turboCf, { filter: at + 1 });
      const expected = times(denseR(graph), filter).flat();
      assertClose(await model.scoreUsers(everyone), expected, 1e-5, `filter ${at + 1}`);
    }
  });

  it("BSPM: early and late merge, followed step by step", async () => {
    const r = denseR(graph);
    const p = denseP(graph, 0.5, 0.5);
    for (const merge of ["early", "late"] as const) {
      for (const average of [false, true]) {
        const settings = {
          merge,
          average,
          width: 3,
          beta: 0.2,
          solver: "euler",
          sharpeningSteps: 2,
        };
        const model = await fitted(bspm, { ...settings, sharpeningTime: 1.2 });
        const vectors = model.save()["item.vector"]!.data as Float32Array;
        const lowPass = times(r, idealLowPass(vectors, 3));
        const blurred = times(r, p);
        let state = merge === "early" ? plus(blurred, lowPass, 0.2) : blurred;
        const points = [blurred];
        for (let step = 0; step < 2; step++) {
          state = plus(state, times(state, p), -0.6);
          points.push(state);
        }
        const sum = points.reduce((total, point) => plus(total, point));
        let expected = average ? mapped(sum, (value) => value / 3) : state;
        if (merge === "late") expected = plus(expected, lowPass, 0.2);
        const found = await model.scoreUsers(everyone);
        assertClose(found, expected.flat(), 1e-5, `${merge}, average ${average}`);
      }
    }
    // The published settings for Gowalla: P − 2.5·P² + 2.5²/2·P³ − 2.5³/6·P⁴ + 2.5⁴/24·P⁵.
    const gowalla = processOf(bspmSchema.parse({}));
    const taylor = [1, -2.5, 3.125, -2.6041667, 1.6276042];
    assertClose(gowalla.history, [0, ...taylor], 1e-6, "history");
    assertClose(
      gowalla.lowPass,
      taylor.map((coefficient) => 0.2 * coefficient),
      1e-6,
      "low pass",
    );
  });

  it("ChebyCF: Chebyshev's polynomials of the Laplacian, and the low-pass filter, between degrees", async () => {
    // K = 2: the roots of T_3 are ±√3/2 and 0, and h is 1, ½ and 0 there. With T_1 = x and
    // T_2 = 2x² − 1: c_0 = ½, c_1 = ⅔·(−√3/2·1 + √3/2·0) = −1/√3, c_2 = ⅔·(½ − ½ + 0) = 0.
    const slope = 1 / Math.sqrt(3);
    assertClose(plateau(2, 3), [0.5 - slope, 2 * slope, 0], 1e-12, "K = 2");
    // An interpolant takes the values of h at the roots, 1 − 2p = cos((j + ½)·π/(K + 1)).
    const coefficients = plateau(8, 1.5);
    for (let j = 0; j <= 8; j++) {
      const p = (1 - Math.cos(((j + 0.5) * Math.PI) / 9)) / 2;
      const extremum = Math.cos((j * Math.PI) / 8);
      const target = 0.5 - 0.5 * Math.sign(extremum) * Math.abs(extremum) ** 1.5;
      const found = coefficients.reduce((sum, coefficient, at) => sum + coefficient * p ** at, 0);
      assertClose([found], [target], 1e-9, `value at root ${j}`);
    }
    const model = await fitted(chebyCf, {
      ...{ order: 3, flatness: 2, width: 3, alpha: 0.3, beta: 0.4 },
    });
    const vectors = model.save()["item.vector"]!.data as Float32Array;
    const p = denseP(graph, 0.5, 0.5);
    const [constant = 0, ...higher] = plateau(3, 2);
    let filter = mapped(identity(30), (value) => constant * value);
    let powerOfP = p;
    for (const coefficient of higher) {
      filter = plus(filter, powerOfP, coefficient);
      powerOfP = times(powerOfP, p);
    }
    filter = plus(betweenDegrees(filter, 0.4), idealLowPass(vectors, 3, 0.4), 0.3);
    const expected = times(denseR(graph), filter).flat();
    assertClose(await model.scoreUsers(everyone), expected, 1e-5);
  });
});
