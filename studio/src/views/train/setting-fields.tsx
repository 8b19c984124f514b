/** The settings of a model in groups, one field each, made from its schema. */
import type { TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ModelForm, Setting } from "../../../../src/studio/schemas/jobs.ts";
import { type ControlAttributes, Labelled } from "./labelled.tsx";
import type { Complaints } from "./refusal.tsx";

export interface SettingFieldsProps {
  readonly model: ModelForm;
  /** Those that differ from the default, as they were typed. */
  readonly values: Readonly<Record<string, string>>;
  readonly complaints: Complaints;
  /** undefined: as the default has it */
  readonly set: (name: string, value: string | undefined) => void;
  readonly reset: () => void;
}

export function SettingFields({ model: { groups }, reset, ...rest }: SettingFieldsProps) {
  if (groups.length === 0) return <p class="muted small">It has no settings.</p>;
  const changed = Object.keys(rest.values).length;
  return (
    <>
      {groups.map((group, at) => (
        <Group key={group.title} group={group} isFirst={at === 0} {...rest} />
      ))}
      {changed > 0 && (
        <button type="button" onClick={reset}>
          Back to the defaults ({changed} changed)
        </button>
      )}
    </>
  );
}

const fieldOf = ({ name }: Setting): string => `settings.${name}`;

interface GroupProps extends Omit<SettingFieldsProps, "model" | "reset"> {
  readonly group: ModelForm["groups"][number];
  readonly isFirst: boolean;
}

function Group({ group: { title, settings }, isFirst, values, complaints, set }: GroupProps) {
  const changed = settings.filter(({ name }) => name in values).length;
  const wrong = settings.filter((setting) => complaints.has(fieldOf(setting))).length;
  const [isOpen, setOpen] = useState(isFirst || changed > 0);
  // What is wrong is never behind a closed door.
  useEffect(() => {
    if (wrong > 0) setOpen(true);
  }, [wrong]);
  const notes = [
    `${settings.length} ${settings.length === 1 ? "setting" : "settings"}`,
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(wrong > 0 ? [`${wrong} wrong`] : []),
  ];
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        {title} <span class="muted small">{notes.join(", ")}</span>
      </summary>
      <div class="settings">
        {settings.map((setting) => (
          <Field
            key={setting.name}
            setting={setting}
            value={values[setting.name] ?? setting.default ?? ""}
            isChanged={setting.name in values}
            complaints={complaints}
            set={(value) =>
              set(setting.name, value === (setting.default ?? "") ? undefined : value)
            }
          />
        ))}
      </div>
    </details>
  );
}

interface FieldProps {
  readonly setting: Setting;
  readonly value: string;
  readonly isChanged: boolean;
  readonly complaints: Complaints;
  readonly set: (value: string) => void;
}

function Field({ setting, value, isChanged, complaints, set }: FieldProps) {
  const { name, description, choices } = setting;
  return (
    <Labelled
      field={fieldOf(setting)}
      label={name}
      help={description}
      complaints={complaints}
      class={isChanged ? "setting changed" : "setting"}
    >
      {(control) =>
        choices ? (
          <select
            {...control}
            value={value}
            onChange={({ currentTarget }) => set(currentTarget.value)}
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice === "true" ? "yes" : choice === "false" ? "no" : choice}
              </option>
            ))}
          </select>
        ) : (
          <Input control={control} setting={setting} value={value} set={set} />
        )
      }
    </Labelled>
  );
}

function Input({
  control,
  setting: { number, type },
  value,
  set,
}: Pick<FieldProps, "setting" | "value" | "set"> & { readonly control: ControlAttributes }) {
  const common = {
    ...control,
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
