export { fillNormal, fillUniform, philoxBlocks } from "./random";
export * from "./ranking";
export * from "./sampling";
export * from "./sparse";
