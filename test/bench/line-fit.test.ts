import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitLine } from "../../bench/line-fit.ts";

test("points on a line give it back", () => {
  const line = fitLine([
    [1e6, 300e6],
    [1e7, 1200e6],
    [2e8, 20_200e6],
  ])!;
  assert.ok(Math.abs(line.slope - 100) < 1e-6 && Math.abs(line.offset - 200e6) < 1);
  assert.ok(line.worst < 1e-9);
});

test("a point counts by how far it is off relatively", () => {
  // Through (1, 10) and (3, 30 ± 6): by weights 1/y² the line is nearer to the lower of the two.
  const { offset, slope } = fitLine([
    [1, 10],
    [3, 24],
    [3, 36],
  ])!;
  const at3 = offset + 3 * slope;
  // The weighted mean of 24 and 36 is (24/576 + 36/1296) / (1/576 + 1/1296) = 27.6923….
  assert.ok(Math.abs(at3 - 27.692_307_7) < 1e-6);
  assert.ok(Math.abs(offset + slope - 10) < 1e-9);
});

test("one size makes no line", () => {
  assert.equal(fitLine([]), null);
  assert.equal(
    fitLine([
      [5, 1],
      [5, 2],
    ]),
    null,
  );
});

test("a line stays the same under a change of units", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 99 })), {
        minLength: 3,
        maxLength: 6,
      }),
      (unit, points) => {
        const [one, other] = [fitLine(points), fitLine(points.map(([x, y]) => [x, unit * y]))];
        assert.equal(one === null, other === null);
        if (!one || !other) return;
        assert.ok(
          Math.abs(other.slope - unit * one.slope) <= 1e-6 * unit * (1 + Math.abs(one.slope)),
        );
      },
    ),
  );
});
