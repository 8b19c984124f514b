/**
 * Errors as the outside world sees them: `application/problem+json` (RFC 9457)
 * with a stable code, and never a stack.
 *
 * @module
 */

import { LumiereError } from "../base/errors.ts";

/** One field of a request that is wrong. */
export interface FieldProblem {
  /** Where: "body.k", "path.id", … */
  readonly field: string;
  readonly message: string;
}

export interface ProblemDetails {
  readonly fields?: readonly FieldProblem[];
  /** Seconds after which trying again may help. */
  readonly retryAfter?: number;
  /** For the log alone: it may name files of this machine. */
  readonly cause?: string;
}

/** An answer that is an error. */
export class Problem extends LumiereError {
  readonly status: number;
  readonly fields: readonly FieldProblem[];
  /** Seconds after which trying again may help. */
  readonly retryAfter: number | null;

  constructor(status: number, code: string, message: string, more: ProblemDetails = {}) {
    const { cause } = more;
    super(code, message, status < 500 ? 2 : 1, cause === undefined ? {} : { cause });
    this.status = status;
    this.fields = more.fields ?? [];
    this.retryAfter = more.retryAfter ?? null;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not authenticated",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Body too large",
  415: "Unsupported media type",
  421: "Misdirected request",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available",
};

/** Any thrown value as a problem; what was not expected becomes a 500 without details. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof LumiereError && error.exitCode === 2) {
    return new Problem(400, error.code, error.message);
  }
  return new Problem(500, "internal", "an unexpected error; the server's log holds the details");
}

/** A problem as RFC 9457 writes it. */
export function problemBody(problem: Problem, instance: string): object {
  const { status, code, message, fields } = problem;
  return {
    type: `urn:lumiere:problem:${code}`,
    title: TITLES[status] ?? "Error",
    status,
    code,
    detail: message,
    instance,
    ...(fields.length > 0 && { fields }),
  };
}
