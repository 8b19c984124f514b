/**
 * The shapes of the graph around a node, and of a user's layers.
 *
 * @module
 */

import { z } from "zod";
import { egoOrders } from "../../graph/ego-network.ts";
import { idSchema } from "../../serving/schemas.ts";

/** Most nodes that a hop shows. */
export const MOST_OF_A_HOP = 20;

const breadth = (usual: number) =>
  z.coerce.number<string>().int().min(1).max(MOST_OF_A_HOP).default(usual);

export const egoQuerySchema = z.strictObject({
  kind: z.enum(["user", "item"]).default("user"),
  id: idSchema,
  first: breadth(8),
  second: breadth(8),
  third: breadth(8),
  order: z.enum(egoOrders).default("strongest"),
});

const named = {
  kind: z.enum(["user", "item"]),
  id: z.string(),
  title: z.string().nullable(),
};

export const egoAnswerSchema = z.object({
  nodes: z
    .array(
      z.object({
        ...named,
        hop: z.int().describe("0 = the centre, which comes first"),
        degree: z.int().describe("items of a user, users of an item, in training"),
        weight: z.number().describe("with which walks over shown nodes of D^−½AD^−½ reach it"),
      }),
    )
    .readonly(),
  edges: z.array(z.tuple([z.int(), z.int()]).readonly()).readonly(),
  reached: z.array(z.int()).readonly().describe("nodes that each hop could have shown"),
});

export type EgoAnswer = z.infer<typeof egoAnswerSchema>;
export type EgoNodeAnswer = EgoAnswer["nodes"][number];

export const layersQuerySchema = z.strictObject({ user: idSchema });

const layerSchema = z.object({
  alpha: z.number().nullable().describe("α of the layer; null where it was learned"),
  reached: z.int().describe("nodes whose E^(0) arrives in this layer"),
  sum: z.number().describe("of all their weights"),
  strongest: z
    .array(z.object({ ...named, weight: z.number(), own: z.boolean().describe("the user") }))
    .describe("by their weight in the row of Ãᵏ, at most 12"),
});

export const layersAnswerSchema = z.object({
  model: z.string(),
  layers: z.array(layerSchema).nullable().describe("null: the model has no linear layers"),
  vectors: z
    .object({
      shares: z.array(z.number()).describe("α_k·e_u^(k) along e_u, over |e_u|²; they sum to 1"),
      norms: z.array(z.number()).describe("|e_u^(k)|"),
      recommended: z.array(
        z.object({
          item: z.string(),
          title: z.string().nullable(),
          score: z.number(),
          parts: z.array(z.number()).describe("α_k·e_u^(k)·e_i; they sum to the score"),
          cosines: z.array(z.number()).describe("of e_u^(k) and e_i"),
        }),
      ),
    })
    .nullable(),
  because: z.string().nullable().describe("why vectors is null"),
});

export type LayersAnswer = z.infer<typeof layersAnswerSchema>;
