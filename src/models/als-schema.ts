/**
 * The hyperparameters of alternating least squares, in the symbols of `als.ts`.
 *
 * @module
 */

import { z } from "zod";
import { mattersWith, searchChoices, searchRange } from "./search-range.ts";

export const alsSchema = z.strictObject({
  feedback: z
    .enum(["implicit", "explicit"])
    .default("implicit")
    .describe("Rank what is liked, seen against unseen, or predict ratings of rated pairs"),
  width: z
    .int()
    .min(1)
    .max(2048)
    .meta(searchChoices([16, 32, 64, 128]))
    .default(64)
    .describe("Factors of a user and of an item"),
  iterations: z
    .int()
    .min(1)
    .max(10_000)
    .default(16)
    .describe("Times that all items, then all users, are solved for"),
  solver: z
    .enum(["cholesky", "cg"])
    .default("cholesky")
    .describe("Exact, or some steps of conjugate gradients from the iteration before"),
  cgSteps: z
    .int()
    .min(1)
    .max(1000)
    .meta(mattersWith({ solver: ["cg"] }))
    .default(3)
    .describe("Steps of conjugate gradients (solver=cg)"),
  regularisation: z
    .number()
    .positive()
    .meta(searchRange(1e-4, 1, { log: true }))
    .default(0.003)
    .describe("λ of λ·‖x‖², before the scale by frequency; for ratings 0.05 is a start"),
  regularisationExponent: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe("ν: 1 = λ grows with the weight of a row, 0 = the same λ for all"),
  unobservedWeight: z
    .number()
    .positive()
    .max(1)
    .meta({ ...searchRange(1e-3, 1, { log: true }), ...mattersWith({ feedback: ["implicit"] }) })
    .default(0.1)
    .describe("α₀: weight of the pairs that are not seen (feedback=implicit); 1 in WMF"),
  confidence: z
    .enum(["ones", "linear", "value"])
    .meta(mattersWith({ feedback: ["implicit"] }))
    .default("ones")
    .describe("Confidence in seen pairs: 1 (iALS), 1 + α·r (WMF), or α·r (feedback=implicit)"),
  alpha: z
    .number()
    .positive()
    .meta({
      ...searchRange(1, 100, { log: true }),
      ...mattersWith({ confidence: ["linear", "value"], feedback: ["implicit"] }),
    })
    .default(1)
    .describe("α of the confidence; 40 in WMF"),
  biases: z
    .boolean()
    .meta(mattersWith({ feedback: ["explicit"] }))
    .default(true)
    .describe("Mean rating and biases of users and items beside the factors (feedback=explicit)"),
  deviation: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe("σ of the users' first factors, N(0, σ²/width)"),
  trackLoss: z
    .boolean()
    .default(false)
    .describe("Report the objective after every iteration, which takes time of its own"),
});

export type AlsHyperparameters = z.infer<typeof alsSchema>;
