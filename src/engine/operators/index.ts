/**
 * The operator set: each operator once, with its shapes, forward and backward.
 *
 * @module
 */

export * from "./elementwise.ts";
export * from "./reduce.ts";
export { gatherRows, rowDot, scaleRows } from "./rows.ts";
