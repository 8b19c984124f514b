/**
 * The header of a safetensors file: which named arrays it holds, and where.
 *
 * Layout of the format (https://github.com/huggingface/safetensors, "Format"):
 * 8 bytes little-endian length N, N bytes of JSON
 * `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, "__metadata__": {…}}`,
 * then the arrays' bytes, row-major and little-endian; offsets count from the
 * end of the header, and the arrays cover the rest of the file without a gap.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../base/errors.ts";

/** The reference implementation's bound; a larger header is damage or an attack. */
const HEADER_LIMIT = 100_000_000;

/** Bytes of the length field in front of the header. */
export const LENGTH_BYTES = 8;

/** One array class for each dtype; the half-width floats have none in JavaScript and arrive as raw words. */
const arrayOfDtype = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof arrayOfDtype;

export type TensorData =
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Where one array lies: `begin` and `end` in bytes after the header. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In file order. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** An empty array of a dtype, ready to be read into. */
export function allocate(dtype: Dtype, length: number): TensorData {
  return new arrayOfDtype[dtype](length);
}

/** Bytes of one number of a dtype. */
export function bytesOf(dtype: Dtype): number {
  return arrayOfDtype[dtype].BYTES_PER_ELEMENT;
}

/** The dtype under which an array is written. */
export function dtypeOf(data: TensorData): Dtype {
  for (const dtype of Object.keys(arrayOfDtype) as Dtype[]) {
    if (data instanceof arrayOfDtype[dtype]) return dtype;
  }
  throw new TypeError("not a numeric array");
}

/** Number of elements of a shape; a scalar's shape [] has one. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

const whole = z.number().int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(arrayOfDtype) as [Dtype, ...Dtype[]]),
  shape: z.array(whole),
  data_offsets: z.tuple([whole, whole]),
});
const metadataSchema = z.record(z.string(), z.string());

/**
 * Lays the arrays out and renders the header: widest numbers first, so that every array
 * starts at a multiple of its own width and can be mapped without a copy.
 * @returns the first bytes of the file (length field and padded header) and the entries in file order
 */
export function renderHeader(
  tensors: readonly { name: string; dtype: Dtype; shape: readonly number[] }[],
  metadata: Readonly<Record<string, string>>,
): { bytes: Uint8Array; entries: TensorEntry[] } {
  const ordered = [...tensors].sort(
    (a, b) => bytesOf(b.dtype) - bytesOf(a.dtype) || (a.name < b.name ? -1 : 1),
  );
  let offset = 0;
  const entries = ordered.map((tensor): TensorEntry => {
    const begin = offset;
    offset += elementCount(tensor.shape) * bytesOf(tensor.dtype);
    return { ...tensor, begin, end: offset };
  });
  const described: [string, unknown][] = entries.map((entry) => [
    entry.name,
    { dtype: entry.dtype, shape: entry.shape, data_offsets: [entry.begin, entry.end] },
  ]);
  if (Object.keys(metadata).length > 0) described.unshift(["__metadata__", metadata]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, LENGTH_BYTES);
  return { bytes, entries };
}

function broken(path: string, found: string): BadInputError {
  return new BadInputError(
    "safetensors",
    `${path} is not a whole safetensors file: ${found}; write it again or restore it from a copy`,
  );
}

/**
 * Reads the length field.
 * @param prefix the first bytes of the file
 * @throws BadInputError where the header cannot lie within the file
 */
export function headerLength(path: string, prefix: Uint8Array, fileBytes: number): number {
  if (prefix.length < LENGTH_BYTES) {
    throw broken(path, `${fileBytes} bytes, and the length field alone has ${LENGTH_BYTES}`);
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > HEADER_LIMIT) {
    throw broken(path, `a header of ${length} bytes, above the limit of ${HEADER_LIMIT}`);
  }
  if (Number(length) > fileBytes - LENGTH_BYTES) {
    throw broken(path, `a header of ${length} bytes in a file of ${fileBytes}`);
  }
  return Number(length);
}

/**
 * Parses and checks the header: known types, shapes that fit their bytes, arrays that cover the
 * rest of the file one after the other, so that nothing overlaps and nothing is missing.
 * @param dataBytes bytes of the file after the header
 */
export function parseHeader(path: string, text: string, dataBytes: number): SafetensorsHeader {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw broken(path, `its header is not JSON (${cause instanceof Error ? cause.message : ""})`);
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw broken(path, "its header is not a JSON object");
  }
  const { __metadata__: rawMetadata = {}, ...described } = raw as Record<string, unknown>;
  const metadata = metadataSchema.safeParse(rawMetadata);
  if (!metadata.success) throw broken(path, "its __metadata__ is not a map of text to text");
  const entries = Object.entries(described).map(([name, description]): TensorEntry => {
    const parsed = entrySchema.safeParse(description);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw broken(path, `tensor "${name}": ${issue?.path.join(".")} ${issue?.message}`);
    }
    const { dtype, shape, data_offsets: offsets } = parsed.data;
    const [begin, end] = offsets;
    const expected = elementCount(shape) * bytesOf(dtype);
    if (end - begin !== expected) {
      throw broken(
        path,
        `tensor "${name}" of shape [${shape}] and type ${dtype} needs ${expected} bytes, offsets ${begin} … ${end} hold ${end - begin}`,
      );
    }
    return { name, dtype, shape, begin, end };
  });
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const how = begin < covered ? "overlaps the one before it" : "leaves a gap before it";
      throw broken(path, `tensor "${name}" ${how} (begins at ${begin}, expected ${covered})`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw broken(path, `its tensors take ${covered} bytes, the file holds ${dataBytes}`);
  }
  return { entries, metadata: metadata.data };
}
