/**
 * The operator set: each operator once, with its shapes, forward and backward.
 *
 * @module
 */

export * from "./columns.ts";
export * from "./contrast.ts";
export * from "./elementwise.ts";
export * from "./graphs.ts";
export * from "./likelihood.ts";
export * from "./matrix.ts";
export * from "./pairs.ts";
export * from "./pieces.ts";
export * from "./reduce.ts";
export * from "./rows.ts";
export * from "./sparse-rows.ts";
