import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { BadInputError } from "../../src/base/errors.ts";
import { checkedSettings, settingRows, settingsFromText } from "../../src/experiment/settings.ts";

const schema = z.object({
  layers: z.int().min(1).max(8).default(3).describe("K"),
  rate: z.number().positive().default(0.001).describe("step"),
  metric: z
    .string()
    .regex(/^ndcg@\d+$/)
    .default("ndcg@20")
    .describe("which"),
  weights: z
    .union([z.enum(["uniform", "learned"]), z.array(z.number())])
    .default("uniform")
    .describe("alpha"),
  bias: z.boolean().default(false).describe("b"),
  cap: z.number().nullable().default(null).describe("most"),
  name: z.string().default("").describe("any text"),
});

const refuses = (act: () => unknown, pattern: RegExp) =>
  assert.throws(act, (error) => {
    assert.ok(error instanceof BadInputError);
    assert.match(error.message, pattern);
    return true;
  });

describe("settings from text", () => {
  const read = (...assignments: string[]) => settingsFromText(schema, assignments, "--set");

  it("reads every type by its schema", () => {
    assert.deepEqual(
      read("layers=4", "rate=5e-3", "metric=ndcg@10", "weights=learned", "bias=true", "cap=null"),
      { layers: 4, rate: 0.005, metric: "ndcg@10", weights: "learned", bias: true, cap: null },
    );
    assert.deepEqual(read("weights=0.5,0.25,0.25"), { weights: [0.5, 0.25, 0.25] });
    assert.deepEqual(read("weights=[1, 0]"), { weights: [1, 0] });
    assert.deepEqual(read("name=5"), { name: "5" });
    assert.deepEqual(read("name=a=b"), { name: "a=b" });
    assert.deepEqual(read("name="), { name: "" });
    assert.deepEqual(read("cap=7", "cap=7.0"), { cap: 7 });
  });

  it("names the nearest key, the value and the bound", () => {
    refuses(
      () => read("layer=3"),
      /--set layer=3: "layer" is not known; did you mean "layers"\?.*known: layers, rate/,
    );
    refuses(() => read("layers=9"), /--set layers=9: found "9"; too big.*<=8/);
    refuses(() => read("layers=2.5"), /found "2.5".*int/);
    refuses(() => read("layers=many"), /found "many".*number/);
    refuses(() => read("rate=0"), /found "0".*>0/);
    refuses(() => read("rate="), /found "".*number/);
    refuses(() => read("metric=recall"), /found "recall"/);
    refuses(() => read("layers"), /--set layers: expected key=value, for instance --set layers=/);
    refuses(() => read("cap=7", "cap=8"), /--set cap=8: cap is given twice, before as 7/);
    refuses(() => read("toString=1"), /"toString" is not known/);
  });
});

describe("checked settings", () => {
  it("fills in defaults", () => {
    assert.deepEqual(checkedSettings(schema, { layers: 2 }, "x"), {
      layers: 2,
      rate: 0.001,
      metric: "ndcg@20",
      weights: "uniform",
      bias: false,
      cap: null,
      name: "",
    });
  });

  it("names the field, also inside a field, and what was found", () => {
    const outer = z.object({
      inner: schema.strict().prefault({}),
      list: z.array(z.int()).default([]),
    });
    const check = (raw: unknown) => checkedSettings(outer, raw, "config.json");
    refuses(() => check({ iner: {} }), /config\.json: "iner" is not known; did you mean "inner"/);
    refuses(
      () => check({ inner: { layrs: 2 } }),
      /"inner\.layrs" is not known; did you mean "layers"/,
    );
    refuses(() => check({ inner: { layers: "2" } }), /field "inner\.layers": found "2"; .*number/);
    refuses(() => check({ list: [1, "x"] }), /field "list\.1": found "x"/);
    refuses(() => check([]), /config\.json: settings: found \[\]; .*object/);
    refuses(
      () => checkedSettings(z.object({ a: z.string() }), {}, "x"),
      /field "a": found nothing/,
    );
    refuses(
      () => checkedSettings(z.object({}), { a: 1 }, "x"),
      /"a" is not known: there is nothing to set/,
    );
  });
});

describe("table of settings", () => {
  it("shows type, bounds and default", () => {
    const rows = settingRows(schema);
    assert.deepEqual(rows[0], {
      name: "layers",
      type: "integer ≥ 1, ≤ 8",
      defaultValue: "3",
      description: "K",
    });
    assert.deepEqual(
      rows.map(({ type, defaultValue }) => [type, defaultValue]),
      [
        ["integer ≥ 1, ≤ 8", "3"],
        ["number > 0", "0.001"],
        ["string", "ndcg@20"],
        ["uniform | learned | list of number", "uniform"],
        ["boolean", "false"],
        ["number | null", "null"],
        ["string", ""],
      ],
    );
  });
});
