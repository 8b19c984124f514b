/**
 * What long work on data is given besides its data: whom to tell, and when to stop.
 *
 * @module
 */

import { StoppedError } from "../base/errors.ts";
import { type ProgressReporter, silent } from "../base/progress.ts";

/** Whom to tell of progress, to whom to say one line that a person must see, and when to stop. */
export interface DataContext {
  readonly progress: ProgressReporter;
  /** One line for the person: a licence, a fallback, a guess worth checking. */
  readonly notice: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Threads that may read; as many as there are cores where it is absent. */
  readonly threads?: number | undefined;
}

/** Tells nobody. */
export const quietContext: DataContext = { progress: silent, notice: () => {} };

/** @throws StoppedError where the person asked to stop */
export function checkStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StoppedError("stopped while reading data; nothing was written");
}
