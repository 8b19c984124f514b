import assert from "node:assert/strict";
import { test } from "node:test";
import { findModel, models } from "../../src/models/registry.ts";

test("every model is found by its name, and names are unique and fit for a command line", () => {
  for (const model of models) {
    assert.equal(findModel(model.name), model);
    assert.match(model.name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(model.title.length > 0 && model.summary.endsWith("."));
  }
  assert.equal(new Set(models.map(({ name }) => name)).size, models.length);
});

test("every hyperparameter has a default and a line that describes it", () => {
  for (const model of models) {
    const defaults = model.hyperparameters.parse({});
    for (const [field, schema] of Object.entries(model.hyperparameters.shape)) {
      assert.ok(field in defaults, `${model.name}.${field}`);
      assert.ok("description" in schema && schema.description, `${model.name}.${field}`);
    }
  }
});

test("an unknown model names the nearest one", () => {
  assert.throws(() => findModel("populariy"), {
    code: "unknown-model",
    exitCode: 2,
    message: /"populariy" is not known; did you mean "popularity"\? \(models: /,
  });
  assert.throws(() => findModel("nope"), { message: /"nope" is not known \(models: / });
  assert.throws(() => findModel("blend"), { message: /lumiere blend RUN RUN/ });
  assert.throws(() => findModel("Random"), { message: /did you mean "random"/ });
});
