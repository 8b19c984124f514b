/**
 * Positions of interactions grouped by user or by item: the counting sort under
 * filters, splits and statistics. No object per interaction.
 *
 * @module
 */

/** Positions of group g are positions[indptr[g] … indptr[g+1]), ascending. */
export interface Groups {
  /** groups + 1 offsets into `positions` */
  readonly indptr: Int32Array;
  readonly positions: Int32Array;
}

/**
 * Groups the positions 0 … keys.length−1 by key: a stable counting sort, linear in time.
 * @param keys group of each position, 0 … groupCount−1
 */
export function groupPositions(keys: Int32Array, groupCount: number): Groups {
  const indptr = new Int32Array(groupCount + 1);
  for (let at = 0; at < keys.length; at++) indptr[keys[at]! + 1]!++;
  for (let group = 0; group < groupCount; group++) indptr[group + 1]! += indptr[group]!;
  const next = indptr.slice(0, groupCount);
  const positions = new Int32Array(keys.length);
  for (let at = 0; at < keys.length; at++) positions[next[keys[at]!]!++] = at;
  return { indptr, positions };
}

/**
 * How many interactions each user or item has.
 * @param keys dense indices, 0 … groupCount−1
 */
export function countByKey(keys: Int32Array, groupCount: number): Int32Array {
  const counts = new Int32Array(groupCount);
  for (let at = 0; at < keys.length; at++) counts[keys[at]!]!++;
  return counts;
}

/** Positions whose mark equals `wanted`, ascending. */
export function markedPositions(marks: Uint8Array, wanted: number): Int32Array {
  let count = 0;
  for (let at = 0; at < marks.length; at++) count += marks[at] === wanted ? 1 : 0;
  // Every position is written and kept only if marked: marks are random, so a branch would be
  // mispredicted every other time. One entry more takes the writes after the last one.
  const positions = new Int32Array(count + 1);
  let next = 0;
  for (let at = 0; at < marks.length; at++) {
    positions[next] = at;
    next += marks[at] === wanted ? 1 : 0;
  }
  return positions.subarray(0, count);
}
