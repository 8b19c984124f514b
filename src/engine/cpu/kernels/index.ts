export { attend, attendGradientOfNeighbours, attendGradientOfRows } from "./attention";
export { takeRows, transposeSparse } from "./batch-rows";
export { multiplyAdds12, multiplyAdds16 } from "./ceiling";
export { improveRows } from "./conjugate";
export * from "./contrast";
export { elasticNetColumns } from "./elastic-net";
export * from "./elementwise";
export { addRowMultiples, propagateUpdate, rowNorms } from "./fused";
export * from "./groups";
export {
  chainRows, gatherRows, putColumns, scatterAddChains, scatterAddInOrder, takeColumns,
} from "./indexing";
export { solveRows } from "./least-squares";
export {
  drawTargets, entryLikelihoods, logLikelihoodRows, logLikelihoodRowsGradient, scaleEntries, startTargets,
} from "./likelihood";
export {
  countListed, enterListed, listedDots, sumListedRows, takeSlopes,
} from "./listed-pairs";
export { logMeanExpListed, logMeanExpListedGradient } from "./listed-softmax";
export { addSlices, matmulTiles } from "./matmul";
export { addNoise } from "./noise";
export {
  adagrad, adagradOnRows, adam, adamFromRows, sgd, sgdOnRows,
} from "./optimise";
export {
  clearPairs, countPairs, enterPairs, indexedDot, placePairs, sumPairs,
} from "./pairs";
export { fillNormal, fillUniform, philoxBlocks } from "./random";
export * from "./ranking";
export * from "./reduce";
export { addBias, columnSums, rowDot, rowSums, scaleByNumber, scaleRows } from "./rows";
export { samplePairs } from "./sampling";
export {
  logSoftmaxRows, logSoftmaxRowsGradient, softmaxRows, softmaxRowsGradient,
} from "./softmax";
export { gramRows, multiplyRows, productTopRows } from "./row-products";
export { roundRows } from "./rounded-rows";
export { moveRows } from "./row-order";
export { clearRows, collectRows, shareRows, zeroRows } from "./row-sets";
export { propagate } from "./sparse";
export {
  countProductRows, fillProductRows, multiplySparseRows, multiplyWeighted, transposeRows,
} from "./sparse-products";
export * from "./unary";
