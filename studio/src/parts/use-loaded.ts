/** A value that comes from the server, with what it takes to show that it is not here yet. */
import { useCallback, useEffect, useState } from "preact/hooks";

export interface Loaded<T> {
  readonly value: T | null;
  readonly error: Error | null;
  /** True while a value is on its way, the first one or another. */
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Loads when the key changes, and drops the answer to a key that is no longer asked for.
 * @param key null = nothing to load yet
 */
export function useLoaded<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({
    value: null,
    error: null,
    isLoading: key !== null,
  });
  const [attempt, setAttempt] = useState(0);
  // The key stands for all that `load` closes over.
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    setState(({ value }) => ({ value, error: null, isLoading: true }));
    load(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) setState({ value, error: null, isLoading: false });
      },
      (error: Error) => {
        if (!abort.signal.aborted) setState({ value: null, error, isLoading: false });
      },
    );
    return () => abort.abort();
  }, [key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...state, reload };
}
