/**
 * Every model that the command line, the library and the server know by name.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { als } from "./als.ts";
import { blendCard, blendName } from "./blend.ts";
import { bpr } from "./bpr.ts";
import { bspm } from "./bspm.ts";
import { cdae } from "./cdae.ts";
import { chebyCf } from "./chebycf.ts";
import { ease } from "./ease.ts";
import { gat } from "./gat.ts";
import { gcn } from "./gcn.ts";
import { gfCf } from "./gf-cf.ts";
import { gmf } from "./gmf.ts";
import type { ModelDefinition } from "./gradient.ts";
import { grmf } from "./grmf.ts";
import { itemKnn } from "./item-knn.ts";
import { lightgcn } from "./lightgcn.ts";
import { appnp, sgcn } from "./lightgcn-variants.ts";
import { mf } from "./mf.ts";
import { mlp } from "./mlp.ts";
import { multDae } from "./mult-dae.ts";
import { multVae } from "./mult-vae.ts";
import { neumf } from "./neumf.ts";
import { ngcf } from "./ngcf.ts";
import { popularity } from "./popularity.ts";
import { random } from "./random.ts";
import type { ModelCard } from "./recommender.ts";
import { p3alpha, rp3beta } from "./rp3beta.ts";
import { simgcl } from "./simgcl.ts";
import { slim } from "./slim.ts";
import { svd } from "./svd.ts";
import { turboCf } from "./turbo-cf.ts";
import { ultragcn } from "./ultragcn.ts";
import { userKnn } from "./user-knn.ts";
import { xsimgcl } from "./xsimgcl.ts";

/** All models, in the order in which they are listed. */
export const models: readonly ModelDefinition[] = [
  lightgcn,
  sgcn,
  appnp,
  simgcl,
  xsimgcl,
  ultragcn,
  ngcf,
  gcn,
  gat,
  grmf,
  bpr,
  als,
  mf,
  gmf,
  mlp,
  neumf,
  multVae,
  multDae,
  cdae,
  svd,
  gfCf,
  turboCf,
  bspm,
  chebyCf,
  ease,
  slim,
  itemKnn,
  userKnn,
  rp3beta,
  p3alpha,
  popularity,
  random,
];

/** What the model of a bundle is: one of the models, or a blend of several. */
export function findCard(name: string): ModelCard {
  return name === blendName ? blend : findModel(name);
}

/** The model of that name; throws BadInputError("unknown-model") with the nearest name where there is none. */
export function findModel(name: string): ModelDefinition {
  const found = models.find((model) => model.name === name);
  if (found !== undefined) return found;
  if (name === blendName) {
    throw new BadInputError(
      "unknown-model",
      "a blend is made of trained runs: lumiere blend RUN RUN --out DIR",
    );
  }
  const names = models.map((model) => model.name);
  throw new BadInputError(
    "unknown-model",
    `model "${name}" is not known${didYouMean(name, names)} (models: ${names.join(", ")})`,
  );
}

const blend = blendCard(findModel);
