/** Requests to this page's own server, and its errors as sentences. */

/** An answer that is a problem (`application/problem+json`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** What is wrong with which field of the request. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];

  constructor(status: number, problem: Partial<ApiError> & { readonly detail?: string }) {
    super(problem.detail ?? `the server answered with status ${status}`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.fields = problem.fields ?? [];
  }
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Error("the studio's server does not answer; is lumiere studio still running?");
  }
  if (response.ok) return response.json() as Promise<T>;
  throw new ApiError(response.status, await response.json().catch(() => ({})));
}

export const getJson = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  request(path, signal ? { signal } : {});

export const postJson = <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  request(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });

/** Address of a run's own API: the one that `lumiere serve` has. */
export const runAddress = (run: string, path: string): string =>
  `/runs/${encodeURIComponent(run)}/v1${path}`;
