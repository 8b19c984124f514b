/**
 * What kind of thing a person named as data: a query, a database, a web
 * address, an object store, or a path.
 *
 * @module
 */

import { existsSync } from "node:fs";

/** A place interactions can be read from. */
export type Source =
  | { readonly kind: "sql"; readonly query: string }
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "object-store"; readonly url: string }
  | { readonly kind: "web"; readonly url: string }
  | { readonly kind: "path"; readonly path: string };

const LEADING_COMMENTS = /^(\s+|--[^\n]*\n|\/\*.*?\*\/)*/s;
const QUERY_START = /^(SELECT|WITH|FROM|VALUES|TABLE|PIVOT|UNPIVOT)[\s(]/i;
const OBJECT_STORES = /^(s3|s3a|s3n|gs|gcs|r2|az|azure|abfss|hf):\/\//i;

/** Reads the kind of a source off its text. What is there as a file is one, also "Table 1.csv" and "from shop.csv". */
export function sourceOf(text: string): Source {
  if (existsSync(text)) return { kind: "path", path: text };
  const query = text.replace(LEADING_COMMENTS, "").replace(/[\s;]+$/, "");
  if (QUERY_START.test(query)) return { kind: "sql", query };
  if (/^postgres(ql)?:\/\//i.test(text)) return { kind: "postgres", url: text };
  if (/^https?:\/\//i.test(text)) return { kind: "web", url: text };
  if (OBJECT_STORES.test(text)) return { kind: "object-store", url: text };
  return { kind: "path", path: text };
}

/** The source as reports and errors may show it: without passwords or signed query strings. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case "sql":
      return `SQL query: ${withoutPasswords(source.query.replace(/\s+/g, " "))}`;
    case "path":
      return source.path;
    default:
      return withoutSecrets(source.url);
  }
}

/** A URL without user name, password and query string. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z0-9+]+:\/\/)[^/?#@]*@/i, "$1").replace(/[?#].*$/, "");
}

/** Text with the secrets of any address or query in it left out; password=secret becomes password=***. */
export function withoutPasswords(text: string): string {
  const shown = /^[a-z0-9+]+:\/\//i.test(text) ? withoutSecrets(text) : text;
  return shown
    .replace(/\b([a-z0-9+]+:\/\/)[^\s/@']*@/gi, "$1")
    .replace(/\b(password|secret|key_id|token)(\s*=\s*|\s+)('[^']*'|[^\s,);&']+)/gi, "$1$2***");
}

/** What a file may keep of where data are: nothing where that holds a password or a signature. */
export function rememberable<Data extends { readonly data: string }>(data: Data): Data | undefined {
  return withoutPasswords(data.data) === data.data ? data : undefined;
}
