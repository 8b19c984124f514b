import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { BadInputError } from "../../../src/base/errors.ts";
import { RandomStream } from "../../../src/base/random.ts";
import { drawPoint, drawUntried, drawValue } from "../../../src/experiment/tune/draw.ts";
import {
  type Dimension,
  pointCount,
  pointOf,
  type SearchSpace,
  searchSpace,
} from "../../../src/experiment/tune/space.ts";
import { rangeText, spaceFromText } from "../../../src/experiment/tune/space-text.ts";
import { models } from "../../../src/models/registry.ts";
import {
  mattersWith,
  searchChoices,
  searchRange,
  searchRangeOf,
} from "../../../src/models/search-range.ts";
import { withDefault } from "../../../src/models/training-schema.ts";

const schema = z.object({
  rate: z
    .number()
    .positive()
    .max(10)
    .meta(searchRange(1e-4, 0.1, { log: true }))
    .default(0.01),
  layers: z.int().min(1).max(16).meta(searchRange(1, 3)).default(2),
  heat: z
    .number()
    .min(0)
    .max(100)
    .meta({ ...searchRange(0.1, 1), ...mattersWith({ loss: ["soft", "softer"] }) })
    .default(1),
  loss: z.enum(["soft", "softer", "hard"]).default("hard"),
  share: z.number().min(0).max(1).default(0.5),
  twice: z.boolean().default(false),
  open: z.number().min(0).default(1),
  stopMetric: z.enum(["a", "b"]).default("a"),
});

function space(texts: readonly string[] = [], fixed: Record<string, unknown> = {}): SearchSpace {
  const given = new Set(Object.keys(fixed));
  return searchSpace(schema, schema.parse(fixed), given, spaceFromText(schema, texts));
}

const texts = (found: SearchSpace) => found.map((each) => `${each.name}=${rangeText(each)}`);

function assertInside(dimension: Dimension, value: unknown): void {
  if (dimension.kind === "choice") assert.ok(dimension.choices.some((choice) => choice === value));
  else assert.ok(Number(value) >= dimension.low && Number(value) <= dimension.high, `${value}`);
}

