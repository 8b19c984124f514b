/**
 * LightGCN's training step in TensorFlow.js on its WebAssembly backend (SIMD, one thread in
 * Node). It has no sparse product, so the normalised adjacency is laid out densely, which small
 * graphs allow; gathered rows get their gradient by scatterND, the one this backend has.
 *
 * Usage: node bench/peers/lightgcn-tfjs.mjs FOLDER [--threads 1] [--seconds 5]
 * Prints one line of JSON.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { RandomStream } from "../../src/base/random.ts";

const installed = createRequire(join(import.meta.dirname, "javascript", "package.json"));
const tf = installed("@tensorflow/tfjs");
const wasm = installed("@tensorflow/tfjs-backend-wasm");

const [layers, width, batchSize, checks, rate, decay] = [3, 64, 2048, 4, 1e-3, 1e-4];
/** Bytes of the adjacency that WebAssembly's memory has room for. */
const mostBytes = 2 ** 30;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "1" },
    seconds: { type: "string", default: "5" },
  },
});
const [folder] = positionals;
const bytes = (file) => {
  const buffer = readFileSync(join(folder, file));
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
};
const integers = (file) => new Int32Array(bytes(file));
const { users: userCount, items: itemCount } = JSON.parse(
  readFileSync(join(folder, "meta.json"), "utf8"),
);
const nodeCount = userCount + itemCount;
if (4 * nodeCount ** 2 > mostBytes) {
  process.stderr.write(`it has no sparse product, and ${nodeCount}² numbers are too many\n`);
  process.exit(1);
}
wasm.setWasmPaths(
  `${join(import.meta.dirname, "javascript/node_modules/@tensorflow/tfjs-backend-wasm/dist")}/`,
);
await tf.setBackend("wasm");
await tf.ready();

const [users, items] = [integers("train_users.bin"), integers("train_items.bin")];
const degrees = new Float32Array(nodeCount);
users.forEach((user, at) => {
  degrees[user]++;
  degrees[userCount + items[at]]++;
});
const dense = new Float32Array(nodeCount ** 2);
users.forEach((user, at) => {
  const item = userCount + items[at];
  const value = 1 / Math.sqrt(degrees[user] * degrees[item]);
  dense[user * nodeCount + item] = value;
  dense[item * nodeCount + user] = value;
});
const adjacency = tf.tensor2d(dense, [nodeCount, nodeCount]);
const embedding = tf.variable(
  tf.tensor2d(new Float32Array(bytes("initial.bin")), [nodeCount, width]),
);
const adam = tf.train.adam(rate, 0.9, 0.999, 1e-8);

const rows = tf.customGrad((x, index, save) => {
  save([index]);
  const gradFunc = (dy, [places]) => [
    tf.scatterND(places.expandDims(1), dy, [nodeCount, width]),
    tf.zerosLike(places),
  ];
  return { value: tf.gather(x, index), gradFunc };
});

function lossOf(batch) {
  let layer = embedding;
  let sum = embedding;
  for (let k = 0; k < layers; k++) {
    layer = tf.matMul(adjacency, layer);
    sum = sum.add(layer);
  }
  const final = sum.div(layers + 1);
  const [u, p, n] = batch.map((index) => rows(final, index));
  const difference = u.mul(n.sub(p)).sum(1);
  const penalty = batch
    .map((index) => rows(embedding, index).square().sum())
    .reduce((a, b) => a.add(b));
  return tf
    .softplus(difference)
    .mean()
    .add(penalty.mul(decay / 2 / batchSize));
}

/** @param columns users, positives, negatives as nodes */
function step(columns) {
  const loss = tf.tidy(() => {
    const batch = columns.map((column) => tf.tensor1d(column, "int32"));
    return adam.minimize(() => lossOf(batch), true, [embedding]);
  });
  const [value] = loss.dataSync();
  loss.dispose();
  return value;
}

const node = (item) => userCount + item;
const losses = [];
const check = [
  integers("check_users.bin"),
  integers("check_positives.bin").map(node),
  integers("check_negatives.bin").map(node),
];
for (let at = 0; at < checks; at++) {
  losses.push(step(check.map((column) => column.slice(at * batchSize, (at + 1) * batchSize))));
}
// Negatives are drawn without a look at what the user has seen: it costs the others time, not this.
const random = new RandomStream(1, "bench tfjs");
const draw = () => {
  const chosen = Int32Array.from({ length: batchSize }, () => random.below(users.length));
  return [
    chosen.map((at) => users[at]),
    chosen.map((at) => node(items[at])),
    chosen.map(() => node(random.below(itemCount))),
  ];
};
const taken = [];
let sum = 0;
while (sum < 1000 * Number(values.seconds) || taken.length < 3) {
  const triples = draw();
  const begin = performance.now();
  step(triples);
  taken.push(performance.now() - begin);
  sum += taken.at(-1);
}
taken.sort((a, b) => a - b);
const steps = Math.floor(users.length / batchSize);
const status = readFileSync("/proc/self/status", "utf8");
console.log(
  JSON.stringify({
    threads: 1,
    stepMs: { median: taken[taken.length >> 1], min: taken[0], max: taken.at(-1) },
    epochSeconds: ((sum / taken.length) * steps) / 1000,
    extrapolated: taken.length < steps,
    checkLosses: losses,
    peakMebibytes: Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024,
    versions: { "@tensorflow/tfjs": tf.version.tfjs },
  }),
);
