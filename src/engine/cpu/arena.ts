/**
 * The CPU's memory: one shared WebAssembly memory used as a stack. It grows in
 * large steps up to a limit that is set before training.
 *
 * @module
 */

import { MemoryError } from "../../base/errors.ts";

const pageBytes = 65536;
const maximumPages = 65536;
const growthPages = 1024;
/** Cache line; also what SIMD loads like best. */
const alignment = 64;

/** Largest arena that WebAssembly's 32-bit addresses allow. */
export const largestArena = maximumPages * pageBytes;

/** Bytes that a request really takes. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly limitBytes: number;
  /** Offset of the next allocation; the first page is left to the kernels' own constants. */
  #top = pageBytes;
  #peak = 0;

  constructor(initialBytes: number, limitBytes: number) {
    this.limitBytes = Math.min(limitBytes, largestArena);
    const pages = Math.ceil((initialBytes + pageBytes) / pageBytes);
    this.memory = new WebAssembly.Memory({
      initial: Math.min(pages, maximumPages),
      maximum: maximumPages,
      shared: true,
    });
  }

  /** Most bytes held at once. */
  get peakBytes(): number {
    return this.#peak;
  }

  /** Takes bytes from the top; returns their offset. */
  allocate(bytes: number): number {
    const offset = this.#top;
    const top = offset + alignedBytes(bytes);
    if (top > this.limitBytes) {
      throw new MemoryError(
        `${mebibytes(bytes)} more are needed, but the arena holds ${mebibytes(offset)} of at most ` +
          `${mebibytes(this.limitBytes)}; use a smaller width or batch, or fewer interactions`,
      );
    }
    this.#reserve(top);
    this.#top = top;
    this.#peak = Math.max(this.#peak, top - pageBytes);
    return offset;
  }

  /** Bytes up to the limit. */
  get freeBytes(): number {
    return this.limitBytes - this.#top;
  }

  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    if (mark > this.#top || mark < pageBytes) throw new RangeError("mark is not on the stack");
    this.#top = mark;
  }

  #reserve(top: number): void {
    const held = this.memory.buffer.byteLength;
    if (top <= held) return;
    const needed = Math.ceil((top - held) / pageBytes);
    const free = maximumPages - held / pageBytes;
    this.memory.grow(Math.min(free, Math.max(needed, growthPages)));
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