describe("search spaces", () => {
  it("hold what the schema marks, and what a person adds or fixes", () => {
    assert.deepEqual(texts(space()), ["rate=0.0001..0.1:log", "layers=1..3"]);
    assert.deepEqual(texts(space([], { rate: 0.2 })), ["layers=1..3"]);
    assert.deepEqual(texts(space(["share", "twice", "rate=0.5,1", "layers=2..9:log"])), [
      "rate=0.5,1",
      "layers=2..9:log",
      "share=0..1",
      "twice=false,true",
    ]);
  });

  it("leave out what the fixed settings rule out, and keep what they allow without a condition", () => {
    assert.deepEqual(texts(space([], { loss: "soft" })).at(-1), "heat=0.1..1");
    const fixed = space([], { loss: "soft" }).at(-1);
    assert.equal(fixed?.when, null);
    const open = space(["loss"]);
    assert.deepEqual(
      open.map(({ name, when }) => [name, when]),
      [
        ["rate", null],
        ["layers", null],
        ["loss", null],
        ["heat", { loss: ["soft", "softer"] }],
      ],
    );
    assert.equal(space(["loss=soft,softer"]).at(-1)?.when, null);
  });

  it("give points in which nothing stands that does not matter", () => {
    const open = space(["loss"]);
    const random = new RandomStream(1, "test");
    const seen = new Set<string>();
    for (let at = 0; at < 200; at++) {
      const point = drawPoint(open, (dimension) => drawValue(dimension, random));
      seen.add(`${point.loss} ${Object.hasOwn(point, "heat")}`);
      for (const each of open) {
        if (Object.hasOwn(point, each.name)) assertInside(each, point[each.name]);
      }
      assert.equal(point.rate, Number(Number(point.rate).toPrecision(4)));
    }
    assert.deepEqual([...seen].sort(), ["hard false", "soft true", "softer true"]);
    assert.deepEqual(pointOf(open, schema.parse({})), { rate: 0.01, layers: 2, loss: "hard" });
    assert.equal(pointOf(open, schema.parse({ rate: 5 }))?.rate, 0.1, "the nearest bound");
    assert.equal(pointOf(space(["loss=soft,softer"]), schema.parse({})), null);
  });

  it("draw logarithmic and whole numbers evenly on their scales", () => {
    const [rate, layers] = space();
    const random = new RandomStream(2, "test");
    const rates = Array.from({ length: 3000 }, () => Number(drawValue(rate!, random)));
    for (const bound of [1e-3, 1e-2]) {
      const share = rates.filter((value) => value < bound).length / rates.length;
      assert.ok(Math.abs(share - (Math.log10(bound) + 4) / 3) < 0.03, `${bound}: ${share}`);
    }
    const depths = Array.from({ length: 3000 }, () => drawValue(layers!, random));
    for (const depth of [1, 2, 3]) {
      const share = depths.filter((value) => value === depth).length / depths.length;
      assert.ok(Math.abs(share - 1 / 3) < 0.03, `${depth}: ${share}`);
    }
  });

  it("are drawn without repeats until nothing is left", () => {
    const small = space(["layers=1..2", "loss=soft,hard", "heat=1,2"], { rate: 0.1 });
    assert.equal(pointCount(small), 8, "an upper bound: heat matters with one loss only");
    const random = new RandomStream(3, "test");
    const tried: Record<string, string | number | boolean>[] = [];
    for (;;) {
      const draw = () => drawPoint(small, (dimension) => drawValue(dimension, random));
      const point = drawUntried(small, tried, random, draw);
      if (point === null) break;
      tried.push({ ...point });
    }
    assert.deepEqual(tried.map((point) => JSON.stringify(point)).sort(), [
      '{"layers":1,"loss":"hard"}',
      '{"layers":1,"loss":"soft","heat":1}',
      '{"layers":1,"loss":"soft","heat":2}',
      '{"layers":2,"loss":"hard"}',
      '{"layers":2,"loss":"soft","heat":1}',
      '{"layers":2,"loss":"soft","heat":2}',
    ]);
  });

  it("refuse what makes no sense, and say what would", () => {
    const cases: [string[], RegExp][] = [
      [["rat=1..2"], /no such setting; did you mean "rate"/],
      [["rate=1..2..3"], /expected key=low\.\.high/],
      [["rate=a..b"], /expected key=low\.\.high/],
      [["rate=1..2:exp"], /expected key=low\.\.high/],
      [["rate="], /expected key=low\.\.high/],
      [["rate=1,,2"], /expected key=low\.\.high/],
      [["=1..2"], /expected key=low\.\.high/],
      [["rate=2..1"], /found 2\.\.1; expected low < high/],
      [["share=0..1:log"], /logarithmic scale; expected low > 0/],
      [["rate=1..20"], /found 20; too big: expected number to be <=10/],
      [["layers=1..2.5"], /found 2\.5; .*expected int/],
      [["layers=1,99"], /found 99; too big/],
      [["loss=1..2"], /it is no number; list its values/],
      [["loss=soft,sofft"], /found sofft; .*expected one of/],
      [["open"], /bounds are too wide to search; give a range/],
      [["heat=1..2"], /matters only with loss=soft or softer; fix or search that too/],
      [["stopMetric"], /cannot be searched/],
      [["rate=1..2", "rate=2..3"], /"rate" was given before/],
    ];
    for (const [given, message] of cases) {
      assert.throws(
        () => space(given),
        (error: unknown) => {
          assert.ok(error instanceof BadInputError, given.join(" "));
          assert.equal(error.code, "space");
          assert.match(error.message, message);
          return true;
        },
      );
    }
    assert.throws(() => space(["rate=1..2"], { rate: 1 }), /it is fixed too/);
  });
});

describe("the ranges that models suggest", () => {
  it("survive a default of the model's own", () => {
    const again = withDefault(schema.shape.rate, 0.5);
    assert.deepEqual(searchRangeOf(again), searchRangeOf(schema.shape.rate));
  });

  it("lie within the schemas, and are there for every model with something to set", () => {
    for (const { name, hyperparameters } of models) {
      const found = searchSpace(hyperparameters, hyperparameters.parse({}), new Set(), {});
      const settable = Object.keys(hyperparameters.shape).length > 0;
      assert.equal(found.length > 0, settable && name !== "popularity" && name !== "random", name);
    }
  });

  it("add what a loss needs", () => {
    const bpr = models.find(({ name }) => name === "bpr")!.hyperparameters;
    const of = (fixed: Record<string, unknown>) =>
      searchSpace(bpr, bpr.parse(fixed), new Set(Object.keys(fixed)), {}).map(({ name }) => name);
    assert.deepEqual(of({}), ["learningRate", "l2", "width"]);
    assert.deepEqual(of({ loss: "bsl", negatives: "in-batch" }), [
      ...["learningRate", "l2", "temperature", "balance", "width"],
    ]);
    assert.ok(searchChoices([1, 2]).search);
  });
});
