/** The operators of autoencoders beside naive code over dense rows of zeros and ones. */

import { compressRows } from "../../src/data/interactions.ts";
import type { Device } from "../../src/engine/device.ts";
import * as operators from "../../src/engine/operators/index.ts";
import { uploadRows } from "../../src/graph/bipartite.ts";
import type { OperatorCase } from "./operator-case.ts";

/** Whether person p likes item i: about a third; every fourth person likes nothing. */
const likes = (person: number, item: number) =>
  person % 4 !== 3 && (person * 5 + item * 7 + ((person * item) % 4)) % 3 === 0;

/** One more person than a batch has rows. */
function people(device: Device, rows: number, items: number) {
  const pairs: [number, number][] = [];
  for (let person = 0; person <= rows; person++) {
    for (let item = 0; item < items; item++) {
      if (likes(person, item)) pairs.push([person, item]);
    }
  }
  const column = (at: 0 | 1) => Int32Array.from(pairs, (pair) => pair[at]);
  const table = compressRows(column(0), column(1), rows + 1);
  // Row b of the batch is person rows − b, so that places and people differ.
  const index = Int32Array.from({ length: rows }, (_, b) => rows - b);
  return { rows: uploadRows(device, table, items), index: device.upload([rows], index) };
}

const likedBy = (b: number, rows: number, items: number): number[] =>
  Array.from({ length: items }, (_, item) => (likes(rows - b, item) ? 1 : 0));

const whole = { rate: 0, key0: 1, key1: 2, draw: 3 };

/** Two scores an entry, the second time as if nobody liked it: what sampling could have drawn. */
function targetsOf(device: Device, rows: number, items: number) {
  const [indptr, indices, values] = [[0], [] as number[], [] as number[]];
  for (let b = 0; b < rows; b++) {
    likedBy(b, rows, items).forEach((liked, item) => {
      for (const value of liked ? [1, 0] : []) {
        indices.push(item);
        values.push(value);
      }
    });
    indptr.push(indices.length);
  }
  const capacity = Math.max(1, indices.length);
  const fill = (numbers: number[]) => [...numbers, ...new Array(capacity - numbers.length).fill(0)];
  const matrix = {
    rowCount: rows,
    columnCount: items,
    indptr: device.upload([rows + 1], Int32Array.from(indptr)),
    indices: device.upload([capacity], Int32Array.from(fill(indices))),
    values: device.upload([capacity], Float32Array.from(fill(values))),
  };
  return { matrix, capacity };
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const logLikelihoods = {
  multinomial(x: number[], r: number[]) {
    const sum = Math.log(x.reduce((total, score) => total + Math.exp(score), 0));
    return r.reduce((total, liked, i) => total + liked * (x[i]! - sum), 0);
  },
  logistic: (x: number[], r: number[]) =>
    r.reduce((total, y, i) => total - y * softplus(-x[i]!) - (1 - y) * softplus(x[i]!), 0),
  gaussian: (x: number[], r: number[]) =>
    r.reduce((total, y, i) => total - ((y ? 2.5 : 1) / 2) * (y - x[i]!) ** 2, 0),
};

const kinds = ["multinomial", "logistic", "gaussian"] as const;

export const likelihoodCases: readonly OperatorCase[] = [
  ...[false, true].map(
    (normalise): OperatorCase => ({
      name: `multiplySparse${normalise ? ", rows of length 1" : ""}`,
      inputs: ({ inner, width }) => [[inner, width]],
      apply: ([table], { rows, inner }) => {
        const { device } = table!.tape;
        const { rows: everybody, index } = people(device, rows, inner);
        const options = { ...whole, normalise };
        const batch = operators.takeRows(device, everybody, inner, index, options);
        return operators.multiplySparse(batch, table!);
      },
      naive: ([table], { rows, inner, width }) =>
        Array.from({ length: rows }, (_, b) => {
          const liked = likedBy(b, rows, inner);
          const count = liked.reduce((sum, y) => sum + y, 0);
          return Array.from({ length: width }, (_, c) => {
            const total = liked.reduce((sum, y, item) => sum + y * table![item * width + c]!, 0);
            return normalise && count > 0 ? total / Math.sqrt(count) : total;
          });
        }).flat(),
    }),
  ),
  ...[false, true].map(
    (transpose): OperatorCase => ({
      name: `affine${transpose ? " Wᵀ" : ""}`,
      inputs: ({ rows, width, inner }) => [
        [rows, inner],
        transpose ? [width, inner] : [inner, width],
        [width],
      ],
      apply: ([x, weights, bias]) => operators.affine(x!, weights!, bias!, { transpose }),
      naive: ([x, weights, bias], { rows, width, inner }) =>
        Array.from({ length: rows * width }, (_, at) => {
          const [r, c] = [Math.floor(at / width), at % width];
          let sum = bias![c]!;
          for (let k = 0; k < inner; k++) {
            sum += x![r * inner + k]! * weights![transpose ? c * inner + k : k * width + c]!;
          }
          return sum;
        }),
    }),
  ),
  ...kinds.map(
    (likelihood): OperatorCase => ({
      name: `logLikelihoodRows, ${likelihood}`,
      inputs: ({ rows, width }) => [[rows, width]],
      between: [-3, 3],
      apply: ([x], { rows, width }) =>
        operators.logLikelihoodRows(x!, {
          likelihood,
          confidence: 2.5,
          ...people(x!.tape.device, rows, width),
        }),
      naive: ([x], { rows, width }) =>
        Array.from({ length: rows }, (_, b) =>
          logLikelihoods[likelihood](
            Array.from(x!.subarray(b * width, (b + 1) * width)),
            likedBy(b, rows, width),
          ),
        ),
    }),
  ),
  ...(["logistic", "gaussian"] as const).map(
    (likelihood): OperatorCase => ({
      name: `entryLikelihoods, ${likelihood}`,
      inputs: ({ rows, width, inner }) => [[rows, width], [inner, width], [inner]],
      apply: ([a, items, bias], { rows, inner }) => {
        const targets = targetsOf(a!.tape.device, rows, inner);
        return operators.entryLikelihoods(likelihood, targets, a!, items!, bias!);
      },
      naive: ([a, items, bias], { rows, width, inner }) =>
        Array.from({ length: rows }, (_, b) =>
          likedBy(b, rows, inner).reduce((total, liked, item) => {
            if (!liked) return total;
            let s = bias![item]!;
            for (let k = 0; k < width; k++) s += a![b * width + k]! * items![item * width + k]!;
            return likelihood === "logistic"
              ? total - softplus(-s) - softplus(s)
              : total - (1 - s) ** 2 / 2 - s ** 2 / 2;
          }, 0),
        ),
    }),
  ),
];
