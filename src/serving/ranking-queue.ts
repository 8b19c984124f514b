/**
 * Lists for requests that arrive together, ranked together: whatever waits while
 * one block is ranked makes up the next, on the one ranking path. The lists are
 * those that each request would get alone.
 *
 * @module
 */

import { audienceOf, type Listener } from "../artifact/routed-model.ts";
import { rowsOfLists } from "../data/rows.ts";
import { audienceVectors, type RankedLists, rank } from "../models/rank.ts";
import type { CandidateIndex } from "../retrieval/candidates.ts";
import { Problem } from "./problem.ts";
import type { ServedModel } from "./served-model.ts";

export interface RankingRequest {
  readonly model: ServedModel;
  readonly listener: Listener;
  readonly k: number;
  /** Items to leave out, ascending. */
  readonly masked: Int32Array;
  /** The only items to rank, ascending, none of them masked; null = all. */
  readonly candidates: Int32Array | null;
}

/** At most k items, the best first. */
export interface RankedList {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

interface Waiting {
  readonly request: RankingRequest;
  resolve(list: RankedList): void;
  reject(error: unknown): void;
}

export class RankingQueue {
  readonly #mostWaiting: number;
  readonly #mostTogether: number;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor({ mostWaiting = 2000, mostTogether = 64 } = {}) {
    this.#mostWaiting = mostWaiting;
    this.#mostTogether = mostTogether;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** @throws Problem 503 where too many wait already */
  rank(request: RankingRequest): Promise<RankedList> {
    if (this.#waiting.length >= this.#mostWaiting) {
      throw new Problem(503, "busy", "too many requests wait for a list", { retryAfter: 1 });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // What has arrived in the same turn of the event loop joins.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const block = this.#waiting.splice(0, this.#mostTogether);
      for (const group of Map.groupBy(block, alike).values()) await rankGroup(group);
      // Lets sockets and timers in between blocks.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isRunning = false;
  }
}

const serials = new WeakMap<ServedModel, number>();
let nextSerial = 0;

/** Requests with the same text are ranked in one call. */
function alike({ request: { model, listener, k, candidates } }: Waiting): string {
  if (!serials.has(model)) serials.set(model, nextSerial++);
  const places = 2 ** Math.ceil(Math.log2(Math.max(16, k)));
  return `${serials.get(model)} ${listener.kind} ${places} ${candidates !== null}`;
}

async function rankGroup(group: readonly Waiting[]): Promise<void> {
  try {
    const requests = group.map(({ request }) => request);
    const lists = await rankTogether(requests);
    group.forEach(({ request, resolve }, row) => {
      resolve(rowOfLists(lists, row, request.k));
    });
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

async function rankTogether(requests: readonly RankingRequest[]): Promise<RankedLists> {
  const [{ model, listener, candidates }] = requests as [RankingRequest];
  const { index, items } = model.bundle;
  const k = Math.min(items.size, Math.max(...requests.map((request) => request.k)));
  const masked = rowsOfLists(requests.map((request) => request.masked));
  const audience = audienceOf(requests.map((request) => request.listener));
  const ranker = model.rankerOf(listener);
  if (candidates !== null) {
    const allowed = rowsOfLists(requests.map((request) => request.candidates!));
    return rank(ranker, audience, k, null, allowed);
  }
  const proposed =
    index && listener.kind !== "popularity"
      ? await propose(index, model, audience, k, masked)
      : null;
  return proposed ? rank(ranker, audience, k, null, proposed) : rank(ranker, audience, k, masked);
}

async function propose(
  index: CandidateIndex,
  { bundle }: ServedModel,
  audience: Parameters<typeof audienceVectors>[1],
  k: number,
  masked: Parameters<CandidateIndex["candidates"]>[2],
) {
  const vectors = await audienceVectors(bundle.recommender, audience);
  return vectors && index.candidates(vectors.queries, k, masked);
}

function rowOfLists({ k, items, scores }: RankedLists, row: number, most: number): RankedList {
  const begin = row * k;
  let end = begin;
  while (end < begin + Math.min(k, most) && items[end]! >= 0) end++;
  return { items: items.slice(begin, end), scores: scores.slice(begin, end) };
}
