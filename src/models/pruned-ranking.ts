/**
 * Exact lists for a few people of a large catalogue by norm-ordered search
 * (`retrieval/norm-order.ts`), where that is less work than scoring every item. What
 * decides is how much earlier searches of the same vectors had to look at.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import { NormOrder } from "../retrieval/norm-order.ts";
import type { Embeddings } from "./recommender.ts";

/** More people than this share the cost of one pass over the whole catalogue too well. */
const MOST_PEOPLE = 4;

/** Smaller catalogues are scored whole faster than a search gets going. */
const FEWEST_ITEMS = 8192;

/**
 * Rankings after which the order is made: making it costs about as much as they did, so
 * that waiting costs at most twice the best, and a single list never pays for it.
 */
const RANKINGS_BEFORE = 32;

/**
 * A search takes about 1/0.6 times as long over an item as the pass over all, copying the
 * catalogue to the device included (`node bench/retrieval.ts --few-only`).
 */
const WORTHWHILE = 0.6;

export class PrunedRanking {
  readonly #items: Float32Array;
  readonly #width: number;
  #rankings = 0;
  #order: NormOrder | null = null;
  /** Mean share of the items that searches for k looked at, by the power of two from k on. */
  readonly #visited = new Map<number, number>();

  constructor({ items, width }: Pick<Embeddings, "items" | "width">) {
    this.#items = items;
    this.#width = width;
  }

  /** Whether `rank` is less work than scoring all items; counts the question as a ranking. */
  pays(people: number, k: number): boolean {
    const itemCount = this.#items.length / this.#width;
    if (people > MOST_PEOPLE || itemCount < FEWEST_ITEMS) return false;
    this.#rankings++;
    if (this.#rankings === RANKINGS_BEFORE) void this.prepare();
    return this.#order !== null && people * (this.#visited.get(sizeOf(k)) ?? 0) <= WORTHWHILE;
  }

  /**
   * The k best items of each person: those that each would get alone.
   * @param queries people × width
   * @param masked items to leave out, ascending, a row for each person; null = none
   * @param device held by the caller, whose mark releases what is allocated here
   * @returns people × k items and scores; −1 and −∞ where a list ends early
   */
  async rank(queries: Float32Array, k: number, masked: Rows | null, device: Device) {
    const width = this.#width;
    const count = queries.length / width;
    const lists = { k, items: new Int32Array(count * k), scores: new Float32Array(count * k) };
    for (let row = 0; row < count; row++) {
      const query = queries.subarray(row * width, (row + 1) * width);
      const hidden =
        masked?.indices.subarray(masked.indptr[row], masked.indptr[row + 1]) ?? new Int32Array(0);
      const finds = this.#order!.search(query, k, hidden);
      this.#learn(k, finds.visited);
      const outItems = device.allocate([1, k], "i32");
      const outScores = device.allocate([1, k]);
      const table = device.upload([finds.items.length, width], this.#gather(finds.items));
      device.kernels.rankByVectors(
        outItems,
        outScores,
        device.upload([1, width], query),
        table,
        null,
        k,
      );
      const places = await device.read(outItems);
      lists.items.set(
        places.map((place) => (place < 0 ? -1 : finds.items[place]!)),
        row * k,
      );
      lists.scores.set(await device.read(outScores), row * k);
    }
    return lists;
  }

  /** Makes the order now. */
  async prepare(): Promise<void> {
    this.#order = await NormOrder.of(this.#items, this.#width);
  }

  #learn(k: number, visited: number): void {
    const share = visited / (this.#items.length / this.#width);
    const before = this.#visited.get(sizeOf(k)) ?? share;
    this.#visited.set(sizeOf(k), before + (share - before) / 8);
  }

  #gather(items: Int32Array): Float32Array {
    const width = this.#width;
    const gathered = new Float32Array(items.length * width);
    items.forEach((item, at) => {
      gathered.set(this.#items.subarray(item * width, (item + 1) * width), at * width);
    });
    return gathered;
  }
}

const sizeOf = (k: number): number => Math.ceil(Math.log2(k));
