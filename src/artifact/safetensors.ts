/**
 * Reads and writes safetensors files, so that whatever Lumière saves opens in
 * Python with `safetensors.numpy.load_file`. Arrays go to and come from the disk
 * in blocks; no file is held in memory twice.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { endianness } from "node:os";
import { BadInputError, LumiereError } from "../base/errors.ts";
import type { SavedTensor } from "../models/recommender.ts";
import { replaceFile } from "./atomic.ts";
import {
  allocate,
  type Dtype,
  dtypeOf,
  elementCount,
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  renderHeader,
  type TensorData,
} from "./safetensors-header.ts";

/** A named array on disk; row-major. F16 and BF16 hold their raw 16-bit words, BOOL holds 0 and 1. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Bytes of the whole file. */
  readonly bytes: number;
  /** SHA-256 of the whole file, hexadecimal. */
  readonly sha256: string;
}

/** Size and checksum of a file that was written. */
export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** Arrays by name, as they are handed over for writing. */
export type TensorsToWrite = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: TensorData }>
>;

/** One read or write call moves at most this much: Linux stops at 2 GiB. */
const BLOCK_BYTES = 1 << 28;

function requireLittleEndian(): void {
  if (endianness() !== "LE") {
    throw new LumiereError("endianness", "safetensors files need a little-endian machine");
  }
}

/** The bytes under an array, without a copy. */
function bytesUnder(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The file's parts in order: header, then one part an array. */
function fileParts(
  tensors: TensorsToWrite,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  requireLittleEndian();
  const named = Object.entries(tensors).map(([name, { shape, data }]) => {
    if (elementCount(shape) !== data.length) {
      throw new RangeError(`tensor "${name}": shape [${shape}] for ${data.length} numbers`);
    }
    return { name, dtype: dtypeOf(data), shape };
  });
  const { bytes, entries } = renderHeader(named, metadata);
  return [bytes, ...entries.map(({ name }) => bytesUnder(tensors[name]!.data))];
}

/** A whole safetensors file in memory; throws RangeError where a shape does not fit its array. */
export function encodeSafetensors(
  tensors: TensorsToWrite,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return Buffer.concat(fileParts(tensors, metadata));
}

/**
 * The 32-bit arrays of a safetensors file in memory, copied out of it.
 * @param path names the file in errors
 * @throws BadInputError where the bytes are not a whole file or hold another type of number
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  path: string,
): { tensors: Record<string, SavedTensor>; metadata: Readonly<Record<string, string>> } {
  requireLittleEndian();
  const dataStart = LENGTH_BYTES + headerLength(path, bytes, bytes.length);
  const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, dataStart));
  const { entries, metadata } = parseHeader(path, text, bytes.length - dataStart);
  const tensors: Record<string, SavedTensor> = {};
  for (const { name, dtype, shape, begin, end } of entries) {
    const data = allocate(dtype, elementCount(shape));
    bytesUnder(data).set(bytes.subarray(dataStart + begin, dataStart + end));
    tensors[name] = savedTensor(name, { dtype, shape, data }, path);
  }
  return { tensors, metadata };
}

/** A stored array as models know them: 32-bit floats or integers. */
export function savedTensor(name: string, stored: StoredTensor, path: string): SavedTensor {
  const { dtype, shape, data } = stored;
  if (data instanceof Float32Array || data instanceof Int32Array) return { shape, data };
  throw new BadInputError(
    "safetensors",
    `${path}: tensor "${name}" holds ${dtype} numbers, expected F32 or I32; write it again with one of these`,
  );
}

/** Writes the arrays in one atomic step; throws RangeError where a shape does not fit its array. */
export async function writeSafetensors(
  path: string,
  tensors: TensorsToWrite,
  metadata: Readonly<Record<string, string>> = {},
): Promise<WrittenFile> {
  const parts = fileParts(tensors, metadata);
  const hash = createHash("sha256");
  let bytes = 0;
  await replaceFile(path, async (file) => {
    for (const part of parts) {
      for (let at = 0; at < part.length; at += BLOCK_BYTES) {
        const block = part.subarray(at, at + BLOCK_BYTES);
        hash.update(block);
        await file.writeFile(block);
        bytes += block.length;
      }
    }
  });
  return { bytes, sha256: hash.digest("hex") };
}

async function readInto(file: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(BLOCK_BYTES, target.length - done);
    const { bytesRead } = await file.read(target, done, length, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/**
 * Reads every array of a file, each into its own memory.
 * @throws BadInputError where the file is damaged; the message names it and says what was found
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  requireLittleEndian();
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const hash = createHash("sha256");
    const prefix = new Uint8Array(Math.min(LENGTH_BYTES, size));
    await readInto(file, prefix, 0);
    const headerBytes = new Uint8Array(headerLength(path, prefix, size));
    await readInto(file, headerBytes, LENGTH_BYTES);
    hash.update(prefix).update(headerBytes);
    const dataStart = LENGTH_BYTES + headerBytes.length;
    const text = new TextDecoder().decode(headerBytes);
    const { entries, metadata } = parseHeader(path, text, size - dataStart);
    const tensors = new Map<string, StoredTensor>();
    for (const { name, dtype, shape, begin } of entries) {
      const data = allocate(dtype, elementCount(shape));
      const bytes = bytesUnder(data);
      if ((await readInto(file, bytes, dataStart + begin)) < bytes.length) {
        throw new LumiereError("safetensors", `${path} shrank while it was read; try again`);
      }
      hash.update(bytes);
      tensors.set(name, { dtype, shape, data });
    }
    return { tensors, metadata, bytes: size, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}
