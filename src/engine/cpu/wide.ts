/**
 * 256-bit vectors, where the user asks for them: V8 can join two 128-bit operations
 * into one of twice the width ("revectorize"). That is an experiment of V8's, so it
 * is off unless LUMIERE_WIDE=on, it is kept to the kernels that gain from it, and
 * their numbers are compared with the ordinary kernels' before they are used.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { LumiereError } from "../../base/errors.ts";
import { RandomStream } from "../../base/random.ts";
import { paddingEntries } from "../kernels.ts";
import { type KernelFunction, type KernelTable, readKernels } from "./module.ts";

/**
 * Eager, because lazily compiled functions would be compiled after the flag is
 * gone; without inlining, because that needs feedback which eager code has not.
 */
const during = [
  "--no-wasm-lazy-compilation",
  "--no-liftoff",
  "--no-wasm-inlining",
  "--experimental-wasm-revectorize",
];
const afterwards = [
  "--wasm-lazy-compilation",
  "--liftoff",
  "--wasm-inlining",
  "--no-experimental-wasm-revectorize",
];

/** Whether the user asks for 256-bit vectors, and the processor may have them. */
export function wantsWide(): boolean {
  return process.env.LUMIERE_WIDE === "on" && process.arch === "x64";
}

/**
 * Compiles the kernels of `kernels/wide.ts` to 256-bit vectors, and checks them against
 * the ordinary ones.
 * @throws LumiereError("wide-kernels") where they give other numbers
 */
export function compileWide(ordinary: WebAssembly.Module): WebAssembly.Module {
  const bytes = readKernels("wide");
  for (const flag of during) setFlagsFromString(flag);
  try {
    const module = new WebAssembly.Module(bytes);
    for (const width of [64, 100]) compare(module, ordinary, width);
    return module;
  } finally {
    for (const flag of afterwards) setFlagsFromString(flag);
  }
}

/** The kernels of a wide module, to take the places of the ordinary ones. */
export function instantiateWide(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): KernelTable {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { propagate: exports.propagate as KernelFunction };
}

const rowCount = 24;
const longestRow = 21;

/** Runs `propagate` with every combination of its options on both; throws where a bit differs. */
function compare(wide: WebAssembly.Module, ordinary: WebAssembly.Module, width: number): void {
  const random = new RandomStream(width, "wide kernels");

  const world = smallWorld(random, width);
  const outputs = [wide, ordinary].map((module) => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
    const imports = { env: { memory }, blas: { sgemm: () => {} } };
    const { exports } = new WebAssembly.Instance(module, imports);
    return world.run(exports.propagate as KernelFunction, memory);
  });
  const [found, expected] = outputs;
  for (let at = 0; at < found!.length; at++) {
    if (found![at] === expected![at]) continue;
    throw new LumiereError(
      "wide-kernels",
      "V8's 256-bit code gives other numbers than its 128-bit code on this machine; " +
        "do without it: unset LUMIERE_WIDE",
    );
  }
}

/** A small graph, and a way to propagate over it with all options on and off. */
function smallWorld(random: RandomStream, width: number) {
  const floats = (length: number) => Float32Array.from({ length }, () => random.uniform() * 2 - 1);
  const degrees = Array.from({ length: rowCount }, () => random.below(longestRow + 1));
  const indptr = new Int32Array(rowCount + 1);
  degrees.forEach((degree, row) => {
    indptr[row + 1] = indptr[row]! + degree;
  });
  const edges = indptr[rowCount]!;
  const indices = Int32Array.from({ length: edges + paddingEntries }, (_, at) =>
    at < edges ? random.below(rowCount) : 0,
  );
  const mask = Int32Array.from({ length: rowCount }, () => random.below(2));
  const list = Int32Array.from({ length: rowCount }, (_, row) => rowCount - 1 - row);
  const [x, base] = [floats(rowCount * width), floats(rowCount * width)];
  const [columnScale, rowScale, outScale] = [floats(rowCount), floats(rowCount), floats(rowCount)];
  const stride = longestRow + 2 * paddingEntries;

  return {
    run(propagate: KernelFunction, memory: WebAssembly.Memory): Int32Array {
      // The ordinary binary keeps its constants at the start of the memory.
      let top = 512 * 1024;
      const place = (data: Float32Array | Int32Array) => {
        const at = top;
        top += 64 * Math.ceil(data.byteLength / 64);
        new Uint8Array(memory.buffer, at, data.byteLength).set(
          new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        );
        return at;
      };
      const table = [indptr, indices, x, columnScale, rowScale, base, mask, outScale, list];
      const [starts, columns, source, column, row, bases, masks, outs, rows] = table.map(place);
      const scratch = place(new Int32Array(stride));
      const size = rowCount * width;
      const results = new Int32Array(size << 6);
      for (let options = 0; options < 64; options++) {
        const given = (bit: number, at: number | undefined) => (options & (1 << bit) ? at! : 0);
        const out = place(new Float32Array(size));
        const graph = [starts!, columns!, given(0, column), given(1, row), 0.75];
        const addition = [given(2, bases), 0.5, given(2, given(3, masks))];
        const rest = [given(1, outs), given(4, rows), given(5, masks), scratch, stride];
        propagate(0, rowCount, 0, out, source!, width, ...graph, ...addition, ...rest);
        results.set(new Int32Array(memory.buffer, out, size), options * size);
      }
      return results;
    },
  };
}
