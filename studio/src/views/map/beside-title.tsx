/** The name of what was chosen, which takes the focus that went with the list before it. */
import { useEffect, useState } from "preact/hooks";

export function BesideTitle({ children }: { children: string }) {
  const [title, setTitle] = useState<HTMLElement | null>(null);
  useEffect(() => {
    if (document.activeElement === document.body) title?.focus();
  }, [title, children]);
  return (
    <h2 tabindex={-1} ref={setTitle}>
      {children}
    </h2>
  );
}
