/** Layouts found from first lines, and rows of delimited text taken apart. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { mapColumns } from "../../src/data/columns.ts";
import { parseRecords, sniff } from "../../src/data/sniff.ts";

const layout = (text: string, whole = true) => sniff("file", text, whole, {});

describe("layout", () => {
  test("agreement of rows decides before the number of fields", () => {
    // A comma splits the titles, the pipe the genres; the tab splits every row alike.
    const text = "1\tToy, Story\tA|B|C\n2\tJumanji\tA\n3\tHeat, The, Big\tA|B\n";
    assert.equal(layout(text).delimiter, "\t");
  });

  test("decimal commas do not make the comma the delimiter", () => {
    const { delimiter, columns } = layout("1;2;3,5\n4;5;6,5\n");
    assert.deepEqual([delimiter, columns], [";", ["1", "2", "3"]]);
  });

  test("dates with a space do not make the space the delimiter", () => {
    assert.equal(layout("1,2,2001-01-01 10:00:00\n3,4,2001-01-01 11:00:00\n").delimiter, ",");
  });

  test("a row that the head cuts off does not count", () => {
    const text = "1::2::3\n4::5::6\n7::8";
    assert.equal(layout(text, false).sample.length, 2);
    assert.equal(layout("1,2", false).columns.length, 2);
  });

  test("header or not", () => {
    const header = (text: string) => layout(text).header;
    assert.equal(header("user,item\na,b\n"), true);
    assert.equal(header("who,what,stars\na,b,3\n"), true);
    assert.equal(header("alice,heat\nbob,fargo\n"), false);
    assert.equal(header("who,what,how much\na,b,3\nc,d,4\n"), true);
    assert.equal(header("1,2,3\n4,5,6\n"), false);
    // One line of names: nothing below it says that they are names, but people use them.
    assert.equal(header("user_id,movie_id\n"), true);
    assert.equal(header("nan,heat\n1,b\n"), false);
  });

  test("names lose the spaces around them, quotes are taken off", () => {
    const { columns } = layout('"user", item ,"the ""rating"""\n1,2,3\n');
    assert.deepEqual(columns, ["user", "item", 'the "rating"']);
  });
});

test("fields that are written with quotes come back, whatever is in them", () => {
  const field = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", ":", " ", "é") });
  const record = fc.array(field, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(",", "::", "\t"),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      (records, delimiter, end, closed) => {
        const written = records
          .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(delimiter))
          .join(end);
        const text = closed ? written + end : written;
        assert.deepEqual(parseRecords(text, delimiter, "double"), records);
      },
    ),
  );
});

test("fields without quotes come back as they are", () => {
  assert.deepEqual(parseRecords('1::Say "Hi"::\n\n2::a:b::"x"', "::", "none"), [
    ["1", 'Say "Hi"', ""],
    ["2", "a:b", '"x"'],
  ]);
  assert.deepEqual(parseRecords("a,b\nc,d\n", ",", "double", 1), [["a", "b"]]);
  assert.deepEqual(parseRecords('"open,b\nc', ",", "double"), [["open,b\nc"]]);
});

describe("columns by name", () => {
  const map = (...columns: string[]) =>
    mapColumns({ name: "file", columns, named: true, sample: [] }, {});

  for (const columns of [
    ["userId", "movieId", "rating", "timestamp"],
    ["User-ID", "ISBN", "Book-Rating", "date"],
    ["reviewerID", "asin", "overall", "unixReviewTime"],
    ["user_id", "business_id", "stars", "date"],
    ["user_id", "parent_asin", "rating", "timestamp"],
    ["uid", "iid", "score", "ts"],
  ]) {
    test(columns.join(", "), () => {
      assert.deepEqual(map(...columns), { user: 0, item: 1, rating: 2, time: 3 });
      assert.deepEqual(map(...columns.toReversed()), { user: 3, item: 2, rating: 1, time: 0 });
    });
  }

  test("the likelier name wins where several are known", () => {
    // A parent ASIN stands for all variants of a product.
    assert.equal(map("user_id", "asin", "parent_asin").item, 2);
  });

  test("columns that are not there are null", () => {
    assert.deepEqual(map("item", "x", "user"), { user: 2, item: 0, rating: null, time: null });
  });
});
