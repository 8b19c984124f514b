/**
 * Blends: several fitted models whose scores are added up, the weighted hybrid of
 * Burke, "Hybrid Recommender Systems: Survey and Experiments", UMUAI 12 (2002).
 *
 *   s_u = Σ_m w_m·(s_u^(m) − mean_u^(m)) / σ_u^(m)
 *
 * Mean and deviation σ are those of a person's scores of all items, because the
 * scores of different models have nothing in common but their order: a logit, a
 * cosine and a sum over a history meet on one scale. A model that scores all items
 * alike, as most do for an empty history, changes no order.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import type { Rows } from "../data/interactions.ts";
import { type Device, readFloats } from "../engine/device.ts";
import type { Tensor } from "../engine/tensor.ts";
import { audienceVectors } from "./rank.ts";
import type {
  Audience,
  BlockScorer,
  ModelCard,
  Recommender,
  SavedTensor,
  SavedTensors,
} from "./recommender.ts";

/** A fitted model of a blend. */
export interface BlendPart {
  readonly recommender: Recommender;
  /** w, above 0. */
  readonly weight: number;
}

/** What a blend is called where a model has its name. */
export const blendName = "blend";

/** Fewest and most models of a blend. */
export const blendSize = { fewest: 2, most: 16 };

export const blendSchema = z.strictObject({
  parts: z
    .array(
      z.strictObject({
        model: z.string().describe("Name of the model"),
        weight: z.number().positive().describe("w: what its standardised scores are multiplied by"),
        hyperparameters: z.record(z.string(), z.json()).describe("As it was fitted"),
        seed: z.int().describe("Of its run"),
        validation: z.number().min(0).lt(1).describe("Share of train that picked its epoch"),
        validationUsers: z
          .int()
          .min(0)
          .optional()
          .describe("Users whom that share judged it on; absent = everybody in it"),
      }),
    )
    .min(blendSize.fewest)
    .max(blendSize.most)
    .describe("The models whose scores are added up"),
});

export class Blend implements Recommender {
  readonly userCount: number;
  readonly itemCount: number;
  readonly embeddings = null;
  readonly explanationBasis = null;
  /** Where all parts can be laid out; a network is asked person by person. */
  readonly blockScorer?: (device: Device) => Promise<BlockScorer>;
  readonly #parts: readonly BlendPart[];

  /** @param parts models of the same users and items, at least one */
  constructor(parts: readonly BlendPart[]) {
    const [first] = parts;
    if (!first) throw new BadInputError("blend", "a blend needs models to be made of");
    this.userCount = first.recommender.userCount;
    this.itemCount = first.recommender.itemCount;
    this.#parts = parts;
    const laidOut = ({ recommender }: BlendPart) =>
      recommender.blockScorer || recommender.embeddings;
    if (parts.every(laidOut)) this.blockScorer = (device) => blockScorer(parts, device);
  }

  scoreUsers(users: Int32Array): Promise<Float32Array> {
    return this.#sum(users.length, (recommender) => recommender.scoreUsers(users));
  }

  scoreHistories(histories: Rows): Promise<Float32Array> {
    const people = histories.indptr.length - 1;
    return this.#sum(people, (recommender) => recommender.scoreHistories(histories));
  }

  foldIn(): null {
    return null;
  }

  explain(): null {
    return null;
  }

  save(): SavedTensors {
    return Object.fromEntries(
      this.#parts.flatMap(({ recommender }, at) =>
        Object.entries(recommender.save()).map(([name, tensor]) => [prefix(at) + name, tensor]),
      ),
    );
  }

  async #sum(
    people: number,
    scoresOf: (recommender: Recommender) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const sums = new Float32Array(people * this.itemCount);
    for (const { recommender, weight } of this.#parts) {
      const scores = await scoresOf(recommender);
      for (let from = 0; from < sums.length; from += this.itemCount) {
        const row = scores.subarray(from, from + this.itemCount);
        const mean = row.reduce((sum, score) => sum + score, 0) / row.length;
        const squares = row.reduce((sum, score) => sum + (score - mean) ** 2, 0);
        const factor = perDeviation(weight, squares, row.length);
        row.forEach((score, item) => {
          sums[from + item]! += factor * (score - mean);
        });
      }
    }
    return sums;
  }
}

