import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeRow, passes, verdictOf } from "../../../src/experiment/recipe/verdict.ts";

it("a figure is above, matches or is below within a share of theirs", () => {
  assert.equal(verdictOf(0.5, 0.51, 0.01), "above");
  assert.equal(verdictOf(0.5, 0.495, 0.01), "match");
  assert.equal(verdictOf(0.5, 0.4949, 0.01), "below");
  assert.deepEqual([passes("recall@20", "above"), passes("loss", "above")], [true, false]);
});

describe("what a recipe keeps of a row", () => {
  const judge = (
    published: Record<string, number>,
    figures?: Record<string, number>,
    tolerance?: number,
  ) =>
    judgeRow(
      { tolerance: 0.01 },
      {
        published,
        ...(figures && { measured: { figures, seconds: 1, settings: "0" } }),
        ...(tolerance !== undefined && { tolerance }),
      },
    );

  it("passes where no figure is further below than the tolerance", () => {
    const theirs = { "recall@20": 0.1, "ndcg@20": 0.2 };
    assert.equal(judge(theirs), "not run");
    assert.equal(judge({}, { "recall@20": 0.1 }), "ours alone");
    assert.equal(judge(theirs, { "recall@20": 0.0991, "ndcg@20": 0.3 }), "pass");
    assert.equal(judge(theirs, { "recall@20": 0.0989, "ndcg@20": 0.3 }), "miss");
    assert.equal(judge(theirs, { "recall@20": 0.3, "ndcg@20": 0.1979 }), "miss");
    assert.equal(judge(theirs, { "recall@20": 0.0951, "ndcg@20": 0.2 }, 0.05), "pass");
    assert.equal(judge(theirs, { "recall@20": 0.1 }), "miss");
  });

  it("meets a loss from both sides", () => {
    const loss = (ours: number) => judge({ loss: 0.5 }, { loss: ours });
    assert.deepEqual([0.496, 0.504, 0.49, 0.51].map(loss), ["pass", "pass", "miss", "miss"]);
  });
});
