/**
 * What PostgreSQL or the way to it says, in words: when a store is opened, to the
 * person who starts the server; in service, to whoever asks.
 *
 * @module
 */

import { BadInputError, LumiereError } from "../../base/errors.ts";
import { Problem } from "../problem.ts";

/** A SQLSTATE (PostgreSQL, appendix A), a system error, or a code of the client library. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** Two transactions stood in each other's way: the same again is likely to pass. */
export const isCollision = (error: unknown): boolean => ["40P01", "40001"].includes(codeOf(error));

/** The connection went away under a query, whose outcome nobody knows. */
export const isLost = (error: unknown): boolean =>
  ["CONNECTION_CLOSED", "ECONNRESET", "EPIPE", "57P01"].includes(codeOf(error));

/** Why a store cannot be opened, and what to do. */
export function explainOpening(where: string, error: unknown): Error {
  if (error instanceof LumiereError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const problem = openingProblem(codeOf(error), why);
  return new BadInputError("store", `the event store ${where} cannot be opened: ${problem}`, {
    cause: error,
  });
}

function openingProblem(code: string, why: string): string {
  switch (code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return "nothing listens there; start PostgreSQL, or mend host and port in --store";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the host is not known; mend it in --store";
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "the host does not answer; mend host and port in --store, or the network between";
    case "28P01":
    case "28000":
      return `${why}; mend user and password in --store, or set PGPASSWORD`;
    case "3D000":
      return `${why}; create it (createdb), or name another in --store`;
    case "42501":
      return `${why}; the role needs CREATE on its schema at the first start, and SELECT, INSERT, UPDATE, DELETE on the tables lumiere_* and USAGE on lumiere_events_sequence_seq`;
    case "53300":
      return `${why}; each server takes up to 11 connections`;
    default:
      return `${why} (${code})`;
  }
}

/**
 * The answer to a request whose query failed. What the database said goes into the log alone: it may
 * name hosts and accounts.
 * @param where names the store there
 */
export function explainService(where: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = codeOf(error);
  const cause = `${where}: ${error instanceof Error ? error.message : String(error)} (${code})`;
  switch (code) {
    case "57014":
    case "55P03":
    case "40P01":
    case "40001":
      return new Problem(503, "store-busy", "another program has locked the event store", {
        retryAfter: 1,
        cause,
      });
    case "53100":
      return new Problem(
        503,
        "store-full",
        "the disk of the event store is full; nothing was kept",
        { cause },
      );
    default:
      return unavailable(cause);
  }
}

/** @param cause for the log */
export function unavailable(cause: string): Problem {
  return new Problem(503, "store", "the event store does not work; the server's log says why", {
    retryAfter: 1,
    cause,
  });
}
