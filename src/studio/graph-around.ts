/**
 * The graph of a run around one node, and how a user's vector gathers over it.
 *
 * @module
 */

import { graphOfRows } from "../graph/bipartite.ts";
import { type EgoOrder, egoNetwork } from "../graph/ego-network.ts";
import type { Normalisation } from "../graph/normalisation.ts";
import { PowerRows } from "../graph/power-rows.ts";
import { dot, layersUnknownBecause, layerVectors } from "../models/layer-vectors.ts";
import type { LayerMixture } from "../models/recommender.ts";
import { findCard } from "../models/registry.ts";
import type { Services } from "../serving/endpoint.ts";
import type { ItemCatalogue } from "../serving/item-catalogue.ts";
import { Problem } from "../serving/problem.ts";
import type { ServedModel } from "../serving/served-model.ts";
import type { EgoAnswer, LayersAnswer } from "./schemas/graph.ts";

/** Nodes that a layer names. */
const NAMED = 12;

/** Recommended items whose layers are told. */
const RECOMMENDED = 6;

/** Above it, taking a user's vector apart would hold up whoever else asks. */
const MOST_INTERACTIONS = 5_000_000;

/** Rows of each model's graph by normalisation; made when they are first asked for. */
const known = new WeakMap<ServedModel, Map<string, PowerRows>>();

function rowsOf(model: ServedModel, normalisation: Normalisation, own: boolean): PowerRows {
  const ofModel = known.get(model) ?? new Map<string, PowerRows>();
  known.set(model, ofModel);
  const key = `${normalisation} ${own}`;
  const { train, items } = model.bundle;
  const graph = ofModel.values().next().value?.graph ?? graphOfRows(train, items.size);
  const rows = ofModel.get(key) ?? new PowerRows(graph, normalisation, own);
  ofModel.set(key, rows);
  return rows;
}

function nodeNamer(model: ServedModel, catalogue: ItemCatalogue) {
  const { users, items } = model.bundle;
  return (node: number) => {
    if (node < users.size) return { kind: "user" as const, id: users.idOf(node), title: null };
    const item = node - users.size;
    const { title } = catalogue.fieldsOf(model, item);
    return { kind: "item" as const, id: items.idOf(item), title };
  };
}

export interface EgoQuery {
  readonly kind: "user" | "item";
  readonly id: string;
  /** Most nodes of each hop. */
  readonly breadths: readonly number[];
  readonly order: EgoOrder;
}

/** @throws Problem 404 where the run does not know the node */
export function egoAround(
  { models, catalogue }: Services,
  { kind, id, breadths, order }: EgoQuery,
): EgoAnswer {
  const model = models.current;
  const { users, items } = model.bundle;
  const index = kind === "user" ? users.indexOf(id) : items.indexOf(id);
  if (index === undefined) {
    throw new Problem(404, `unknown-${kind}`, `the run does not know ${kind} "${id}"`);
  }
  const rows = rowsOf(model, "symmetric", false);
  const centre = kind === "user" ? index : users.size + index;
  const { nodes, edges, reached } = egoNetwork(rows, centre, breadths, order);
  const name = nodeNamer(model, catalogue);
  return {
    nodes: nodes.map(({ node, ...rest }) => ({ ...name(node), ...rest })),
    edges,
    reached,
  };
}

/** @throws Problem 404 where the run does not know the user */
export async function userLayers(services: Services, id: string): Promise<LayersAnswer> {
  const model = services.models.current;
  const { users, manifest } = model.bundle;
  const user = users.indexOf(id);
  if (user === undefined) {
    throw new Problem(404, "unknown-user", `the run does not know user "${id}"`);
  }
  const definition = findCard(manifest.model.name);
  const mixture = definition.mixture?.(definition.hyperparameters.parse(manifest.hyperparameters));
  if (!mixture) {
    const because = "its vectors do not come from layers of a graph";
    return { model: definition.title, layers: null, vectors: null, because };
  }
  const rows = rowsOf(model, mixture.normalisation, mixture.selfConnections);
  const because =
    layersUnknownBecause(mixture) ??
    (rows.graph.edgeCount > MOST_INTERACTIONS
      ? `above ${MOST_INTERACTIONS.toLocaleString("en")} interactions it would take too long`
      : null);
  return {
    model: definition.title,
    layers: describeLayers(rows, mixture, user, nodeNamer(model, services.catalogue)),
    vectors: because === null ? await describeVectors(services, rows, mixture, user) : null,
    because,
  };
}

function describeLayers(
  rows: PowerRows,
  { alpha, layers }: LayerMixture,
  user: number,
  name: ReturnType<typeof nodeNamer>,
): NonNullable<LayersAnswer["layers"]> {
  let row = rows.unit(user);
  return Array.from({ length: layers + 1 }, (_, k) => {
    if (k > 0) row = rows.next(row);
    const reached = Array.from(row.keys()).filter((node) => row[node]! > 0);
    reached.sort((a, b) => row[b]! - row[a]! || a - b);
    return {
      alpha: alpha?.[k] ?? null,
      reached: reached.length,
      sum: reached.reduce((sum, node) => sum + row[node]!, 0),
      strongest: reached
        .slice(0, NAMED)
        .map((node) => ({ ...name(node), weight: row[node]!, own: node === user })),
    };
  });
}

async function describeVectors(
  { models, queue, catalogue }: Services,
  rows: PowerRows,
  { alpha }: LayerMixture,
  user: number,
): Promise<NonNullable<LayersAnswer["vectors"]>> {
  const model = models.current;
  const { recommender, items } = model.bundle;
  const { width, users, items: table } = recommender.embeddings!;
  const final = users.subarray(user * width, (user + 1) * width);
  const layers = layerVectors(recommender, rows, alpha!, user);
  const norms = layers.map((vector) => Math.sqrt(dot(vector, vector)));
  const listener = { kind: "trained", user } as const;
  const masked = model.seenItems(user);
  const ranked = await queue.rank({ model, listener, k: RECOMMENDED, masked, candidates: null });
  const length = dot(final, final) || 1;
  return {
    shares: layers.map((vector, k) => (alpha![k]! * dot(vector, final)) / length),
    norms,
    recommended: Array.from(ranked.items, (item, at) => {
      const target = table.subarray(item * width, (item + 1) * width);
      const size = Math.sqrt(dot(target, target));
      return {
        item: items.idOf(item),
        title: catalogue.fieldsOf(model, item).title,
        score: ranked.scores[at]!,
        parts: layers.map((vector, k) => alpha![k]! * dot(vector, target)),
        cosines: layers.map((vector, k) => dot(vector, target) / (norms[k]! * size || 1)),
      };
    }),
  };
}
