/**
 * A recommender whose score of all items is an autoencoder's output for a history: the
 * network runs forward over whole rows, for training users and strangers alike. Many
 * people are scored in blocks where they are ranked; few are scored one by one on
 * the process's device, so that an answer does not depend on who else asks.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { type Device, readFloats } from "../engine/device.ts";
import { exclusively } from "../engine/exclusive.ts";
import type { SparseBatch } from "../engine/operators/index.ts";
import { sharedDevice } from "../engine/shared.ts";
import { Tape, type Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { uploadRows } from "../graph/bipartite.ts";
import { selectRows } from "../graph/weighted-rows.ts";
import { wholeRows } from "./autoencoder.ts";
import { checkIndices } from "./check-indices.ts";
import type { GradientContext, Parameters } from "./gradient.ts";
import type {
  Audience,
  BlockScorer,
  LoadContext,
  Recommender,
  SavedTensor,
  SavedTensors,
} from "./recommender.ts";
import { floatTensor } from "./tensors.ts";

/** A network up to its output layer, which is output.weights (items × d) and output.bias. */
export interface Autoencoder {
  /** Whether its input is brought to length 1. */
  readonly normalise: boolean;
  /**
   * The layer below the output, people × d.
   * @param users who they are; null = people who were not in training
   */
  lastLayer(parameters: Parameters, input: SparseBatch, users: Tensor | null): Variable;
}

/** The recommender that trained parameters on a device make. */
export async function finishAutoencoder(
  parameters: Readonly<Record<string, Tensor>>,
  { device, graph }: GradientContext,
  network: Autoencoder,
): Promise<Recommender> {
  const tensors: Record<string, SavedTensor> = {};
  for (const [name, tensor] of Object.entries(parameters)) {
    tensors[name] = { shape: tensor.shape, data: await readFloats(device, tensor) };
  }
  return new AutoencoderRecommender(tensors, graph.userItems, graph.itemCount, network);
}

/**
 * The recommender that was saved.
 * @throws BadInputError("bundle-tensor") where an array is not as declared
 */
export function loadAutoencoder(
  tensors: SavedTensors,
  declared: Readonly<Record<string, { readonly shape: readonly number[] }>>,
  { seen, itemCount }: LoadContext,
  network: Autoencoder,
): Recommender {
  const own = Object.fromEntries(
    Object.entries(declared).map(([name, { shape }]) => [
      name,
      { shape, data: floatTensor(tensors, name, shape) },
    ]),
  );
  return new AutoencoderRecommender(own, seen, itemCount, network);
}

class AutoencoderRecommender implements Recommender {
  readonly userCount: number;
  readonly itemCount: number;
  readonly embeddings = null;
  readonly #tensors: SavedTensors;
  readonly #seen: Rows;
  readonly #network: Autoencoder;

  constructor(tensors: SavedTensors, seen: Rows, itemCount: number, network: Autoencoder) {
    this.userCount = seen.indptr.length - 1;
    this.itemCount = itemCount;
    this.#tensors = tensors;
    this.#seen = seen;
    this.#network = network;
  }

  async scoreUsers(users: Int32Array): Promise<Float32Array> {
    checkIndices("user", users, this.userCount);
    return this.#scoreEach(users.length, (at) => ({ users: users.subarray(at, at + 1) }));
  }

  async scoreHistories({ indptr, indices }: Rows): Promise<Float32Array> {
    checkIndices("item", indices, this.itemCount);
    return this.#scoreEach(indptr.length - 1, (at) => {
      const history = indices.subarray(indptr[at], indptr[at + 1]);
      return { histories: { indptr: Int32Array.of(0, history.length), indices: history } };
    });
  }

  foldIn(): null {
    return null;
  }

  /** The layers are not linear: no parts of a score belong to single items. */
  readonly explanationBasis = null;

  explain(): null {
    return null;
  }

  async blockScorer(device: Device): Promise<BlockScorer> {
    const placed = Object.entries(this.#tensors).map(
      ([name, { shape, data }]) => [name, device.upload(shape, data)] as const,
    );
    return {
      blockSize: null,
      score: (out, audience) => this.#score(device, Object.fromEntries(placed), out, audience),
    };
  }

  save(): SavedTensors {
    return this.#tensors;
  }

  async #scoreEach(count: number, person: (at: number) => Audience): Promise<Float32Array> {
    const scores = new Float32Array(count * this.itemCount);
    const device = await sharedDevice();
    await exclusively(device, async () => {
      const scorer = await this.blockScorer(device);
      const out = device.allocate([1, this.itemCount]);
      for (let at = 0; at < count; at++) {
        scorer.score(out, person(at));
        scores.set(await readFloats(device, out), at * this.itemCount);
      }
    });
    return scores;
  }

  #score(
    device: Device,
    weights: Readonly<Record<string, Tensor>>,
    out: Tensor,
    audience: Audience,
  ): void {
    const mark = device.mark();
    const tape = new Tape(device, {});
    const parameters = Object.fromEntries(
      Object.entries(weights).map(([name, tensor]) => [name, tape.constant(tensor)]),
    );
    const known = "users" in audience;
    const histories = known ? selectRows(this.#seen, audience.users) : audience.histories;
    const users = known ? device.upload([audience.users.length], audience.users) : null;
    const rows = uploadRows(device, histories, this.itemCount);
    const input = wholeRows(device, rows, this.#network.normalise);
    const { value } = this.#network.lastLayer(parameters, input, users);
    device.kernels.matmul(out, value, weights["output.weights"]!, false, true, 1, 0);
    device.kernels.addBias(out, out, weights["output.bias"]!);
    device.release(mark);
  }
}
