import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { rowOf } from "../../src/artifact/bundle-columns.ts";
import {
  type RecommendationAnswer,
  recommendationAnswerSchema,
} from "../../src/serving/schemas.ts";
import type { RunningServer } from "../../src/serving/server.ts";
import { bundleFolder, call, GENRES, servedBundle, serveFolder } from "./served-bundle.ts";

const bundle = servedBundle();
let server: RunningServer;
before(async () => {
  server = await serveFolder(await bundleFolder(bundle), { explainUsers: true });
});
after(() => server.close());

async function recommend(request: object): Promise<RecommendationAnswer> {
  const { status, body } = await call(server, "POST", "/v1/recommendations", request);
  assert.equal(status, 200, JSON.stringify(body));
  return recommendationAnswerSchema.parse(body);
}

const ids = ({ items }: RecommendationAnswer) => items.map(({ item }) => item);
const number = (id: string) => Number(id.slice(1));

/** Items by falling score, ties by smaller index, without any code of the server. */
function bruteForce(scores: Float32Array, keep: (item: number) => boolean): string[] {
  return Array.from(scores.keys())
    .filter(keep)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .map((item) => `i${item}`);
}

const historyScores = (history: number[]) =>
  bundle.recommender.scoreHistories({
    indptr: Int32Array.of(0, history.length),
    indices: Int32Array.from(history).sort(),
  });

describe("who is asking", () => {
  test("a training user gets the trained vector's list without training items", async () => {
    const scores = await bundle.recommender.scoreUsers(Int32Array.of(3));
    const seen = rowOf(bundle.train, 3);
    const answer = await recommend({ user: "u3", k: 8 });
    assert.equal(answer.routing, "trained");
    assert.deepEqual(ids(answer), bruteForce(scores, (item) => !seen.includes(item)).slice(0, 8));
    answer.items.forEach(({ item, score }) => {
      assert.ok(Math.abs(score - scores[number(item)]!) < 1e-6);
    });
  });

  test("a stranger with a history is folded in, and unknown items are reported", async () => {
    const scores = await historyScores([1, 4, 6]);
    const answer = await recommend({ history: ["i1", "i4", "nothing"], session: ["i6"], k: 5 });
    assert.equal(answer.routing, "fold-in");
    assert.deepEqual(answer.unknownItems, ["nothing"]);
    assert.deepEqual(
      ids(answer),
      bruteForce(scores, (item) => ![1, 4, 6].includes(item)).slice(0, 5),
    );
  });

  test("nothing known, and items that nobody had in training, mean popularity", async () => {
    const degrees = new Float32Array(30);
    for (const item of bundle.train.indices) degrees[item]!++;
    for (const request of [{}, { user: "stranger" }, { user: "u11" }]) {
      const answer = await recommend(request);
      assert.equal(answer.routing, "popularity");
      assert.deepEqual(ids(answer), bruteForce(degrees, () => true).slice(0, 10));
    }
    const untrained = await recommend({ history: ["i29"], k: 30 });
    assert.equal(untrained.routing, "popularity");
    assert.ok(!ids(untrained).includes("i29"));
  });

  test("many at once get what each would get alone", async () => {
    const requests = Array.from({ length: 40 }, (_, at) =>
      at % 3 === 0
        ? { user: `u${at % 10}`, k: 1 + (at % 7) }
        : at % 3 === 1
          ? { history: [`i${at % 29}`, `i${(at * 5) % 29}`], k: 20 }
          : { user: `u${at % 10}`, filter: { genre: { any: ["drama"] } } },
    );
    const together = await Promise.all(requests.map(recommend));
    for (const [at, request] of requests.entries()) {
      assert.deepEqual(together[at]!.items, (await recommend(request)).items);
    }
  });
});

