/**
 * Every endpoint of the studio, in the order of the reference.
 *
 * @module
 */

import type { Endpoint } from "../../serving/endpoint.ts";
import type { StudioServices } from "../endpoint.ts";
import { compareRuns } from "./compare.ts";
import { getDatasetStatistics, getDatasets, getRunStatistics } from "./datasets.ts";
import { getEgo, getLayers } from "./graph.ts";
import { getJob, getModelForms, listJobs, resumeJob, startJob, stopJob } from "./jobs.ts";
import { getItemVectors, getMap } from "./map.ts";
import { getCatalogue, searchItems, searchUsers } from "./people-and-items.ts";
import { getReport, listRuns } from "./runs.ts";

export const studioEndpoints: readonly Endpoint<StudioServices>[] = [
  listRuns,
  getReport,
  compareRuns,
  getModelForms,
  listJobs,
  getJob,
  startJob,
  stopJob,
  resumeJob,
  getDatasets,
  getDatasetStatistics,
  getRunStatistics,
  getMap,
  getItemVectors,
  searchUsers,
  searchItems,
  getCatalogue,
  getEgo,
  getLayers,
];
