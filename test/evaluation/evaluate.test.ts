import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProgressEvent } from "../../src/base/progress.ts";
import type { Rows } from "../../src/data/interactions.ts";
import { Evaluator, evaluate } from "../../src/evaluation/evaluate.ts";
import { summarise } from "../../src/evaluation/summary.ts";
import { rank } from "../../src/models/rank.ts";
import { scoredRecommender } from "../../src/models/scored-recommender.ts";
import { fixedScores, interactionsFrom, near, partFrom, rowsFrom } from "./cases.ts";

test("seen items are masked: only what is left is ranked", async () => {
  const recommender = fixedScores([[5, 4, 3, 2, 1]]);
  const { metrics } = await evaluate(recommender, partFrom([[3]]), {
    seen: [interactionsFrom([[0, 1]])],
    ks: [1, 2],
  });
  // Without items 0 and 1 the order is 2, 3, 4.
  near(metrics["recall@1"], 0);
  near(metrics["recall@2"], 1);
  near(metrics["mrr@2"], 1 / 2);
});

test("validation interactions given as seen are masked too", async () => {
  const { metrics } = await evaluate(fixedScores([[5, 4, 3, 2, 1]]), partFrom([[3]]), {
    seen: [interactionsFrom([[0, 1]]), interactionsFrom([[2]])],
    ks: [1],
  });
  near(metrics["recall@1"], 1);
});

test("a masked item never appears, even where every other score is below −1024", async () => {
  const recommender = fixedScores([[9000, -5000, -1e30, -2000]]);
  const { items } = await rank(recommender, { users: Int32Array.of(0) }, 4, rowsFrom([[0]]));
  assert.deepEqual([...items], [3, 1, 2, -1]);
  const { metrics } = await evaluate(recommender, partFrom([[1]]), {
    seen: [interactionsFrom([[0]])],
    ks: [2],
  });
  near(metrics["mrr@2"], 1 / 2);
  near(metrics["coverage@2"], 2 / 4);
});

test("ties go to the smaller index", async () => {
  const recommender = fixedScores([[1, 1, 2, 1, 1]]);
  const { items } = await rank(recommender, { users: Int32Array.of(0) }, 5, null);
  assert.deepEqual([...items], [2, 0, 1, 3, 4]);
});

test("a list shorter than k ends early and still counts", async () => {
  const { metrics } = await evaluate(fixedScores([[3, 2, 1]]), partFrom([[2]]), {
    seen: [interactionsFrom([[0]])],
    ks: [3, 10],
  });
  near(metrics["precision@3"], 1 / 3);
  near(metrics["precision@10"], 1 / 10);
  near(metrics["recall@10"], 1);
  near(metrics["mrr@10"], 1 / 2);
  near(metrics["coverage@10"], 2 / 3);
});

test("users without test items are skipped, and counted", async () => {
  const scores = [
    [1, 2],
    [1, 2],
    [1, 2],
  ];
  const result = await evaluate(fixedScores(scores), partFrom([[1], [], [0]]), {
    seen: [interactionsFrom([[0], [0], []])],
    ks: [1],
  });
  assert.equal(result.usersEvaluated, 2);
  assert.equal(result.usersSkipped, 1);
  assert.deepEqual([...result.perUser.users], [0, 2]);
  assert.deepEqual([...result.perUser.values["hr@1"]!], [1, 0]);
  near(result.metrics["hr@1"], 1 / 2);
});

test("metrics do not depend on the order of interactions or the size of blocks", async () => {
  const scores = [
    [1, 5, 2, 4],
    [4, 3, 2, 1],
    [1, 1, 1, 9],
  ];
  const targets = interactionsFrom([[0, 2], [3], [1]]);
  const backwards = {
    ...targets,
    users: targets.users.toReversed(),
    items: targets.items.toReversed(),
  };
  const options = { seen: [interactionsFrom([[1], [], [3]])], ks: [1, 2, 3], intervals: true };
  const one = await evaluate(
    fixedScores(scores),
    { targets, history: null, candidates: null },
    options,
  );
  const other = await evaluate(
    fixedScores(scores),
    { targets: backwards, history: null, candidates: null },
    { ...options, blockUsers: 1 },
  );
  assert.deepEqual({ ...other, seconds: 0 }, { ...one, seconds: 0 });
});

