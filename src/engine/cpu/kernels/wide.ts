/**
 * Entry of the binary that V8 may compile to 256-bit vectors: the kernels that gain
 * from them. `wide.ts` of the host loads and checks it.
 */

export { propagate } from "./sparse";
