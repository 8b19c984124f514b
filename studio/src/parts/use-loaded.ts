/** A value that comes from the server, with what it takes to show that it is not here yet. */
import { useCallback, useEffect, useState } from "preact/hooks";

export interface Loaded<T> {
  readonly value: T | null;
  readonly error: Error | null;
  /** True while a value is on its way, the first one or another. */
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface Answer<T> {
  /** What was asked; null before the first answer. */
  readonly to: string | null;
  readonly value: T | null;
  readonly error: Error | null;
}

/**
 * Loads when the key changes, and drops the answer to a key that is no longer asked for. From the first
 * render with a new key on the old value counts as loading, so that nobody takes it for the new one.
 * @param key null = nothing to load yet
 */
export function useLoaded<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ to: null, value: null, error: null });
  const [attempt, setAttempt] = useState(0);
  const asked = key === null ? null : `${attempt} ${key}`;
  // The key stands for all that `load` closes over.
  useEffect(() => {
    if (asked === null) return;
    const abort = new AbortController();
    const take = (value: T | null, error: Error | null) => {
      if (!abort.signal.aborted) setAnswer({ to: asked, value, error });
    };
    load(abort.signal).then(
      (value) => take(value, null),
      (error: Error) => take(null, error),
    );
    return () => abort.abort();
  }, [asked]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const isLoading = asked !== null && answer.to !== asked;
  return { value: answer.value, error: isLoading ? null : answer.error, isLoading, reload };
}
