/**
 * Who is judged, on what, with what masked: the parts of a split turned into
 * rows that are parallel, one for each user who counts.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import {
  compressRows,
  type EvaluationPart,
  type Interactions,
  joinedRows,
  type Rows,
  rowsByUser,
} from "../data/interactions.ts";
import { rowLength } from "../data/rows.ts";
import { selectRows } from "../graph/weighted-rows.ts";

/** The people who count, ascending, and their rows. */
export interface JudgedUsers {
  /** Dense user indices, ascending. */
  readonly users: Int32Array;
  /** Test items, at least one a row. */
  readonly targets: Rows;
  /** Items that must not be recommended: those seen, and the history where there is one. */
  readonly masked: Rows;
  /** What strangers are folded in from; null where the users are training users. */
  readonly histories: Rows | null;
  /** The only items to rank, test items included; null = all. */
  readonly candidates: Rows | null;
  /** Users who are known here but have no test item, or no candidate beside their test items. */
  readonly skipped: number;
  /** Test items that are masked and so cannot be found. */
  readonly maskedTargets: number;
}

/**
 * Gathers the rows of everybody who counts.
 * Throws BadInputError("no-targets") where that is nobody.
 * @param seen interactions to mask: training and, for the final evaluation, validation
 */
export function judgedUsers(part: EvaluationPart, seen: readonly Interactions[]): JudgedUsers {
  const hidden = part.history ? [...seen, part.history] : seen;
  const userCount = [part.targets, ...hidden].reduce(
    (most, { users }) => users.reduce((largest, user) => Math.max(largest, user + 1), most),
    0,
  );
  const targets = rowsByUser(part.targets, userCount);
  const masked = joinedRows(hidden, userCount);
  const histories = part.history && rowsByUser(part.history, userCount);
  const knownRows = histories ?? masked;
  const candidates = part.candidates && rowsUpTo(part.candidates, userCount);
  const chosen = part.judged && new Set(part.judged);
  const judged = new Int32Array(userCount);
  let count = 0;
  let skipped = 0;
  for (let user = 0; user < userCount; user++) {
    if (chosen && !chosen.has(user)) continue;
    if (rowLength(targets, user) === 0) {
      if (rowLength(knownRows, user) > 0) skipped++;
    } else if (candidates && !hasOther(candidates, targets, user)) {
      skipped++;
    } else {
      judged[count++] = user;
    }
  }
  if (count === 0) {
    throw new BadInputError(
      "no-targets",
      `nobody can be judged: 0 of ${skipped} known users have a test item to find` +
        `${part.candidates ? " beside other candidates" : ""}; ` +
        "choose a split that holds out more (for instance random:0.8)",
    );
  }
  const users = judged.slice(0, count);
  const ownTargets = selectRows(targets, users);
  const ownMasked = selectRows(masked, users);
  return {
    users,
    targets: ownTargets,
    masked: ownMasked,
    histories: histories && selectRows(histories, users),
    candidates: candidates && unionRows(selectRows(candidates, users), ownTargets),
    skipped,
    maskedTargets: commonCount(ownTargets, ownMasked),
  };
}

/** Rows of a part, with empty ones for the users past its end. */
function rowsUpTo({ indptr, indices }: Rows, count: number): Rows {
  const all = new Int32Array(Math.max(count + 1, indptr.length)).fill(indices.length);
  all.set(indptr);
  return { indptr: all, indices };
}

/** Whether a row of `rows` has an item that the same row of `others` has not. */
function hasOther(rows: Rows, others: Rows, row: number): boolean {
  const length = rowLength(rows, row);
  if (length === 0) return false;
  const only = Int32Array.of(row);
  return commonCount(selectRows(rows, only), selectRows(others, only)) < length;
}

/** Row by row: the items of both, ascending and unique. */
function unionRows(a: Rows, b: Rows): Rows {
  const count = a.indptr.length - 1;
  const rows = new Int32Array(a.indices.length + b.indices.length);
  const items = new Int32Array(rows.length);
  let at = 0;
  for (let row = 0; row < count; row++) {
    for (const { indptr, indices } of [a, b]) {
      for (let from = indptr[row]!; from < indptr[row + 1]!; from++) {
        rows[at] = row;
        items[at++] = indices[from]!;
      }
    }
  }
  return compressRows(rows, items, count);
}

/** How many (row, item) pairs are in both. */
function commonCount(a: Rows, b: Rows): number {
  let common = 0;
  for (let row = 0; row + 1 < a.indptr.length; row++) {
    let [left, right] = [a.indptr[row]!, b.indptr[row]!];
    const [leftEnd, rightEnd] = [a.indptr[row + 1]!, b.indptr[row + 1]!];
    while (left < leftEnd && right < rightEnd) {
      const difference = a.indices[left]! - b.indices[right]!;
      if (difference === 0) common++;
      if (difference <= 0) left++;
      if (difference >= 0) right++;
    }
  }
  return common;
}
