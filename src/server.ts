/**
 * The recommendation server as a part of your own service: `lumiere/server`. An entry
 * of its own, so that a program that only serves does not load what trains.
 *
 * @example
 * import { startServer } from "lumiere/server";
 *
 * const server = await startServer({ directory: "runs/first", port: 8080 });
 * process.once("SIGTERM", () => server.close());
 *
 * @module
 */

export { addKey, type Scope } from "./serving/api-keys.ts";
export type {
  Conditions,
  ItemFields,
  RecommendationAnswer,
  RecommendationRequest,
  RecommendedItem,
} from "./serving/schemas.ts";
export { type RunningServer, type ServerOptions, startServer } from "./serving/server.ts";
