/**
 * Asks the system to back the arena with huge pages: gathering rows of a large
 * table at random otherwise spends much of its time on looking up addresses.
 *
 * @module
 */

import { createRequire } from "node:module";
import { largestArena } from "./arena.ts";

/** Linux: MADV_HUGEPAGE. */
const adviceHugePage = 14;

/**
 * Advises huge pages for the whole address range of a memory, also where it has
 * yet to grow. Must come before the memory is touched.
 * @returns whether the system took the advice; elsewhere than on Linux it is not asked
 */
export function adviseHugePages(memory: WebAssembly.Memory): boolean {
  if (process.platform !== "linux") return false;
  try {
    const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
    const advise = koffi.load("libc.so.6").func("int madvise(void*, size_t, int)");
    return advise(new Uint8Array(memory.buffer), largestArena, adviceHugePage) === 0;
  } catch {
    // No such C library, or no such call: pages stay small.
    return false;
  }
}
