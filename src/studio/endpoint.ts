/**
 * What the studio's endpoints work with.
 *
 * @module
 */

import { endpointsOf, type RouteServices } from "../serving/endpoint.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { OpenRuns } from "./open-runs.ts";
import type { Portraits } from "./portraits/portraits.ts";
import type { RunsFolder } from "./runs-folder.ts";

export interface StudioServices extends RouteServices {
  readonly folder: RunsFolder;
  readonly open: OpenRuns;
  readonly portraits: Portraits;
  readonly jobs: Jobs;
}

/** An endpoint of the studio. */
export const defineStudioEndpoint = endpointsOf<StudioServices>();
