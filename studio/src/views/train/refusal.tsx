/** An order that the server would not take: what is wrong with each field. */
import type { NewJob } from "../../../../src/studio/schemas/jobs.ts";
import { ApiError } from "../../api/client.ts";
import { fieldId } from "./labelled.tsx";

export interface Refusal {
  readonly error: Error;
  /** What was refused. */
  readonly order: NewJob;
}

/** What is wrong, by field: "name", "settings.width". */
export type Complaints = ReadonlyMap<string, string>;

/** The part of the request that the server's names begin with. */
const BODY = "body.";

const valueAt = (order: NewJob, field: string): unknown =>
  field
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], order);

/** The complaints that still hold: about fields that have not been changed since. */
export function complaintsAbout(order: NewJob, refusal: Refusal | null): Complaints {
  const fields = refusal?.error instanceof ApiError ? refusal.error.fields : [];
  return new Map(
    fields
      .map(({ field, message }) => [field.slice(BODY.length), message] as const)
      .filter(([field]) => valueAt(order, field) === valueAt(refusal!.order, field)),
  );
}

/** All complaints in one place, each with the way to its field. */
export function RefusalSummary({ error, complaints }: { error: Error; complaints: Complaints }) {
  const isAboutFields = error instanceof ApiError && error.fields.length > 0;
  if (isAboutFields && complaints.size === 0) return null;
  return (
    <section class="failure small refusal" role="alert">
      {!isAboutFields && error.message}
      {isAboutFields && (
        <>
          <p>
            Nothing was started:{" "}
            {complaints.size === 1 ? "one field needs" : `${complaints.size} fields need`} another
            value.
          </p>
          <ul>
            {[...complaints].map(([field, message]) => (
              <li key={field}>
                <button
                  type="button"
                  onClick={() => document.getElementById(fieldId(field))?.focus()}
                >
                  {field.slice(field.lastIndexOf(".") + 1)}
                </button>{" "}
                {message}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
