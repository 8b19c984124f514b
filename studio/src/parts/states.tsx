/** The three states that every view has before it has something to show. */
import type { ComponentChildren } from "preact";
import type { Loaded } from "./use-loaded.ts";

export function Loading({ what }: { what: string }) {
  return (
    <p class="state loading" role="status">
      <span class="spinner" aria-hidden="true" /> Loading {what} …
    </p>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <section class="state empty">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
    </section>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <section class="state failure" role="alert">
      <h2>That did not work</h2>
      <p>{error.message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </section>
  );
}

/** Shows whichever state a loaded value is in; what was there before stays while it loads again. */
export function Show<T>({
  of,
  what,
  children,
}: {
  of: Loaded<T>;
  what: string;
  children: (value: T) => ComponentChildren;
}) {
  if (of.error) return <Failure error={of.error} retry={of.reload} />;
  if (of.value === null) return <Loading what={what} />;
  return <>{children(of.value)}</>;
}