test("renumbering users changes no metric", async () => {
  const scores = [
    [1, 5, 2],
    [4, 3, 2],
  ];
  const options = (seen: number[][]) => ({ seen: [interactionsFrom(seen)], ks: [1, 2] });
  const one = await evaluate(fixedScores(scores), partFrom([[0, 2], [1]]), options([[1], [0]]));
  const swapped = await evaluate(
    fixedScores(scores.toReversed()),
    partFrom([[1], [0, 2]]),
    options([[0], [1]]),
  );
  assert.deepEqual(swapped.metrics, one.metrics);
});

test("held-out users are folded in from their history, which is masked", async () => {
  const asked: number[][] = [];
  // A stranger is scored by distance to the last item of the history.
  const recommender = fixedScores([[0, 0, 0, 0, 0]], (history) => {
    asked.push([...history]);
    return [0, 1, 2, 3, 4].map((item) => -Math.abs(item - (history.at(-1) ?? 0)));
  });
  const part = partFrom([[], [], [4], [0]], {
    history: interactionsFrom([[], [], [1, 3], [1], [2]]),
  });
  const result = await evaluate(recommender, part, {
    seen: [interactionsFrom([[0, 1, 2]])],
    ks: [1, 2],
    protocol: "mult-vae",
  });
  assert.deepEqual(asked, [[1, 3], [1]]);
  assert.deepEqual([...result.perUser.users], [2, 3]);
  // Near 3 without 1 and 3: 2, 4. Near 1 without 1: 0, 2.
  assert.deepEqual([...result.perUser.values["mrr@2"]!], [1 / 2, 1]);
  assert.equal(result.usersSkipped, 1);
  assert.equal(result.protocol, "mult-vae");
});

test("given candidates: only they are ranked, and every definition says sampled", async () => {
  const scores = [
    [9, 8, 7, 6, 5],
    [9, 8, 7, 6, 5],
    [9, 8, 7, 6, 5],
  ];
  // The test item belongs to the candidates whether the file lists it or not.
  const candidates = rowsFrom([[3, 4], [1, 2, 4], [2]]);
  const result = await evaluate(fixedScores(scores), partFrom([[3], [0], [2]], { candidates }), {
    seen: [],
    ks: [1, 2],
  });
  assert.equal(result.sampled, true);
  // Nobody can be told anything by ranking a test item among itself.
  assert.deepEqual([...result.perUser.users], [0, 1]);
  assert.equal(result.usersSkipped, 0 + 1);
  near(result.metrics["hr@1"], 1);
  for (const definition of Object.values(result.definitions)) {
    assert.match(definition, /sampled metric: ranked among 2 to 4 candidates a user/);
  }
  const full = await evaluate(fixedScores(scores), partFrom([[3], [0], [2]]), {
    seen: [],
    ks: [1],
  });
  assert.equal(full.sampled, false);
  assert.doesNotMatch(full.definitions["hr@1"]!, /sampled/);
});

test("candidates that end before the last user leave the others without any", async () => {
  const scores = [
    [3, 2, 1],
    [3, 2, 1],
    [3, 2, 1],
  ];
  const candidates = rowsFrom([[1, 2]]);
  const result = await evaluate(fixedScores(scores), partFrom([[1], [0], [2]], { candidates }), {
    seen: [],
    ks: [1],
  });
  assert.deepEqual([...result.perUser.users], [0]);
  assert.equal(result.usersSkipped, 2);
  near(result.metrics["hr@1"], 1);
});

test("test items that are masked are counted", async () => {
  const result = await evaluate(fixedScores([[1, 2, 3]]), partFrom([[0, 2]]), {
    seen: [interactionsFrom([[2]])],
    ks: [2],
  });
  assert.equal(result.maskedTargets, 1);
  near(result.metrics["recall@2"], 1 / 2);
});

