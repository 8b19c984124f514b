/**
 * HTML from templates that escape whatever they are given: titles and ids come
 * from other people's files.
 *
 * @module
 */

/** HTML that is already safe. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML text or attribute value. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** What may stand in a template; lists are joined, null and false vanish. */
export type Part = Markup | string | number | null | false | readonly Part[];

function render(part: Part): string {
  if (part === null || part === false) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
  return part.map(render).join("");
}

/** Tagged template: literal text is HTML, everything interpolated is escaped. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    literals.reduce((text, literal, at) => text + render(parts[at - 1] ?? null) + literal),
  );
}

/** A section of a report with a picture, given as SVG text, and what to see in it. */
export function pictureSection(title: string, picture: string, caption: Part): Markup {
  return html`<section><h2>${title}</h2><figure>${new Markup(picture)}<figcaption>${caption}</figcaption></figure></section>`;
}
