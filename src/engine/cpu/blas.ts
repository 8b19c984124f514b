/**
 * OpenBLAS through koffi on the kernels' own shared memory: dense products that
 * are large enough to pay. The library is used when the machine has it and
 * skipped when not; results agree to float32 rounding.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { LumiereError } from "../../base/errors.ts";

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

/**
 * Path of an OpenBLAS that this process can load: the one that LUMIERE_OPENBLAS
 * names ("off" to do without), or one in the usual places; null where there is none.
 */
export function findBlas(): string | null {
  const wanted = process.env.LUMIERE_OPENBLAS;
  if (wanted === "off") return null;
  const paths = wanted ? [wanted] : candidates;
  return paths.find((path) => existsSync(path) && canLoad(path)) ?? null;
}

function canLoad(path: string): boolean {
  try {
    openLibrary(path);
    return true;
  } catch {
    return false;
  }
}

/** Opens the library without threads of its own, because ours run beside it. */
function openLibrary(path: string) {
  process.env.OPENBLAS_NUM_THREADS = "1";
  const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
  return { koffi, library: koffi.load(path) };
}

/**
 * Loads the library into this thread.
 * @throws LumiereError where it cannot be loaded
 */
export function loadBlas(path: string, memory: WebAssembly.Memory): SgemmFunction {
  let opened: ReturnType<typeof openLibrary>;
  try {
    opened = openLibrary(path);
  } catch (cause) {
    const advice = "set LUMIERE_OPENBLAS to another library, or to off to do without";
    throw new LumiereError("blas", `OpenBLAS at ${path} cannot be loaded; ${advice}`, 1, { cause });
  }
  const { koffi, library } = opened;
  library.func("void openblas_set_num_threads(int)")(1);
  const sgemm = library.func(
    "void cblas_sgemm(int, int, int, int, int, int, float, uintptr_t, int, uintptr_t, int, float, uintptr_t, int)",
  );
  const rowMajor = 101;
  const operation = (transpose: number) => (transpose ? 112 : 111);
  // Shared memory grows in place, so its address is good for as long as the memory lives,
  // and passing numbers costs half of what passing views does (0.3 against 0.7 µs a call).
  const base = Number(koffi.address(new Uint8Array(memory.buffer)));
  return (ta, tb, rows, columns, inner, alpha, a, strideA, b, strideB, beta, c, strideC) => {
    sgemm(
      rowMajor,
      operation(ta),
      operation(tb),
      rows,
      columns,
      inner,
      alpha,
      base + (a >>> 0),
      strideA,
      base + (b >>> 0),
      strideB,
      beta,
      base + (c >>> 0),
      strideC,
    );
  };
}
