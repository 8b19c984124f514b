/** A control with its label, what it means, and what is wrong with it. */
import type { ComponentChildren } from "preact";
import type { Complaints } from "./refusal.tsx";

/** Id of the control of a field of the order. */
export const fieldId = (field: string): string => `order-${field}`;

/** What ties a control to its label and its words. */
export interface ControlAttributes {
  readonly id: string;
  readonly "aria-invalid"?: true;
  readonly "aria-describedby"?: string;
}

export interface LabelledProps {
  /** Its name in the order: "settings.width". */
  readonly field: string;
  readonly label: string;
  readonly help?: string;
  readonly complaints: Complaints;
  readonly class?: string;
  readonly children: (attributes: ControlAttributes) => ComponentChildren;
}

export function Labelled({
  field,
  label,
  help,
  complaints,
  class: kind = "",
  children,
}: LabelledProps) {
  const id = fieldId(field);
  const complaint = complaints.get(field);
  const words = [
    ...(complaint === undefined ? [] : [`${id}-complaint`]),
    ...(help === undefined ? [] : [`${id}-help`]),
  ];
  return (
    <div class={`labelled ${kind}`}>
      <label for={id}>
        <span>{label}</span>
      </label>
      {children({
        id,
        ...(complaint !== undefined && { "aria-invalid": true }),
        ...(words.length > 0 && { "aria-describedby": words.join(" ") }),
      })}
      {complaint !== undefined && (
        <small id={`${id}-complaint`} class="complaint">
          {complaint}
        </small>
      )}
      {help !== undefined && <small id={`${id}-help`}>{help}</small>}
    </div>
  );
}
