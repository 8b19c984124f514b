/**
 * From a source to its relation: which reader a query, a database, a web
 * address or a file needs.
 *
 * @module
 */

import { symlink } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { BadInputError, LumiereError, StoppedError } from "../base/errors.ts";
import { isKnownName } from "./columns.ts";
import type { DataContext } from "./context.ts";
import { downloadFile } from "./download.ts";
import { literal, type Workbench } from "./duckdb.ts";
import { inspectFile } from "./inspect-file.ts";
import { jsonRelation } from "./json-relation.ts";
import type { ReadingOptions } from "./options.ts";
import { refuseTableFlag, refuseTextFlags } from "./reading-flags.ts";
import { explainQuery, type Relation, tableRelation } from "./relation.ts";
import { objectStoreRelation, postgresRelation } from "./remote.ts";
import { type Source, withoutSecrets } from "./source.ts";
import { sqliteRelation } from "./sqlite.ts";
import { textRelation } from "./text-relation.ts";

/** Finds out how to read a source. @throws BadInputError */
export async function openRelation(
  source: Source,
  options: ReadingOptions,
  workbench: Workbench,
  context: DataContext,
): Promise<Relation> {
  switch (source.kind) {
    case "sql":
      refuseTextFlags(options, "a query");
      refuseTableFlag(options, "a query");
      return queryRelation(source.query, workbench);
    case "postgres":
      refuseTextFlags(options, "a database");
      return postgresRelation(source.url, options.table, workbench);
    case "object-store":
      refuseTableFlag(options, "a file");
      return objectStoreRelation(source.url, options, workbench);
    case "web":
      return webRelation(source.url, options, workbench, context);
    case "path":
      return fileRelation(source.path, options, workbench, context);
  }
}

/** A file of the web, fetched first: DuckDB's own reader of web addresses is an extension to download. */
async function webRelation(
  url: string,
  options: ReadingOptions,
  workbench: Workbench,
  context: DataContext,
): Promise<Relation> {
  const address = withoutSecrets(url);
  const path = join(workbench.folder, basename(new URL(url).pathname) || "download");
  // Errors name what the person named: not our copy of it, and no keys of a signed address.
  const named = (error: Error): Error => {
    if (!(error instanceof LumiereError)) return error;
    const message = error.message.replaceAll(path, address).replaceAll(url, address);
    return error instanceof BadInputError
      ? new BadInputError(error.code, message, { cause: error })
      : new LumiereError(error.code, message, error.exitCode, { cause: error });
  };
  try {
    const copy = "pass that copy with --data";
    await downloadFile({ url, path, checksum: null, copy }, context);
    const relation = await fileRelation(path, options, workbench, context);
    return {
      ...relation,
      shape: { ...relation.shape, name: address },
      explain: async (error) => named(await relation.explain(error)),
    };
  } catch (error) {
    throw error instanceof Error && !(error instanceof StoppedError) ? named(error) : error;
  }
}

async function fileRelation(
  path: string,
  options: ReadingOptions,
  workbench: Workbench,
  context: DataContext,
): Promise<Relation> {
  const inspection = await inspectFile(path, options.encoding, context);
  if (inspection.format !== "text") refuseTextFlags(options, path);
  if (inspection.format === "sqlite") {
    return sqliteRelation(path, options.table, workbench, context);
  }
  refuseTableFlag(options, path);
  const readable = literal(await withoutWildcards(path, workbench.folder));
  if (inspection.format === "text") return textRelation(path, readable, inspection, options, path);
  if (inspection.format === "parquet") {
    return tableRelation(path, `read_parquet(${readable})`, workbench, "file-format");
  }
  return jsonRelation(path, readable, inspection.compression, workbench);
}

/** DuckDB takes * ? [ ] in a path for wildcards; a link without them stands in for such a path. */
async function withoutWildcards(path: string, folder: string): Promise<string> {
  if (!/[*?[\]]/.test(path)) return path;
  const link = join(folder, "input");
  await symlink(resolve(path), link);
  return link;
}

async function queryRelation(query: string, workbench: Workbench): Promise<Relation> {
  const statements = await workbench.connection.extractStatements(query).catch((error: unknown) => {
    throw explainQuery("SQL query", "sql", error);
  });
  if (statements.count !== 1) {
    throw new BadInputError(
      "sql",
      `SQL query: found ${statements.count} statements, expected one SELECT`,
    );
  }
  const relation = await tableRelation("SQL query", `(${query})`, workbench, "sql");
  const { shape } = relation;
  if (shape.columns.some(isKnownName)) return relation;
  const rows = await workbench.rows(
    `SELECT COLUMNS(*)::VARCHAR FROM (${query}) AS query_rows LIMIT 20`,
  );
  const sample = rows.map((row) => row.map((value) => (value === null ? "" : String(value))));
  return { ...relation, shape: { ...shape, ordered: true, sample } };
}
