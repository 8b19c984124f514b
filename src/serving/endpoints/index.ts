/**
 * Every endpoint, in the order of the reference.
 *
 * @module
 */

import type { Endpoint } from "../endpoint.ts";
import { events, forget, history } from "./events.ts";
import { getItem, putItem } from "./items.ts";
import { getModels, health, ready, reload } from "./models.ts";
import { recommendations, similar } from "./recommendations.ts";

export const endpoints: readonly Endpoint[] = [
  recommendations,
  similar,
  events,
  history,
  forget,
  getItem,
  putItem,
  getModels,
  reload,
  health,
  ready,
];
