/**
 * How alike two rows of a binary matrix are: cosine or Pearson correlation of their
 * weighted entries, shrunk towards zero where little is known.
 *
 * Entry (r, f) weighs a_r·b_f. Without weighting a = b = 1; with n rows, n_f of them holding f
 * (rows and columns of users without training interactions count nowhere):
 *
 *   tf-idf   a_r = 1,                                        b_f = ln(n / (1 + n_f))
 *   bm25     a_r = (K + 1) / (K·(1 − B + B·|r|/mean|r|) + 1),  b_f = ln(n / (1 + n_f))
 *
 * (Robertson & Zaragoza 2009, with term frequency 1; b_f is never taken below 0). With h the shrinkage:
 *
 *   cosine   Σ_f w_rf·w_sf / (‖w_r‖·‖w_s‖ + h)
 *   Pearson  the same of w − mean(w), the mean being over all columns
 *
 * Shrinkage in the denominator as Ferrari Dacrema, Cremonesi & Jannach have it, "Are We
 * Really Making Much Progress?", RecSys 2019.
 *
 * @module
 */

import { z } from "zod";
import type { Rows } from "../data/interactions.ts";
import type { RowProduct } from "../graph/weighted-rows.ts";
import { mattersWith, searchChoices, searchRange } from "./search-range.ts";

export const similaritySchema = z.object({
  similarity: z
    .enum(["cosine", "pearson"])
    .meta(searchChoices(["cosine", "pearson"]))
    .default("cosine")
    .describe("cosine, or pearson (the cosine of what is above the mean)"),
  shrinkage: z
    .number()
    .min(0)
    .meta(searchRange(0, 500))
    .default(0)
    .describe("h: added to the product of the lengths, against chance likeness of short rows"),
  weighting: z
    .enum(["none", "tf-idf", "bm25"])
    .meta(searchChoices(["none", "tf-idf", "bm25"]))
    .default("none")
    .describe("How much an entry counts: none (1), tf-idf, or bm25"),
  bm25Saturation: z
    .number()
    .positive()
    .meta(mattersWith({ weighting: ["bm25"] }))
    .default(1.2)
    .describe("K of bm25: the higher, the more the length of a row counts"),
  bm25Length: z
    .number()
    .min(0)
    .max(1)
    .meta(mattersWith({ weighting: ["bm25"] }))
    .default(0.75)
    .describe("B of bm25: 0 ignores the length of a row, 1 divides by it"),
});

/** The settings of a model over the nearest of something. @param of whose neighbours: "an item" */
export const neighbourSchema = (of: string) =>
  similaritySchema.extend({
    neighbours: z
      .int()
      .min(1)
      .max(100_000)
      .meta(searchRange(10, 1000, { log: true }))
      .default(100)
      .describe(`k: neighbours of ${of}`),
    normalise: z
      .boolean()
      .default(false)
      .describe(`Whether the weights of the neighbours of ${of} are made to sum to 1`),
  });

export type SimilaritySettings = z.infer<typeof similaritySchema>;

/** The parts of the similarity that belong to one row. */
export interface RowTerms {
  readonly factor: number;
  readonly shift: number;
  readonly norm: number;
}

export class Similarity {
  readonly #settings: SimilaritySettings;
  /** Number of columns that count. */
  readonly #columns: number;
  readonly #meanLength: number;
  /** b_f */
  readonly #columnWeights: Float64Array;

  /**
   * @param rows what is compared: items by their users, or users by their items
   * @param columnCount width of `rows`
   * @param counted how many rows and columns count: all items, but only users in training
   */
  constructor(
    rows: Rows,
    columnCount: number,
    counted: { readonly rows: number; readonly columns: number },
    settings: SimilaritySettings,
  ) {
    const counts = new Float64Array(columnCount);
    for (const column of rows.indices) counts[column]!++;
    this.#settings = settings;
    this.#columns = counted.columns;
    this.#meanLength = rows.indices.length / Math.max(1, counted.rows);
    this.#columnWeights =
      settings.weighting === "none"
        ? counts.fill(1)
        : counts.map((count) => Math.max(0, Math.log(counted.rows / (1 + count))));
  }

  /** b_f², which an entry that two rows share adds to their product. */
  shared(column: number): number {
    return this.#columnWeights[column]! ** 2;
  }

  /** a_r, S_r/√n and ‖w_r‖ of a row, S its sum and n the number of columns. */
  terms(row: Int32Array): RowTerms {
    const { similarity, weighting, bm25Saturation: k, bm25Length: b } = this.#settings;
    let sum = 0;
    let squares = 0;
    for (const column of row) {
      sum += this.#columnWeights[column]!;
      squares += this.#columnWeights[column]! ** 2;
    }
    const length = 1 - b + (b * row.length) / this.#meanLength;
    const factor = weighting === "bm25" ? (k + 1) / (k * length + 1) : 1;
    const shift = similarity === "pearson" ? sum / Math.sqrt(this.#columns) : 0;
    return { factor, shift, norm: factor * Math.sqrt(Math.max(0, squares - shift ** 2)) };
  }

  /** All rows' products with each other. */
  product(rows: Rows): RowProduct {
    const count = rows.indptr.length - 1;
    const [factor, shift, norm] = [0, 0, 0].map(() => new Float32Array(count)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let row = 0; row < count; row++) {
      const terms = this.terms(rows.indices.subarray(rows.indptr[row], rows.indptr[row + 1]));
      factor[row] = terms.factor;
      shift[row] = terms.shift;
      norm[row] = terms.norm;
    }
    const { similarity, weighting, shrinkage } = this.#settings;
    return {
      inner: weighting === "none" ? null : Float32Array.from(this.#columnWeights, (b) => b * b),
      factor: weighting === "bm25" ? factor : null,
      shift: similarity === "pearson" ? shift : null,
      norm: { rows: norm, columns: norm },
      shrinkage,
    };
  }
}
