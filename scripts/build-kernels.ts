/**
 * Compiles the AssemblyScript kernels into build/kernels/*.wasm: one binary with
 * plain SIMD and one with relaxed SIMD (fused multiply-add). Skips the work when
 * the binaries are newer than every source.
 */

import { mkdirSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = `${root}src/engine/cpu/kernels/`;
const target = `${root}build/kernels/`;

const variants = [
  { name: "simd", features: ["simd"] },
  { name: "relaxed", features: ["simd", "relaxed-simd"] },
];

/** Address space of a shared WebAssembly memory: 65,536 pages of 64 KiB. */
const maximumPages = 65536;

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

const newestSource = Math.max(
  modified(fileURLToPath(import.meta.url)),
  ...readdirSync(sources).map((file) => modified(sources + file)),
);
mkdirSync(target, { recursive: true });

for (const { name, features } of variants) {
  const output = `${target}${name}.wasm`;
  if (modified(output) > newestSource) continue;
  const { error, stderr } = await asc.main([
    `${sources}index.ts`,
    ...["--outFile", output],
    "-O3",
    ...["--runtime", "stub", "--noAssert", "--use", "abort="],
    ...["--importMemory", "--noExportMemory", "--sharedMemory"],
    ...["--initialMemory", "1", "--maximumMemory", String(maximumPages)],
    ...["--enable", "threads", ...features.flatMap((feature) => ["--enable", feature])],
  ]);
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
  console.error(`built build/kernels/${name}.wasm (${statSync(output).size} bytes)`);
}
