/**
 * The k items most like each item by Lumière: cosine, or inner products of BM25 weights as
 * `implicit` has them. An item is among its own neighbours, as there.
 *
 * Usage: node bench/ours/knn.ts FOLDER [--threads 2] [--seconds 5] [--neighbours 20] [--weighting cosine]
 *
 * @module
 */

import { silent } from "../../src/base/progress.ts";
import { rowsByUser } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { transposeRows } from "../../src/graph/bipartite.ts";
import { collectRows, uploadPattern } from "../../src/graph/weighted-rows.ts";
import { Similarity, similaritySchema } from "../../src/models/similarity.ts";
import { spreadOf } from "../rounds.ts";
import { peakMebibytes, readFlags, readNeutral } from "./neutral.ts";
import { timeFits } from "./time-fits.ts";

const flags = readFlags({
  neighbours: "20",
  weighting: "cosine",
});
const { folder, threads, seconds } = flags;
const { userCount, itemCount, train } = readNeutral(folder);
const k = Number(flags.neighbours);
const device = await createCpuDevice({ threads });
const context = { device, progress: silent, signal: new AbortController().signal };

const isBm25 = flags.weighting === "bm25";
const settings = similaritySchema.parse({ weighting: isBm25 ? "bm25" : "none" });

async function fit() {
  const users = rowsByUser(train, userCount);
  const items = transposeRows(users, itemCount);
  const counted = { rows: itemCount, columns: userCount };
  const similarity = new Similarity(items, userCount, counted, settings);
  const { inner, factor, norm } = similarity.product(items);
  const mark = device.mark();
  const upload = (x: Float32Array | null) => x && device.upload([x.length], x);
  const sides = (x: Tensor | null) => x && { rows: x, columns: x };
  const left = uploadPattern(device, items, userCount);
  const right = uploadPattern(device, users, itemCount);
  const options = {
    ...{ inner: upload(inner), factor: sides(upload(factor)), shift: null },
    ...{
      norm: isBm25 ? null : sides(upload(norm?.rows ?? null)),
      shrinkage: 0,
      skipDiagonal: false,
    },
  };
  const near = await collectRows(context, itemCount, k, (columns, scores, first) => {
    device.kernels.productTopRows(columns, scores, first, left, right, options);
  });
  device.release(mark);
  return near;
}

const { values: weights } = await fit();
const { taken, processorMs } = await timeFits(fit, seconds);
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    fitMs: spreadOf(taken),
    processorMs,
    checkLosses: [Math.log(weights.reduce((sum, value) => sum + value, 0) / itemCount)],
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