test("intervals surround the metrics of users, and the summary is plain JSON", async () => {
  const scores = Array.from({ length: 40 }, (_, user) => [user % 3, 1, 2 - (user % 2)]);
  const result = await evaluate(
    fixedScores(scores),
    partFrom(scores.map((_, user) => [user % 2 ? 0 : 2])),
    {
      seen: [],
      ks: [1, 2],
      trainPopularity: Int32Array.of(3, 2, 1),
      intervals: true,
    },
  );
  for (const key of ["recall@1", "ndcg@2", "novelty@1"]) {
    const { low, high } = result.intervals![key]!;
    assert.ok(low <= result.metrics[key]! && result.metrics[key]! <= high && low < high, key);
  }
  assert.equal(result.intervals!["coverage@1"], undefined);
  const summary = summarise(result);
  assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  assert.deepEqual(Object.keys(summary.definitions), Object.keys(summary.metrics));
  assert.equal(summary.protocol.name, "lightgcn");
});

test("the summary turns figures without a value into null", async () => {
  // Everything is masked: empty lists, so neither novelty nor Gini exist.
  const result = await evaluate(fixedScores([[1, 2]]), partFrom([[0]]), {
    seen: [interactionsFrom([[0, 1]])],
    ks: [1],
    trainPopularity: Int32Array.of(1, 1),
    intervals: true,
  });
  const summary = summarise(result);
  assert.equal(summary.metrics["novelty@1"], null);
  assert.equal(summary.metrics["gini@1"], null);
  assert.equal(summary.intervals!["novelty@1"], null);
  assert.equal(summary.metrics["recall@1"], 0);
});

test("progress is told, and a stop is obeyed between blocks", async () => {
  const recommender = fixedScores([[1], [1], [1]]);
  const events: ProgressEvent[] = [];
  const controller = new AbortController();
  const evaluator = new Evaluator(partFrom([[0], [0], [0]]), { seen: [], ks: [1], blockUsers: 2 });
  await evaluator.evaluate(recommender, { progress: (event) => events.push(event) });
  assert.deepEqual(
    events.map(({ stage, done, total, unit }) => [stage, done, total, unit]),
    [
      ["evaluate", 2, 3, "users"],
      ["evaluate", 3, 3, "users"],
    ],
  );
  await assert.rejects(
    evaluator.evaluate(recommender, {
      progress: () => controller.abort(),
      signal: controller.signal,
    }),
    { code: "stopped", message: "evaluation stopped after 2 of 3 users" },
  );
});

test("whole audiences are asked for, block by block", async () => {
  const sizes: number[] = [];
  const recommender = scoredRecommender({
    userCount: 5,
    itemCount: 2,
    scoreUser: () => {},
    scoreHistory: () => {},
    save: () => ({}),
  });
  const watched = {
    ...recommender,
    scoreUsers(users: Int32Array) {
      sizes.push(users.length);
      return recommender.scoreUsers(users);
    },
  };
  await evaluate(watched, partFrom([[0], [0], [0], [0], [0]]), {
    seen: [],
    ks: [1],
    blockUsers: 2,
  });
  assert.deepEqual(sizes, [2, 2, 1]);
});

test("what cannot be judged is refused with the fix", async () => {
  const recommender = fixedScores([[1, 2]]);
  const options = { seen: [interactionsFrom([[0], [1]])], ks: [1] };
  await assert.rejects(evaluate(recommender, partFrom([[], []]), options), {
    code: "no-targets",
    message: /0 of 2 known users have a test item .* random:0\.8/,
  });
  await assert.rejects(evaluate(recommender, partFrom([[0], [0]]), options), {
    code: "index",
    message: /user 1 is to be judged, but the model knows users 0 … 0/,
  });
  await assert.rejects(evaluate(recommender, partFrom([[7]]), { seen: [], ks: [1] }), {
    code: "index",
    message: /item 7/,
  });
  await assert.rejects(evaluate(recommender, partFrom([[0]]), { seen: [], ks: [] }), { code: "k" });
  const alone: Rows = rowsFrom([[0]]);
  await assert.rejects(
    evaluate(recommender, partFrom([[0]], { candidates: alone }), { seen: [], ks: [1] }),
    { code: "no-targets", message: /beside other candidates/ },
  );
});
