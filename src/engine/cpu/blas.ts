/**
 * OpenBLAS through koffi on the kernels' own shared memory: dense products that
 * are large enough to pay. The library is used when the machine has it and
 * skipped when not; results agree to float32 rounding.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";

/** C ← alpha·op(A)·op(B) + beta·C, row-major; pointers are byte offsets into the shared memory. */
export type SgemmFunction = (
  transposeA: number,
  transposeB: number,
  rows: number,
  columns: number,
  inner: number,
  alpha: number,
  a: number,
  strideA: number,
  b: number,
  strideB: number,
  beta: number,
  c: number,
  strideC: number,
) => void;

const candidates = [
  "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
  "/usr/lib/x86_64-linux-gnu/libopenblas.so.0",
  "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0",
  "/usr/lib/aarch64-linux-gnu/libopenblas.so.0",
  "/usr/lib64/libopenblas.so.0",
  "/usr/lib/libopenblas.so.0",
  "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  "/usr/local/opt/openblas/lib/libopenblas.dylib",
];

/** Path of the OpenBLAS library: LUMIERE_OPENBLAS ("off" to do without), or the usual places. */
export function findBlas(): string | null {
  const wanted = process.env.LUMIERE_OPENBLAS;
  if (wanted === "off") return null;
  if (wanted) return existsSync(wanted) ? wanted : null;
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Loads the library into this thread; its own threads are turned off, because ours run beside it. */
export function loadBlas(path: string, memory: WebAssembly.Memory): SgemmFunction {
  const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
  const library = koffi.load(path);
  library.func("void openblas_set_num_threads(int)")(1);
  const sgemm = library.func(
    "void cblas_sgemm(int, int, int, int, int, int, float, void*, int, void*, int, float, void*, int)",
  );
  const rowMajor = 101;
  return (ta, tb, rows, columns, inner, alpha, a, strideA, b, strideB, beta, c, strideC) => {
    const bytes = new Uint8Array(memory.buffer);
    sgemm(
      rowMajor,
      ta ? 112 : 111,
      tb ? 112 : 111,
      rows,
      columns,
      inner,
      alpha,
      bytes.subarray(a >>> 0),
      strideA,
      bytes.subarray(b >>> 0),
      strideB,
      beta,
      bytes.subarray(c >>> 0),
      strideC,
    );
  };
}
