/**
 * Lumière as a library: from a file of who-liked-what to recommendations inside
 * your own application.
 *
 * @example
 * import { recommendToUser, runExperiment } from "lumiere";
 *
 * const result = await runExperiment({ data: "ml-100k", model: "lightgcn" });
 * console.log(result.report.metrics["recall@20"]);
 * console.log(await recommendToUser(result, "196", 10));
 *
 * @module
 */

export {
  type Bundle,
  type BundleContents,
  openBundle,
  writeBundle,
} from "./artifact/bundle.ts";
export {
  type ExplainedPerson,
  type ExplainingPath,
  type Explanation,
  explainScores,
  type ScorePart,
} from "./artifact/explanation.ts";
export { type IndexDescription, readItemIndex, writeItemIndex } from "./artifact/item-index.ts";
export type { Manifest } from "./artifact/manifest.ts";
export type { NamedItem, RecommendationSource } from "./artifact/recommendation-source.ts";
export {
  type ListOptions,
  type RankedBlock,
  type Recommendation,
  type Routing,
  recommendFromHistory,
  recommendToAll,
  recommendToUser,
  routingOfHistory,
  routingOfUser,
} from "./artifact/recommendations.ts";
export { readSafetensors, type StoredTensor, writeSafetensors } from "./artifact/safetensors.ts";
export { findItem, type SimilarItem, type SimilarItems, similarItems } from "./artifact/similar.ts";
export {
  BadInputError,
  DivergedError,
  LumiereError,
  MemoryError,
  ShapeError,
  StoppedError,
} from "./base/errors.ts";
export { type ProgressEvent, type ProgressReporter, silent } from "./base/progress.ts";
export { RandomStream } from "./base/random.ts";
export { type ListedDataset, listDatasets } from "./data/catalogue.ts";
export { fingerprint } from "./data/fingerprint.ts";
export { countByKey } from "./data/grouping.ts";
export {
  type Dataset,
  type EvaluationPart,
  type Interactions,
  type ItemFeatures,
  type Rows,
  type Split,
  type UserFeatures,
  Vocabulary,
} from "./data/interactions.ts";
export { demoDataset, loadDataset } from "./data/load.ts";
export { type DataOptions, type DataOptionsInput, dataOptionsSchema } from "./data/options.ts";
export { formatSplit, parseSplit, type SplitSpecification } from "./data/split-language.ts";
export { splitDataset } from "./data/splits.ts";
export { type DatasetStatistics, datasetStatistics } from "./data/statistics.ts";
export { writeSplit } from "./data/write-split.ts";
export { type KernelUse, Profile } from "./engine/profile.ts";
export {
  type Evaluation,
  type EvaluationOptions,
  Evaluator,
  evaluate,
} from "./evaluation/evaluate.ts";
export { metricDefinition } from "./evaluation/metrics.ts";
export {
  holmCorrection,
  pairedTTest,
  type RandomisationOptions,
  randomisationTest,
  type TestResult,
  wilcoxonSignedRank,
} from "./evaluation/paired-tests.ts";
export type { GroupedRecall, PopularityGroup } from "./evaluation/popularity-groups.ts";
export type { ProtocolName } from "./evaluation/protocols.ts";
export { type BlendedRuns, type BlendOptions, blendRuns } from "./experiment/blend.ts";
export type {
  ComparedModel,
  Comparison,
  PairedComparison,
} from "./experiment/comparison/comparison.ts";
export { type ComparisonInput, comparisonSchema } from "./experiment/comparison/description.ts";
export {
  type ComparisonOptions,
  compareFolders,
  compareModels,
} from "./experiment/comparison/run-comparison.ts";
export { comparisonMarkdown } from "./experiment/comparison/tables.ts";
export {
  type Experiment,
  type ExperimentInput,
  experimentSchema,
} from "./experiment/description.ts";
export { evaluateBundle } from "./experiment/final-evaluation.ts";
export { type PerUserValues, readPerUserValues } from "./experiment/per-user-values.ts";
export {
  chooseRecipes,
  loadRecipes,
  type Recipe,
  readRecipe,
  recipeSchema,
} from "./experiment/recipe/recipe.ts";
export { reproductionMarkdown } from "./experiment/recipe/recipe-tables.ts";
export {
  type ReproduceOptions,
  type Reproduction,
  reproduce,
} from "./experiment/recipe/reproduce.ts";
export type { Report, SampleList } from "./experiment/report.ts";
export {
  type Retraining,
  type RetrainOptions,
  retrain,
} from "./experiment/retrain/retrain.ts";
export { type TuningInput, tuningSchema } from "./experiment/tune/description.ts";
export { type TuningOptions, tuneModel } from "./experiment/tune/run-tuning.ts";
export type { Dimension, SearchSpace } from "./experiment/tune/space.ts";
export type { Trial } from "./experiment/tune/trials-log.ts";
export type { BestTrial, Tuning } from "./experiment/tune/tuning.ts";
export { type ExperimentResult, type RunOptions, runExperiment } from "./experiment.ts";
export { type BipartiteGraph, buildGraph } from "./graph/bipartite.ts";
export { smoothnessCoefficient, smoothnessLoss } from "./graph/smoothness.ts";
export type {
  GradientDefinition,
  ModelDefinition,
  PairDefinition,
  UserDefinition,
} from "./models/gradient.ts";
export { type Audience, type RankedLists, rank } from "./models/rank.ts";
export type {
  ClosedFormDefinition,
  Embeddings,
  Histories,
  Hyperparameters,
  Recommender,
} from "./models/recommender.ts";
export { findModel, models } from "./models/registry.ts";
export { conditionOf, type SearchRange, searchRangeOf } from "./models/search-range.ts";
export type { CandidateIndex } from "./retrieval/candidates.ts";
export { HnswIndex, type HnswSettings, hnswSchema } from "./retrieval/hnsw.ts";
export { LshIndex, type LshSettings, lshSchema } from "./retrieval/lsh.ts";
export {
  type EpochRecord,
  type FitResult,
  fitModel,
  type TrainingContext,
} from "./training/fit.ts";
