/** PureSVD: two squares of ones by hand, and a matrix of no pattern beside power iteration in doubles. */

import { describe, it } from "node:test";
import type { Recommender } from "../../src/models/recommender.ts";
import { svd } from "../../src/models/svd.ts";
import { fitModel } from "../../src/training/fit.ts";
import { assertClose } from "../engine/numbers.ts";
import { datasetOf, splitOf, trainingContext } from "./small-world.ts";

type Matrix = readonly (readonly number[])[];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const turned = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));

/** The leading eigenvectors of a symmetric matrix, as columns: power iteration, and what it found taken off. */
function leadingVectors(symmetric: Matrix, count: number): Matrix {
  let rest = symmetric;
  const vectors: (readonly number[])[] = [];
  for (let k = 0; k < count; k++) {
    let vector: Matrix = rest.map((_, row) => [1 + row]);
    let value = 0;
    for (let step = 0; step < 500; step++) {
      const next = product(rest, vector);
      value = Math.hypot(...next.flat());
      vector = next.map(([x]) => [x! / value]);
    }
    const ofThis = product(vector, turned(vector));
    rest = rest.map((row, i) => row.map((x, j) => x - value * ofThis[i]![j]!));
    vectors.push(vector.flat());
  }
  return turned(vectors);
}

async function fitted(R: Matrix, width: number): Promise<Recommender> {
  const pairs = R.flatMap((row, user) =>
    row.flatMap((liked, item) => (liked ? [[user, item] as const] : [])),
  );
  const dataset = datasetOf(pairs);
  const context = trainingContext(dataset, splitOf(dataset));
  return (await fitModel(svd, svd.hyperparameters.parse({ width }), context)).recommender;
}

describe("PureSVD", () => {
  it("finds two squares of ones to be two singular vectors", async () => {
    // σ² = 3·2 and 2·2.
    const [first, second] = [
      [1, 1, 0, 0],
      [0, 0, 1, 1],
    ];
    const recommender = await fitted([first!, first!, second!, second!, second!], 2);
    const h = Math.SQRT1_2;
    assertClose(
      recommender.embeddings!.items.map(Math.abs),
      [0, h, 0, h, h, 0, h, 0],
      1e-6,
      "one row an item",
    );
    // One item of a square brings half of each of its items' scores.
    const stranger = { indptr: Int32Array.of(0, 1), indices: Int32Array.of(2) };
    assertClose(await recommender.scoreHistories(stranger), [0, 0, 0.5, 0.5], 1e-6);
  });

  it("scores a user by r_u·Q·Qᵀ, and a stranger likewise, where degrees differ", async () => {
    const R = [
      [1, 1, 1, 1, 0],
      [1, 1, 0, 0, 0],
      [0, 1, 0, 0, 0],
      [1, 0, 1, 0, 1],
      [0, 0, 0, 1, 1],
      [1, 1, 1, 0, 0],
    ];
    for (const width of [1, 2, 3]) {
      const recommender = await fitted(R, width);
      const Q = leadingVectors(product(turned(R), R), width);
      const P = product(R, Q);
      const found = await recommender.scoreUsers(Int32Array.from(R.keys()));
      assertClose(found, product(P, turned(Q)).flat(), 1e-5, `scores, width ${width}`);
      const { users, items } = recommender.embeddings!;
      assertClose(users.map(Math.abs), P.flat().map(Math.abs), 1e-5, "P = U·Σ up to signs");
      assertClose(items.map(Math.abs), Q.flat().map(Math.abs), 1e-5, "Q up to signs");
      const stranger = { indptr: Int32Array.of(0, 2), indices: Int32Array.of(2, 4) };
      const own = product(product([[0, 0, 1, 0, 1]], Q), turned(Q)).flat();
      assertClose(await recommender.scoreHistories(stranger), own, 1e-5, "stranger");
    }
  });
});
