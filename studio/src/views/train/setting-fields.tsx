/** The settings of a model, one field each, made from its schema. */
import type { TargetedEvent } from "preact";
import type { ModelForm, Setting } from "../../../../src/studio/schemas/jobs.ts";

export interface SettingFieldsProps {
  readonly model: ModelForm;
  /** Those that differ from the default, as they were typed. */
  readonly values: Readonly<Record<string, string>>;
  /** undefined: as the default has it */
  readonly set: (name: string, value: string | undefined) => void;
  readonly reset: () => void;
}

/** Settings that stand open: what people change first. */
const FIRST = 6;

export function SettingFields({ model, values, set, reset }: SettingFieldsProps) {
  const { settings } = model;
  if (settings.length === 0) return <p class="muted small">It has no settings.</p>;
  const changed = Object.keys(values).length;
  const field = (setting: Setting) => (
    <Field
      key={setting.name}
      setting={setting}
      value={values[setting.name] ?? setting.default ?? ""}
      isChanged={setting.name in values}
      set={(value) => set(setting.name, value === (setting.default ?? "") ? undefined : value)}
    />
  );
  const [first, rest] = [settings.slice(0, FIRST), settings.slice(FIRST)];
  return (
    <>
      <div class="settings">{first.map(field)}</div>
      {rest.length > 0 && (
        <details open={rest.some(({ name }) => name in values)}>
          <summary>{rest.length} more settings</summary>
          <div class="settings">{rest.map(field)}</div>
        </details>
      )}
      {changed > 0 && (
        <button type="button" onClick={reset}>
          Back to the defaults ({changed} changed)
        </button>
      )}
    </>
  );
}

interface FieldProps {
  readonly setting: Setting;
  readonly value: string;
  readonly isChanged: boolean;
  readonly set: (value: string) => void;
}

function Field({ setting, value, isChanged, set }: FieldProps) {
  const { name, description, choices } = setting;
  const id = `setting-${name}`;
  return (
    <div class={isChanged ? "setting changed" : "setting"}>
      <label for={id}>{name}</label>
      {choices ? (
        <select id={id} value={value} onChange={({ currentTarget }) => set(currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice === "true" ? "yes" : choice === "false" ? "no" : choice}
            </option>
          ))}
        </select>
      ) : (
        <Input id={id} setting={setting} value={value} set={set} />
      )}
      <small id={`${id}-help`}>{description}</small>
    </div>
  );
}

function Input({
  id,
  setting: { number, type },
  value,
  set,
}: Pick<FieldProps, "setting" | "value" | "set"> & { readonly id: string }) {
  const common = {
    id,
    "aria-describedby": `${id}-help`,
    title: type,
    value,
    onChange: ({ currentTarget }: TargetedEvent<HTMLInputElement>) => set(currentTarget.value),
  };
  if (number === null) return <input type="text" {...common} />;
  return (
    <input
      type="number"
      step={number.isWhole ? 1 : "any"}
      {...(number.least !== null && { min: number.least })}
      {...(number.most !== null && { max: number.most })}
      {...common}
    />
  );
}
