/**
 * The files of a search beside `trials.jsonl`: `best.json`, `search.json` and
 * `search.html`.
 *
 * @module
 */

import { join } from "node:path";
import { writeFileAtomically } from "../../artifact/atomic.ts";
import type { Tuning } from "./tuning.ts";
import { tuningPage } from "./tuning-page.ts";

/** Writes the files into a folder. @returns the search, with the files that were written */
export async function writeTuning(folder: string, tuning: Tuning): Promise<Tuning> {
  // Loaded here: drawing is a large library that most commands never need.
  const { tuningPictures } = await import("./tuning-charts.ts");
  const written: Tuning = {
    ...tuning,
    files: {
      trials: join(folder, "trials.jsonl"),
      ...(tuning.best !== null && { best: join(folder, "best.json") }),
      search: join(folder, "search.json"),
      page: join(folder, "search.html"),
    },
  };
  const { best } = written;
  if (best !== null) {
    writeFileAtomically(join(folder, "best.json"), `${JSON.stringify(best.experiment, null, 2)}\n`);
  }
  writeFileAtomically(join(folder, "search.html"), tuningPage(written, tuningPictures(written)));
  writeFileAtomically(join(folder, "search.json"), `${JSON.stringify(written, null, 2)}\n`);
  return written;
}