async function blockScorer(parts: readonly BlendPart[], device: Device): Promise<BlockScorer> {
  const scorers: BlockScorer[] = [];
  for (const { recommender } of parts) scorers.push(await layOut(recommender, device));
  const sizes = scorers.flatMap(({ blockSize }) => blockSize ?? []);
  return {
    blockSize: sizes.length > 0 ? Math.min(...sizes) : null,
    async score(out, audience) {
      device.kernels.fill(out, 0);
      for (const [at, scorer] of scorers.entries()) {
        const mark = device.mark();
        const scores = device.allocate(out.shape);
        await scorer.score(scores, audience);
        await addStandardised(device, out, scores, parts[at]!.weight);
        device.release(mark);
      }
    },
  };
}

/** w/σ from the sum of squares around the mean; 0 where scores do not differ. */
function perDeviation(weight: number, squares: number, count: number): number {
  return squares > 0 ? weight * Math.sqrt(count / squares) : 0;
}

/** out += weight · (scores − mean)/σ row by row; overwrites the scores. */
async function addStandardised(
  device: Device,
  out: Tensor,
  scores: Tensor,
  weight: number,
): Promise<void> {
  const { kernels } = device;
  const [people, itemCount] = out.shape as [number, number];
  const column = device.allocate([people]);
  kernels.rowSums(column, scores);
  kernels.addToRows(scores, scores, column, -1 / itemCount);
  kernels.rowDot(column, scores, scores);
  const squares = await readFloats(device, column);
  device.write(
    column,
    squares.map((sum) => perDeviation(weight, sum, itemCount)),
  );
  kernels.scaleRows(out, scores, column, true);
}

/** A recommender that scores on the device its own way, or by its vectors. */
async function layOut(recommender: Recommender, device: Device): Promise<BlockScorer> {
  if (recommender.blockScorer) return recommender.blockScorer(device);
  const { itemCount } = recommender;
  const { width, ...embeddings } = recommender.embeddings!;
  const items = device.upload([itemCount, width], embeddings.items);
  return {
    blockSize: null,
    async score(out: Tensor, audience: Audience) {
      const { queries } = (await audienceVectors(recommender, audience, device))!;
      const mark = device.mark();
      const query = device.upload([out.shape[0]!, width], queries);
      device.kernels.matmul(out, query, items, false, true, 1, 0);
      device.release(mark);
    },
  };
}

const prefix = (part: number) => `part${part + 1}.`;

/**
 * A blend as what a bundle may hold; nothing fits one, its parts are fitted.
 * @param find the model of a name
 */
export function blendCard(find: (name: string) => ModelCard): ModelCard {
  return {
    name: blendName,
    title: "Blend",
    paper: "Burke. Hybrid Recommender Systems: Survey and Experiments. UMUAI 2002",
    summary: "The standardised scores of several fitted models, added up with weights.",
    hyperparameters: blendSchema,
    load(tensors, hyperparameters, context) {
      const { parts } = blendSchema.parse(hyperparameters);
      return new Blend(
        parts.map(({ model, weight, hyperparameters: own }, at) => {
          const card = find(model);
          const settings = card.hyperparameters.parse(own);
          return { recommender: card.load(tensorsOf(tensors, at), settings, context), weight };
        }),
      );
    },
  };
}

function tensorsOf(tensors: SavedTensors, part: number): SavedTensors {
  const start = prefix(part);
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]): [string, SavedTensor][] =>
      name.startsWith(start) ? [[name.slice(start.length), tensor]] : [],
    ),
  );
}
