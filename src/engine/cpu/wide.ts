/**
 * 256-bit vectors: V8 can join two 128-bit operations into one of twice the width
 * ("revectorize"). That is an experiment of V8's, behind a flag of the whole process, so
 * that the library leaves it to the application, which asks by LUMIERE_WIDE=on; the
 * program asks for itself in commands that train (`src/cli/vectors.ts`). The sparse
 * product, on which most time goes, is checked before it is used.
 *
 * The flag stays: V8 compiles in the background, and does not survive it when flags go
 * back and forth meanwhile. The check needs no second binary, because a kernel's first
 * calls run in V8's baseline compiler, which knows nothing of the flag: what the optimised
 * code computes later must be the same.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { LumiereError } from "../../base/errors.ts";
import { RandomStream } from "../../base/random.ts";
import { wordsOfRow } from "../tensor.ts";
import type { KernelTable } from "./module.ts";

/** Whether the user asks for 256-bit vectors, and the processor may have them. */
export function wantsWide(): boolean {
  return process.env.LUMIERE_WIDE === "on" && process.arch === "x64";
}

/** Asks V8 for 256-bit vectors from now on; best before anything is compiled. */
export function enableWide(): void {
  setFlagsFromString("--experimental-wasm-revectorize");
}

/** Milliseconds in which V8 is given time to optimise the kernel; it takes about 20. */
const patience = 150;
let checked = false;

/** Whether the optimised sparse product gives the baseline compiler's numbers. */
export function wideIsRight(module: WebAssembly.Module): boolean {
  const expected = propagationBits(module);
  const end = performance.now() + patience;
  while (performance.now() < end) {
    if (!sameBits(propagationBits(module), expected)) return false;
  }
  checked = true;
  return true;
}

/**
 * Once a process.
 * @throws LumiereError("wide-kernels") where the optimised sparse product gives other numbers
 */
export function checkWide(module: WebAssembly.Module): void {
  if (checked || wideIsRight(module)) return;
  throw new LumiereError(
    "wide-kernels",
    "V8's 256-bit code gives other numbers than its 128-bit code on this machine; " +
      "do without it: LUMIERE_WIDE=off",
  );
}

export function sameBits(found: Int32Array, expected: Int32Array): boolean {
  return found.every((bits, at) => bits === expected[at]);
}

const rowCount = 24;
const longestRow = 21;

/**
 * What `propagate` of a module makes of a small graph, with every combination of its
 * options, in widths that take each of its loops, of float32 and of bfloat16; the words.
 */
export function propagationBits(module: WebAssembly.Module): Int32Array {
  // Constants of the binary lie at the start of the memory.
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory },
    blas: { sgemm: () => {} },
  });
  const kernels = exports as KernelTable;
  const parts = [64, 100].map((width) => propagateAll(kernels, memory, width));
  const bits = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    bits.set(part, at);
    return at + part.length;
  }, 0);
  return bits;
}

function propagateAll(kernels: KernelTable, memory: WebAssembly.Memory, width: number): Int32Array {
  let top = 512 * 1024;
  const place = (data: Float32Array | Int32Array) => {
    const at = top;
    top += 64 * Math.ceil(data.byteLength / 64);
    new Uint8Array(memory.buffer, at, data.byteLength).set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
    return at;
  };
  const [starts, columns, source, column, row, bases, masks, outs, rows] =
    smallWorld(width).map(place);
  const scratch = place(new Int32Array(longestRow));
  const size = rowCount * width;
  const words = wordsOfRow(width);
  const rounded = place(new Int32Array(rowCount * words));
  const sums = place(new Float32Array(2 * words));
  kernels.roundRows!(0, rowCount, 0, rounded, words, source!, width, 0, 0);
  const results = new Int32Array(size << 7);
  for (let options = 0; options < 128; options++) {
    const given = (bit: number, at: number | undefined) => (options & (1 << bit) ? at! : 0);
    // Rows in bfloat16 have no column scale.
    if (given(0, 1) && given(6, 1)) continue;
    const out = place(new Float32Array(size));
    const graph = [starts!, columns!, given(0, column), given(1, row), 0.75];
    const addition = [given(2, bases), 0.5, given(2, given(3, masks))];
    const rest = [given(1, outs), given(4, rows), given(5, masks), scratch, longestRow];
    const storage = [given(6, words), given(6, words), sums];
    const x = given(6, 1) ? rounded : source!;
    kernels.propagate!(
      ...[0, rowCount, 0, out, x, width],
      ...[...graph, ...addition, ...rest, ...storage],
    );
    results.set(new Int32Array(memory.buffer, out, size), options * size);
  }
  return results;
}

/** Row starts, columns, x, column scale, row scale, base, mask, scale of the result, list of rows. */
function smallWorld(width: number): readonly (Float32Array | Int32Array)[] {
  const random = new RandomStream(width, "wide kernels");
  const floats = (length: number) => Float32Array.from({ length }, () => random.uniform() * 2 - 1);
  const indptr = new Int32Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) {
    indptr[row + 1] = indptr[row]! + random.below(longestRow + 1);
  }
  const edges = indptr[rowCount]!;
  const indices = Int32Array.from({ length: edges }, () => random.below(rowCount));
  const mask = Int32Array.from({ length: rowCount }, () => random.below(2));
  const list = Int32Array.from({ length: rowCount }, (_, row) => rowCount - 1 - row);
  const table = () => floats(rowCount * width);
  const scales = () => floats(rowCount);
  return [indptr, indices, table(), scales(), scales(), table(), mask, scales(), list];
}
