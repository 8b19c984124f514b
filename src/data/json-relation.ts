/**
 * JSON lines, or an array of objects, as a relation; where they are broken, an
 * error that names the line.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { duckDBMessage, literal, type Workbench } from "./duckdb.ts";
import type { FileInspection } from "./inspect-file.ts";
import { describe, explainQuery, type Relation, relationOf } from "./relation.ts";
import { quoted } from "./sniff.ts";
import { linesOf } from "./text-lines.ts";

/**
 * JSON as a relation.
 * @param readable the path as an SQL literal
 * @throws BadInputError "file-format"
 */
export async function jsonRelation(
  path: string,
  readable: string,
  compression: FileInspection["compression"],
  workbench: Workbench,
): Promise<Relation> {
  const packed = literal(compression === "none" ? "uncompressed" : compression);
  const explain = (error: unknown) => explainJson(path, compression, error);
  const types = await describe(`read_json(${readable}, compression = ${packed})`, workbench).catch(
    async (error: unknown) => {
      throw await explain(error);
    },
  );
  // Every field as its own text: DuckDB's guesses would turn the id "007" or "2020-01-01" into something else.
  const columns = types.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(", ");
  const relation = relationOf(
    path,
    types.map(({ name }) => ({ name, type: "VARCHAR" })),
    `read_json(${readable}, compression = ${packed}, columns = {${columns}})`,
    "file-format",
  );
  return { ...relation, explain };
}

/** DuckDB counts the lines of broken JSON from another start every time: ours are counted here. */
async function explainJson(
  path: string,
  compression: FileInspection["compression"],
  error: unknown,
): Promise<Error> {
  const reason = /Malformed JSON in file .*?: (.*?)\.?( Try auto-detecting.*)?$/.exec(
    duckDBMessage(error),
  )?.[1];
  if (reason === undefined) return explainQuery(path, "file-format", error);
  const broken = await brokenLine(path, compression).catch((tooLong: unknown) => {
    if (!(tooLong instanceof BadInputError)) throw tooLong;
    return tooLong;
  });
  if (broken instanceof BadInputError) {
    return new BadInputError(
      "file-format",
      `${path}: not valid JSON (${reason}), and which line it is cannot be said: ${broken.message}`,
      { cause: error },
    );
  }
  const where = broken === null ? path : `${path}, line ${broken.number}`;
  const found = broken === null ? "" : `: ${quoted(broken.text)}`;
  return new BadInputError(
    "file-format",
    `${where}: not valid JSON (${reason})${found}; expected one object a line, or one array of objects: mend it, or write the file again`,
    { cause: error },
  );
}

/** The first line that is no JSON value; null where values go over several lines. */
async function brokenLine(
  path: string,
  compression: FileInspection["compression"],
): Promise<{ readonly number: number; readonly text: string } | null> {
  let number = 0;
  for await (const line of linesOf({ path, compression, encoding: "utf-8" })) {
    number++;
    const text = line.replace(/^\uFEFF/, "").trim();
    if (text === "") continue;
    try {
      JSON.parse(text);
    } catch {
      // A bracket alone, or an array that goes on: line breaks mean nothing there.
      return text.length === 1 || text.startsWith("[") ? null : { number, text };
    }
  }
  return null;
}
