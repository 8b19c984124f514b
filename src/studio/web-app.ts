/**
 * The built web app as responses: files of one folder, and its page for every
 * address that a view has.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BadInputError } from "../base/errors.ts";

/** Where `npm run build` puts it, for the source and for `dist/` alike. */
const FOLDER = fileURLToPath(new URL("../../build/studio/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Charts set styles on their elements; everything else comes from this server. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

/** The files of the app by address ("/assets/main-x.js"), all in memory: they are small. */
export class WebApp {
  readonly #files: ReadonlyMap<string, Response>;

  private constructor(files: ReadonlyMap<string, Response>) {
    this.#files = files;
  }

  /** @throws BadInputError "studio" where the app has not been built */
  static async open(): Promise<WebApp> {
    if (!existsSync(join(FOLDER, "index.html"))) {
      throw new BadInputError("studio", `${FOLDER} holds no web app; npm run build makes it`);
    }
    const files = new Map<string, Response>();
    for (const entry of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const address = `/${path.slice(FOLDER.length).replaceAll("\\", "/")}`;
      const type = TYPES[extname(entry.name)] ?? "application/octet-stream";
      // The names of assets change with their content.
      const cache = address.startsWith("/assets/")
        ? "public, max-age=31536000, immutable"
        : "no-cache";
      const headers = { ...HEADERS, "content-type": type, "cache-control": cache };
      files.set(address, new Response(await readFile(path), { headers }));
    }
    return new WebApp(files);
  }

  /** A file of the app; null where there is none. */
  file(address: string): Response | null {
    return this.#files.get(address)?.clone() ?? null;
  }

  /** The page that every view begins with. */
  page(): Response {
    return this.file("/index.html")!;
  }
}
