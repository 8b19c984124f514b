/**
 * Lists of the few items that an index proposes or a filter leaves: their vectors alone go to the
 * device, because copying a large catalogue takes longer than ranking them.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";

/** The catalogue goes whole where candidates are more than this part of it. */
const FEW = 1 / 8;

/** Query vectors, people × width, and the items', items × width. */
export interface QueryVectors {
  readonly width: number;
  readonly queries: Float32Array;
  readonly items: Float32Array;
}

/**
 * The k best of each person's candidates; ties go to the smaller index.
 * @param candidates a row for each person, each item once
 * @param device held by the caller, whose mark releases what is allocated here
 * @returns people × k items and scores; −1 and −∞ where a list ends early
 */
export async function rankCandidates(
  { width, queries, items }: QueryVectors,
  k: number,
  candidates: Rows,
  device: Device,
) {
  const count = queries.length / width;
  const { rows, vectors, itemAt } = candidateTable(items, width, candidates);
  const outItems = device.allocate([count, k], "i32");
  const outScores = device.allocate([count, k]);
  device.kernels.rankCandidates(
    outItems,
    outScores,
    device.upload([count, width], queries),
    device.upload([vectors.length / width, width], vectors),
    {
      indptr: device.upload([rows.indptr.length], rows.indptr),
      indices: device.upload([rows.indices.length], rows.indices),
    },
    k,
  );
  const places = await device.read(outItems);
  return {
    k,
    items: Int32Array.from(places, (place) => (place < 0 ? -1 : itemAt(place))),
    scores: (await device.read(outScores)) as Float32Array,
  };
}

/** Candidates as rows of a table of vectors, in ascending order of the items, so that ties stay. */
function candidateTable(table: Float32Array, width: number, { indptr, indices }: Rows) {
  if (indices.length > (FEW * table.length) / width) {
    return { rows: { indptr, indices }, vectors: table, itemAt: (place: number) => place };
  }
  const items = indices
    .slice()
    .sort()
    .filter((item, at, sorted) => at === 0 || item !== sorted[at - 1]);
  const vectors = new Float32Array(items.length * width);
  const places = new Map<number, number>();
  items.forEach((item, place) => {
    vectors.set(table.subarray(item * width, (item + 1) * width), place * width);
    places.set(item, place);
  });
  const rows = { indptr, indices: indices.map((item) => places.get(item)!) };
  return { rows, vectors, itemAt: (place: number) => items[place]! };
}

/** Candidates that are not masked. */
export function withoutMasked(candidates: Rows, masked: Rows | null): Rows {
  if (!masked) return candidates;
  const indptr = new Int32Array(candidates.indptr.length);
  const indices = new Int32Array(candidates.indices.length);
  let kept = 0;
  for (let row = 0; row + 1 < indptr.length; row++) {
    const hidden = new Set(masked.indices.subarray(masked.indptr[row], masked.indptr[row + 1]));
    for (let at = candidates.indptr[row]!; at < candidates.indptr[row + 1]!; at++) {
      const item = candidates.indices[at]!;
      if (!hidden.has(item)) indices[kept++] = item;
    }
    indptr[row + 1] = kept;
  }
  return { indptr, indices: indices.subarray(0, kept) };
}
