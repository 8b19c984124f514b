/** The head of a column of figures, which end on the right as it does. */
import type { ComponentChildren } from "preact";

export function FigureHead({ children }: { children: ComponentChildren }) {
  return (
    <th scope="col" class="figure">
      {children}
    </th>
  );
}
