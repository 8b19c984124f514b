export * from "./sparse";
export { philoxBlocks } from "./random";
export * from "./sampling";
export * from "./ranking";
