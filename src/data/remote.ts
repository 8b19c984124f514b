/**
 * Data behind a network: PostgreSQL and object stores. DuckDB reads both in a
 * stream through extensions of its own, which it downloads once.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { duckDBMessage, identifier, literal, type Workbench } from "./duckdb.ts";
import type { ReadingOptions } from "./options.ts";
import {
  chooseTable,
  explainQuery,
  missingExtension,
  type Relation,
  tableRelation,
} from "./relation.ts";
import { withoutSecrets } from "./source.ts";
import { textRelation } from "./text-relation.ts";

/** Lines of a remote text file that are looked at to find its layout. */
const HEAD_LINES = 200;

/** Environment variables of the AWS tools, and what DuckDB calls them. */
const STORE_VARIABLES = [
  ["AWS_ACCESS_KEY_ID", "KEY_ID"],
  ["AWS_SECRET_ACCESS_KEY", "SECRET"],
  ["AWS_SESSION_TOKEN", "SESSION_TOKEN"],
  ["AWS_REGION", "REGION"],
  ["AWS_ENDPOINT_URL", "ENDPOINT"],
] as const;

/** SQL that attaches a PostgreSQL database, read only, as `remote`. */
export function attachPostgresSql(url: string): string {
  return `ATTACH ${literal(url)} AS remote (TYPE postgres, READ_ONLY)`;
}

/** SQL that tells DuckDB the keys of an object store, or null where the environment has none. */
export function storeSecretSql(
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const settings: string[] = [];
  for (const [variable, name] of STORE_VARIABLES) {
    const value = environment[variable];
    if (!value) continue;
    if (name !== "ENDPOINT") {
      settings.push(`${name} ${literal(value)}`);
      continue;
    }
    const { protocol, host } = new URL(value);
    settings.push(`ENDPOINT ${literal(host)}`, "URL_STYLE 'path'");
    if (protocol === "http:") settings.push("USE_SSL false");
  }
  return settings.length === 0 ? null : `CREATE SECRET (TYPE s3, ${settings.join(", ")})`;
}

/** A table of a PostgreSQL database. @throws BadInputError "table", "extension", "postgres" */
export async function postgresRelation(
  url: string,
  table: string | undefined,
  workbench: Workbench,
): Promise<Relation> {
  const name = withoutSecrets(url);
  await loadExtension("postgres", name, workbench);
  try {
    await workbench.connection.run(attachPostgresSql(url));
  } catch (error) {
    // The message repeats the connection string, password and all.
    const reason = duckDBMessage(error).replaceAll(url, name);
    throw new BadInputError("postgres", `${name}: cannot connect: ${reason}`);
  }
  return attachedRelation(name, table, workbench);
}

/** A table of the database that is attached as `remote`; PostgreSQL's own schema goes without saying. */
export async function attachedRelation(
  name: string,
  table: string | undefined,
  workbench: Workbench,
): Promise<Relation> {
  const rows = await workbench.rows(
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'remote' " +
      "AND table_schema NOT IN ('information_schema', 'pg_catalog')",
  );
  const tables = new Map(
    rows.map(([schema, own]) => [
      schema === "public" ? String(own) : `${schema}.${own}`,
      `remote.${identifier(String(schema))}.${identifier(String(own))}`,
    ]),
  );
  const chosen = tables.get(chooseTable(name, [...tables.keys()], table));
  return tableRelation(name, chosen ?? "", workbench, "postgres");
}

/** A file of an object store; its format goes by its name. @throws BadInputError "extension", "object-store" */
export async function objectStoreRelation(
  url: string,
  options: ReadingOptions,
  workbench: Workbench,
): Promise<Relation> {
  const name = withoutSecrets(url);
  await loadExtension(/^(az|azure|abfss):/i.test(url) ? "azure" : "httpfs", name, workbench);
  const secret = storeSecretSql(process.env);
  if (secret !== null) await workbench.connection.run(secret);
  const [readable, code] = [literal(url), "object-store"];
  const path = name.toLowerCase();
  if (/\.(parquet|pq)$/.test(path)) {
    return tableRelation(name, `read_parquet(${readable})`, workbench, code);
  }
  if (/\.(json|jsonl|ndjson)(\.gz|\.zst)?$/.test(path)) {
    return tableRelation(name, `read_json(${readable})`, workbench, code);
  }
  const compression = path.endsWith(".gz") ? "gzip" : path.endsWith(".zst") ? "zstd" : "none";
  try {
    const lines = await workbench.rows(
      `SELECT line FROM read_csv(${readable}, auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', ` +
        `compression = '${compression}', columns = {line: 'VARCHAR'}) LIMIT ${HEAD_LINES}`,
    );
    const head = lines.map(([line]) => String(line ?? "")).join("\n");
    return textRelation(name, readable, { head, whole: true, compression }, options);
  } catch (error) {
    throw explainQuery(name, code, error);
  }
}

/** Loads an extension, downloading it where it is not on this machine. @throws BadInputError "extension" */
export async function loadExtension(
  extension: string,
  name: string,
  workbench: Workbench,
): Promise<void> {
  try {
    await workbench.connection.run(`LOAD ${extension}`);
    return;
  } catch {
    // Not on this machine yet.
  }
  try {
    await workbench.connection.run(`INSTALL ${extension}; LOAD ${extension}`);
  } catch (error) {
    throw missingExtension(extension, name, error);
  }
}
