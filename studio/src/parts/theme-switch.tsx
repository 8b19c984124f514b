/** Light, dark, or as the system has it. */
import { useEffect, useState } from "preact/hooks";

const THEMES = { system: "As the system", light: "Light", dark: "Dark" } as const;
type Theme = keyof typeof THEMES;

const KEY = "lumiere-theme";

function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY) ?? "";
  return stored in THEMES ? (stored as Theme) : "system";
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  useEffect(() => {
    localStorage.setItem(KEY, theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    // Charts take their colours from the page, and draw them again.
    dispatchEvent(new Event("lumiere-theme"));
  }, [theme]);
  return (
    <label class="theme">
      <span class="unseen">Colours</span>
      <select value={theme} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
        {Object.entries(THEMES).map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
