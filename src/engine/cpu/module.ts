/**
 * Loads the compiled kernels into a thread.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { LumiereError } from "../../base/errors.ts";
import { loadBlas } from "./blas.ts";

/** A kernel works on units [begin, end) of its output; `thread` picks its scratch space. */
export type KernelFunction = (
  begin: number,
  end: number,
  thread: number,
  ...parameters: number[]
) => void;

export type KernelTable = Readonly<Record<string, KernelFunction>>;

export type KernelVariant = "simd" | "relaxed";

/**
 * (module
 *   (func (param v128 v128 v128) (result v128)
 *     local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd))
 */
// biome-ignore format: bytes
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0,
  32, 0, 32, 1, 32, 2, 253, 133, 2, 11,
]);

/** The best binary that this runtime takes. */
export function bestVariant(): KernelVariant {
  return WebAssembly.validate(relaxedProbe) ? "relaxed" : "simd";
}

/** Compiled once by the main thread; workers receive the compiled module. */
export function compileKernels(variant: KernelVariant): WebAssembly.Module {
  return new WebAssembly.Module(readKernels(variant));
}

/** A binary that `scripts/build-kernels.ts` makes. */
function readKernels(variant: KernelVariant): Uint8Array<ArrayBuffer> {
  const path = new URL(`../../../build/kernels/${variant}.wasm`, import.meta.url);
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new LumiereError(
      "kernels",
      `compiled kernels not found at ${path.pathname}; run "npm run build"`,
      1,
      { cause },
    );
  }
}

/** Instantiates the kernels over a shared memory, with the OpenBLAS product where asked. */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  blasLibrary: string | null,
): KernelTable {
  const blas = blasLibrary === null ? null : loadBlas(blasLibrary, memory);
  const instance = new WebAssembly.Instance(module, {
    env: { memory },
    blas: {
      sgemm: blas ?? refuseBlas,
    },
  });
  const kernels: Record<string, KernelFunction> = {};
  for (const [name, exported] of Object.entries(instance.exports)) {
    if (typeof exported === "function") kernels[name] = exported as KernelFunction;
  }
  return kernels;
}

function refuseBlas(): never {
  throw new LumiereError("blas", "a kernel asked for OpenBLAS, which is not loaded");
}
