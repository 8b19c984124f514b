export * from "./optimise";
export * from "./reduce";
export * from "./rows";
export * from "./elementwise";
export { fillNormal, fillUniform, philoxBlocks } from "./random";
export * from "./ranking";
export * from "./sampling";
export * from "./sparse";
