import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { placeInRow, rowLength, rowLengths, rowsOfLists } from "../../src/data/rows.ts";

const columns = 12;
const lists = fc.array(
  fc
    .uniqueArray(fc.integer({ min: 0, max: columns - 1 }))
    .map((row) => Int32Array.from(row).sort()),
  { minLength: 1, maxLength: 6 },
);

test("a row is as long as its list, and a column's place is where its list has it", () => {
  fc.assert(
    fc.property(lists, (given) => {
      const rows = rowsOfLists(given);
      assert.deepEqual(
        [...rowLengths(rows)],
        given.map(({ length }) => length),
      );
      given.forEach((list, row) => {
        assert.equal(rowLength(rows, row), list.length);
        for (let column = 0; column < columns; column++) {
          const at = list.indexOf(column);
          assert.equal(placeInRow(rows, row, column), at < 0 ? -1 : rows.indptr[row]! + at);
        }
      });
    }),
  );
});
