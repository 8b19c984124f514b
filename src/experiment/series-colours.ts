/**
 * Colours of what stands side by side in one picture (models, curves), on light and on dark paper,
 * as CSS variables: --series-0 … --series-9.
 *
 * @module
 */

const light = [
  "#b4540a",
  "#1f6f8b",
  "#5a7d1e",
  "#8b3a8b",
  "#a87a00",
  "#3b55a5",
  "#a8324a",
  "#2a8a6e",
  "#6b5b4a",
  "#7a6fc0",
];
const dark = [
  "#f2a65a",
  "#7cc4dd",
  "#a9cf6b",
  "#d89ad8",
  "#e6c35c",
  "#9db0f0",
  "#f08a9c",
  "#74d0b4",
  "#c9b8a4",
  "#b9b0f2",
];

/** How many lines or bars of one picture have a colour of their own; then they repeat. */
export const seriesCount = light.length;

const variables = (colours: readonly string[]): string =>
  colours.map((value, index) => `--series-${index}:${value}`).join(";");

/** Declarations for a style sheet. */
export const seriesVariables = { light: variables(light), dark: variables(dark) } as const;
