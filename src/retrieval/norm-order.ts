/**
 * Exact search for the k largest inner products with few looks: items are visited by falling
 * length of their vectors, and by Cauchy and Schwarz no item after one of length ‖e‖ scores more
 * than ‖q‖·‖e‖, so that the search ends where that is below the k-th best score found so far
 * (the length pruning of LEMP: Teflioudi, Gemulla & Mykytiuk, SIGMOD 2015).
 *
 * The engine's scores are sums in single precision, in an order of its own. So the search keeps
 * every item that could be among the engine's k best, whatever the rounding: ranking its finds
 * with the engine gives the lists, ties too, that ranking all items gives.
 *
 * @module
 */

/** Items are sorted by length into so many classes; finer ones would hardly end sooner. */
const CLASSES = 4096;

/** What a search found. */
export interface Finds {
  /** The k best items, and any that rounding could put among them; ascending. */
  readonly items: Int32Array;
  /** How many items were scored. */
  readonly visited: number;
}

export class NormOrder {
  readonly #width: number;
  /** Items, class by class; ascending within one. */
  readonly #order: Int32Array;
  /** Their vectors, in that order, because reading here and there takes three times as long. */
  readonly #vectors: Float32Array;
  /** Where each class begins in the order. */
  readonly #starts: Int32Array;
  /** Length of the longest vector of each class. */
  readonly #longest: Float64Array;

  private constructor(
    width: number,
    order: Int32Array,
    vectors: Float32Array,
    classes: { readonly starts: Int32Array; readonly longest: Float64Array },
  ) {
    this.#width = width;
    this.#order = order;
    this.#vectors = vectors;
    this.#starts = classes.starts;
    this.#longest = classes.longest;
  }

  /**
   * Takes turns with whatever else the program does.
   * @param items items × width, row-major
   * @returns null where a vector is not finite, since nothing bounds its scores
   */
  static async of(items: Float32Array, width: number): Promise<NormOrder | null> {
    const count = items.length / width;
    const lengths = new Float64Array(count);
    await inTurns(count, (item) => {
      lengths[item] = Math.sqrt(product(items, item * width, items, item * width, width));
    });
    if (!lengths.every(Number.isFinite)) return null;
    const { classOf, ...classes } = lengthClasses(lengths);
    const next = classes.starts.slice();
    const order = new Int32Array(count);
    const vectors = new Float32Array(items.length);
    await inTurns(count, (item) => {
      const at = next[classOf(item)]!++;
      order[at] = item;
      for (let column = 0; column < width; column++) {
        vectors[at * width + column] = items[item * width + column]!;
      }
    });
    return new NormOrder(width, order, vectors, classes);
  }

  /**
   * @param query a vector of finite numbers
   * @param masked items to leave out, ascending
   */
  search(query: Float32Array, k: number, masked: Int32Array): Finds {
    const width = this.#width;
    const length = Math.sqrt(product(query, 0, query, 0, width));
    const best = new Float64Array(k).fill(-Infinity);
    // Higham, Accuracy and Stability of Numerical Algorithms, 3.1, for the longest vector there is;
    // two scores may be off in different directions.
    const rounding = (width + 2) * 2 ** -23 * length * this.#longest[0]!;
    const found: number[] = [];
    const scores: number[] = [];
    let least = -Infinity;
    let visited = 0;
    for (let place = 0; place < CLASSES; place++) {
      const [begin, end] = [this.#starts[place]!, this.#starts[place + 1]!];
      if (begin === end) continue;
      if (length * this.#longest[place]! < least) break;
      for (let at = begin; at < end; at++) {
        const score = product(query, 0, this.#vectors, at * width, width);
        visited++;
        if (score < least) continue;
        const item = this.#order[at]!;
        if (holds(masked, item)) continue;
        found.push(item);
        scores.push(score);
        if (score > best[k - 1]!) {
          insert(best, score);
          least = best[k - 1]! - 2 * rounding;
        }
      }
    }
    const kept = found.filter((_, at) => scores[at]! >= least);
    return { items: Int32Array.from(kept).sort(), visited };
  }
}

/** Classes of falling length, and which one an item is in. */
function lengthClasses(lengths: Float64Array) {
  const least = lengths.reduce((a, b) => Math.min(a, b), Infinity);
  const most = lengths.reduce((a, b) => Math.max(a, b), 0);
  const scale = most > least ? (CLASSES - 1) / (most - least) : 0;
  const classOf = (item: number) => Math.floor((most - lengths[item]!) * scale);
  const starts = new Int32Array(CLASSES + 1);
  const longest = new Float64Array(CLASSES);
  lengths.forEach((length, item) => {
    const place = classOf(item);
    starts[place + 1]!++;
    longest[place] = Math.max(longest[place]!, length);
  });
  for (let place = 0; place < CLASSES; place++) starts[place + 1]! += starts[place]!;
  return { classOf, starts, longest };
}

/** Items handled between two turns of the event loop. */
const TURN = 20_000;

async function inTurns(count: number, work: (item: number) => void): Promise<void> {
  for (let item = 0; item < count; item++) {
    if (item > 0 && item % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    work(item);
  }
}

/** Σ a[i]·b[j], in double precision. */
function product(a: Float32Array, i: number, b: Float32Array, j: number, width: number): number {
  let sum = 0;
  for (let at = 0; at < width; at++) sum += a[i + at]! * b[j + at]!;
  return sum;
}

/** Puts a score into a falling row of them, whose last leaves. */
function insert(best: Float64Array, score: number): void {
  let place = best.length - 1;
  while (place > 0 && best[place - 1]! < score) place--;
  best.copyWithin(place + 1, place, best.length - 1);
  best[place] = score;
}

/** Whether an ascending row holds an item. */
function holds(row: Int32Array, item: number): boolean {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (row[middle]! < item) low = middle + 1;
    else high = middle;
  }
  return row[low] === item;
}
