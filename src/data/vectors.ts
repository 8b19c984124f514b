/**
 * Columns of a chunk of DuckDB as typed arrays over its own memory. The reader of `@duckdb/node-api`
 * asks for each value whether it is null, which takes longer than reading the file does; here who
 * reads must know which rows are not null.
 *
 * A view is good for as long as its chunk: mention the chunk after the last read.
 *
 * @module
 */

import { createRequire } from "node:module";
import type { DuckDBDataChunk } from "@duckdb/node-api";

/** The bindings whose chunks these are: the copy that `@duckdb/node-api` itself loads. */
const bindings: typeof import("@duckdb/node-bindings") = createRequire(
  import.meta.resolve("@duckdb/node-api"),
)("@duckdb/node-bindings");

/** A column of 8-bit integers. */
export function bytesOf(chunk: DuckDBDataChunk, column: number): Uint8Array {
  return dataOf(chunk, column, 1);
}

/** A column of 64-bit floats. */
export function doublesOf(chunk: DuckDBDataChunk, column: number): Float64Array {
  const { buffer, byteOffset } = dataOf(chunk, column, 8);
  return new Float64Array(buffer, byteOffset, chunk.rowCount);
}

/** A column of texts, four words a row: see id-numbers.ts. */
export function wordsOf(chunk: DuckDBDataChunk, column: number): Int32Array {
  const { buffer, byteOffset } = dataOf(chunk, column, 16);
  return new Int32Array(buffer, byteOffset, 4 * chunk.rowCount);
}

/** The text of more than 12 bytes whose address is in the last two of four words. */
export function textBehind(words: Int32Array, at: number): string {
  // The address follows the length and the first four bytes.
  const pointer = words.byteOffset + 4 * at + 8;
  const bytes = bindings.get_data_from_pointer(words.buffer as ArrayBuffer, pointer, words[at]!);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function dataOf(chunk: DuckDBDataChunk, column: number, bytesOfRow: number): Uint8Array {
  const vector = bindings.data_chunk_get_vector(chunk.chunk, column);
  return bindings.vector_get_data(vector, bytesOfRow * chunk.rowCount);
}
