/**
 * What wrote an artifact.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** Version of this package. */
export function packageVersion(): string {
  // From src/artifact/ and from dist/artifact/ alike.
  const file = new URL("../../package.json", import.meta.url);
  return packageSchema.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

/** Versions that decide what a result looks like. */
export function versions(): Record<string, string> {
  return {
    lumiere: packageVersion(),
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform}-${process.arch}`,
  };
}
