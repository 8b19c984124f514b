import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { balanceRows, pieceCount } from "../../src/graph/bipartite.ts";

describe("rows cut into pieces", () => {
  it("are as many as the work is worth, four a thread at least and 64 at most", () => {
    assert.equal(pieceCount(0, 1), 4);
    assert.equal(pieceCount(40_000, 1), 5);
    assert.equal(pieceCount(160_000, 2), 20);
    assert.equal(pieceCount(100, 8), 32);
    assert.equal(pieceCount(2_000_000, 2), 64);
    assert.equal(pieceCount(2_000_000, 20), 80);
  });

  it("have about equal work: a row costs its entries and four more", () => {
    // Costs 5, 11, 6 and 14: 36, so that a half is reached within the third row.
    const indptr = Int32Array.of(0, 1, 8, 10, 20);
    assert.deepEqual(Array.from(balanceRows(indptr, 2)), [0, 3, 4]);
    assert.deepEqual(Array.from(balanceRows(indptr, 1)), [0, 4]);
    // A piece is a row at least.
    assert.deepEqual(Array.from(balanceRows(indptr, 40)), [0, 1, 2, 3, 4]);
  });
});