describe("what is left", () => {
  test("exclude, allow, filters and includeSeen", async () => {
    const scores = await historyScores([2]);
    const cases: [object, (item: number) => boolean][] = [
      [{ exclude: ["i0", "i5", "unheard"] }, (item) => ![0, 2, 5].includes(item)],
      [{ allow: ["i0", "i2", "i9"] }, (item) => [0, 9].includes(item)],
      [{ includeSeen: true }, () => true],
      [{ filter: { genre: { any: ["COMEDY", "drama"] } } }, (item) => item % 3 < 2 && item !== 2],
      [{ filter: { genre: { none: ["Horror"] } } }, (item) => GENRES[item % 3] !== "Horror"],
      [{ filter: { genre: { all: ["Comedy", "Drama"] } } }, () => false],
      [
        { filter: { year: { from: 1985, to: 1992 } } },
        (item) => item >= 5 && item <= 12 && item !== 9,
      ],
      [{ allow: ["i3", "i4"], filter: { genre: { any: ["Comedy"] } } }, (item) => item === 3],
    ];
    for (const [limits, keep] of cases) {
      const answer = await recommend({ history: ["i2"], k: 30, ...limits });
      const expected = bruteForce(scores, keep).filter(
        (id) => id !== "i2" || "includeSeen" in limits,
      );
      assert.deepEqual(ids(answer), expected, JSON.stringify(limits));
      const missing = 30 - expected.length;
      assert.equal(answer.shortfall?.missing ?? 0, missing);
      assert.ok(missing === 0 || answer.shortfall!.reason.startsWith("no more items"));
    }
  });

  test("pages make up the whole list, without an item twice", async () => {
    const whole = ids(await recommend({ user: "u1", k: 25 }));
    const paged: string[] = [];
    let page: string | null = null;
    do {
      const answer: RecommendationAnswer = await recommend({
        user: "u1",
        k: 7,
        ...(page !== null && { page }),
      });
      paged.push(...ids(answer));
      page = answer.next;
    } while (page !== null);
    assert.deepEqual(paged, whole);
    assert.equal(whole.length, 25);
  });

  test("diversity 0 orders by score; 1 makes each item unlike those before", async () => {
    const { items } = bundle.recommender.embeddings!;
    const vector = (id: string) => items.subarray(4 * number(id), 4 * number(id) + 4);
    const cosine = (a: string, b: string) => {
      const dot = vector(a).reduce((sum, value, at) => sum + value * vector(b)[at]!, 0);
      return dot / Math.hypot(...vector(a)) / Math.hypot(...vector(b));
    };
    const plain = ids(await recommend({ user: "u2", k: 25 }));
    const diverse = ids(await recommend({ user: "u2", k: 5, diversity: 1 }));
    // λ = 1 by hand: the best first, then always the one whose nearest chosen item is farthest.
    const expected = [plain[0]!];
    while (expected.length < 5) {
      const left = plain.filter((id) => !expected.includes(id));
      const closest = left.map((id) => Math.max(...expected.map((other) => cosine(id, other))));
      expected.push(left[closest.indexOf(Math.min(...closest))]!);
    }
    assert.deepEqual(diverse, expected);
  });
});

test("what is explained sums to the score", async () => {
  const folded = await recommend({ history: ["i1", "i4", "i6"], explain: true });
  for (const { score, explanation } of folded.items) {
    const sum = explanation!.parts.reduce((total, { share }) => total + share, 0);
    assert.equal(explanation!.parts.length, 3);
    assert.ok(Math.abs(sum - score) < 1e-6);
  }
  const trained = await recommend({ user: "u3", explain: true });
  for (const { score, explanation, item: recommended } of trained.items) {
    const { basis, others, popularityShare, paths } = explanation!;
    assert.equal(basis, "messages");
    assert.deepEqual(others, { items: 0, share: 0 });
    assert.ok(Number.isFinite(popularityShare));
    for (const { by, user } of paths) {
      const theirs = rowOf(bundle.train, number(user!));
      assert.ok(user !== "u3" && theirs.includes(number(by.item)));
      assert.ok(theirs.includes(number(recommended)));
    }
    const sum = explanation!.parts.reduce((total, { share }) => total + share, 0);
    assert.ok(Math.abs(sum + explanation!.remainder - score) < 1e-6);
    assert.ok(
      explanation!.parts.every(({ item }) => rowOf(bundle.train, 3).includes(number(item))),
    );
  }
});

test("popularity explains itself, and no path leads through somebody forgotten", async () => {
  const unknown = await recommend({ user: "stranger", explain: true, k: 3 });
  for (const { explanation } of unknown.items) {
    const { basis, parts, popularityShare, paths } = explanation!;
    assert.deepEqual([basis, parts, paths], [null, [], []]);
    assert.ok(Math.abs(popularityShare! - 1) < 1e-9);
  }
  const request = { history: ["i1", "i4", "i6", "i9"], explain: true, k: 20 };
  const named = ({ items }: RecommendationAnswer) =>
    items.flatMap(({ explanation }) => explanation!.paths.map(({ user }) => user));
  const [someone] = named(await recommend(request));
  assert.ok(someone);
  // Whoever asks is not evidence for themselves either, also when they are folded in.
  assert.ok(!named(await recommend({ ...request, user: someone })).includes(someone));
  await call(server, "DELETE", `/v1/users/${someone}`);
  assert.ok(!named(await recommend(request)).includes(someone));
});

test("a server that was not told to names nobody else, and its paths are the same", async () => {
  const request = { history: ["i1", "i4", "i6", "i9"], explain: true, k: 20 };
  const silent = await serveFolder(await bundleFolder(bundle));
  const naming = await serveFolder(await bundleFolder(bundle), { explainUsers: true });
  const pathsOf = async (one: RunningServer) => {
    const reply = await call<RecommendationAnswer>(one, "POST", "/v1/recommendations", request);
    return reply.body.items.flatMap(({ explanation }) => explanation!.paths);
  };
  const [blank, named] = [await pathsOf(silent), await pathsOf(naming)];
  await silent.close();
  await naming.close();
  assert.ok(named.length > 0 && named.every(({ user }) => typeof user === "string"));
  assert.deepEqual(
    blank,
    named.map((path) => ({ ...path, user: null })),
  );
});
