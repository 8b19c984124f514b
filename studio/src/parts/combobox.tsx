/**
 * A field that proposes while one types: arrows move, Enter picks, Escape closes
 * (the combobox of the ARIA Authoring Practices).
 */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import "./combobox.css";

export interface Proposal {
  readonly key: string;
  readonly text: string;
  /** Said beside it, smaller. */
  readonly note: string;
}

export interface Proposals {
  readonly options: readonly Proposal[];
  /** How many there are in all; the options are the first of them. */
  readonly matching: number;
}

export interface ComboboxProps {
  readonly label: string;
  readonly placeholder: string;
  /** What is proposed for a text. */
  readonly propose: (text: string, signal: AbortSignal) => Promise<Proposals>;
  readonly onPick: (key: string) => void;
}

/** Typing pauses that are worth a request, in milliseconds. */
const PAUSE = 120;

export function Combobox({ label, placeholder, propose, onPick }: ComboboxProps) {
  const id = useId();
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [found, setFound] = useState<(Proposals & { readonly of: string }) | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  /** Somebody typed and pressed Enter before the proposals for it came. */
  const isAwaited = useRef(false);

  useEffect(() => {
    if (!isOpen) return;
    const abort = new AbortController();
    const timer = setTimeout(
      () =>
        propose(text, abort.signal).then(
          (proposals) => {
            setFound({ ...proposals, of: text });
            setFailure(null);
            setActive(0);
            if (isAwaited.current) pick(proposals.options[0]);
            isAwaited.current = false;
          },
          (error: Error) => {
            if (!abort.signal.aborted) setFailure(error.message);
          },
        ),
      found === null ? 0 : PAUSE,
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, isOpen, propose]);

  const options = found?.options ?? [];
  const pick = (option: Proposal | undefined) => {
    if (!option) return;
    onPick(option.key);
    setText("");
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = options.length - 1;
    if (event.key === "ArrowDown") setActive((at) => (isOpen ? Math.min(last, at + 1) : at));
    else if (event.key === "ArrowUp") setActive((at) => Math.max(0, at - 1));
    else if (event.key === "Enter" && isOpen && found?.of === text) pick(options[active]);
    else if (event.key === "Enter" && isOpen) isAwaited.current = true;
    else if (event.key === "Escape" && isOpen) setOpen(false);
    else return;
    if (event.key === "ArrowDown") setOpen(true);
    event.preventDefault();
  };
  const more = (found?.matching ?? 0) - options.length;
  return (
    <div class="combobox">
      <label for={`${id}-field`} class="label">
        {label}
      </label>
      <input
        id={`${id}-field`}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={text}
        aria-expanded={isOpen}
        aria-autocomplete="list"
        aria-controls={`${id}-list`}
        aria-activedescendant={isOpen && options[active] ? `${id}-option-${active}` : undefined}
        onInput={(event) => {
          setText(event.currentTarget.value);
          isAwaited.current = false;
          setOpen(true);
        }}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <div class="proposals" hidden={!isOpen || (found === null && failure === null)}>
        <div class="options" id={`${id}-list`} role="listbox" aria-label={label}>
          {options.map((option, at) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above hears the keys
            // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant points here
            <div
              key={option.key}
              id={`${id}-option-${at}`}
              role="option"
              aria-selected={at === active}
              // The field would lose the focus, and close the list, before the click.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(option)}
              ref={(line) => {
                if (at === active && isOpen) line?.scrollIntoView({ block: "nearest" });
              }}
            >
              <span>{option.text}</span>
              <small>{option.note}</small>
            </div>
          ))}
        </div>
        {failure !== null && <p role="alert">{failure}</p>}
        {failure === null && options.length === 0 && <p>Nothing matches “{text}”.</p>}
        {more > 0 && <p>and {more.toLocaleString("en")} more: type on</p>}
      </div>
    </div>
  );
}
