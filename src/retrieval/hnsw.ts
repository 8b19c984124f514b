/**
 * Hierarchical navigable small worlds — Malkov & Yashunin, TPAMI 2020 — by inner
 * product, through USearch.
 *
 * @module
 */

import { createRequire } from "node:module";
import { z } from "zod";
import { LumiereError } from "../base/errors.ts";
import type { Rows } from "../data/interactions.ts";
import { rowsOfLists } from "../data/rows.ts";
import type { CandidateIndex } from "./candidates.ts";

export const hnswSchema = z.object({
  connectivity: z.int().min(2).max(256).default(16).describe("M: links of a node in each layer"),
  construction: z.int().min(8).max(4096).default(128).describe("Candidates kept while building"),
  search: z.int().min(8).max(4096).default(64).describe("Candidates kept while searching"),
});

export type HnswSettings = z.infer<typeof hnswSchema>;

type Library = typeof import("usearch");
type LibraryIndex = InstanceType<Library["Index"]>;

/** Nodes added at once: bounds the copy of their keys. */
const addedAtOnce = 65_536;

export class HnswIndex implements CandidateIndex {
  readonly itemCount: number;
  readonly width: number;
  readonly #settings: HnswSettings;
  readonly #index: LibraryIndex;
  readonly #threads: number;

  private constructor(
    itemCount: number,
    width: number,
    settings: HnswSettings,
    index: LibraryIndex,
    threads: number,
  ) {
    this.itemCount = itemCount;
    this.width = width;
    this.#settings = settings;
    this.#index = index;
    this.#threads = threads;
  }

  /**
   * Links the items to each other. With more than one thread the graph differs from
   * run to run, because threads see each other's nodes at different moments.
   * @param items items × width, row-major
   */
  static build(
    items: Float32Array,
    width: number,
    settings: HnswSettings,
    threads = 1,
    added: (done: number) => void = () => {},
  ): HnswIndex {
    const itemCount = items.length / width;
    const index = emptyIndex(width, settings);
    for (let first = 0; first < itemCount; first += addedAtOnce) {
      const last = Math.min(itemCount, first + addedAtOnce);
      const keys = BigUint64Array.from({ length: last - first }, (_, at) => BigInt(first + at));
      index.add(keys, items.subarray(first * width, last * width), threads);
      added(last);
    }
    return new HnswIndex(itemCount, width, settings, index, threads);
  }

  /**
   * Reads what `save` wrote. The library trusts the bytes and may crash on others, so the
   * caller checks them first (`artifact/item-index.ts` keeps their checksum).
   * @throws LumiereError("index-file") where it holds other items
   */
  static load(
    path: string,
    itemCount: number,
    width: number,
    settings: HnswSettings,
    threads = 1,
  ): HnswIndex {
    const index = emptyIndex(width, settings);
    try {
      index.load(path);
    } catch (cause) {
      throw damaged(path, "cannot be read", cause);
    }
    if (Number(index.size()) !== itemCount || Number(index.dimensions()) !== width) {
      throw damaged(path, `holds ${index.size()} items, expected ${itemCount}`);
    }
    return new HnswIndex(itemCount, width, settings, index, threads);
  }

  save(path: string): void {
    this.#index.save(path);
  }

  candidates(queries: Float32Array, least: number, masked: Rows | null): Rows {
    const { width } = this;
    const lists: Int32Array[] = [];
    for (let row = 0; row * width < queries.length; row++) {
      const hidden = masked
        ? masked.indices.subarray(masked.indptr[row], masked.indptr[row + 1])
        : new Int32Array(0);
      const count = Math.min(
        this.itemCount,
        Math.max(least + hidden.length, this.#settings.search),
      );
      const query = queries.subarray(row * width, (row + 1) * width);
      const { keys } = this.#index.search(query, count, this.#threads);
      const seen = new Set(hidden);
      lists.push(Int32Array.from(keys, Number).filter((item) => !seen.has(item)));
    }
    return rowsOfLists(lists);
  }
}

function emptyIndex(width: number, settings: HnswSettings): LibraryIndex {
  const { Index, MetricKind, ScalarKind } = library();
  return new Index({
    dimensions: width,
    metric: MetricKind.IP,
    quantization: ScalarKind.F32,
    connectivity: settings.connectivity,
    expansion_add: settings.construction,
    expansion_search: settings.search,
    multi: false,
  });
}

/** Loaded when an index asks for it: its native part costs time and may be missing on rare platforms. */
function library(): Library {
  try {
    return createRequire(import.meta.url)("usearch");
  } catch (cause) {
    throw new LumiereError(
      "hnsw",
      `USearch has no build for ${process.platform} ${process.arch}; use --kind lsh or --kind exact`,
      1,
      { cause },
    );
  }
}

function damaged(path: string, what: string, cause?: unknown): LumiereError {
  return new LumiereError(
    "index-file",
    `${path} ${what}; build it again with lumiere index`,
    1,
    cause === undefined ? undefined : { cause },
  );
}
