/**
 * The body of a request: JSON, and no larger than it may be. A length that is told
 * is believed, since the connection delivers no more than that; chunks are counted.
 *
 * @module
 */

import type { Context } from "hono";
import { Problem } from "./problem.ts";

/** @throws Problem 400, 413 or 415 */
export async function readJson(context: Context, mostBytes: number): Promise<unknown> {
  const type = context.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Problem(415, "media-type", "send the body as application/json");
  }
  const text = await readText(context, mostBytes).catch((error: unknown) => {
    // Nobody hears it, but the log should not call it a failure of the server.
    throw error instanceof Problem ? error : new Problem(400, "cut-off", "the body was cut off");
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new Problem(400, "json", `the body is not JSON: ${why}`);
  }
}

async function readText({ req }: Context, mostBytes: number): Promise<string> {
  const isChunked = req.header("transfer-encoding") !== undefined;
  if (isChunked && req.raw.body) return readChunks(req.raw.body, mostBytes);
  if (Number(req.header("content-length") ?? 0) > mostBytes) throw tooLarge(mostBytes);
  return req.text();
}

async function readChunks(stream: ReadableStream<Uint8Array>, mostBytes: number): Promise<string> {
  // Not for await: leaving it would close the connection before the answer is out.
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > mostBytes) throw tooLarge(mostBytes);
    text += decoder.decode(value, { stream: true });
  }
}

function tooLarge(mostBytes: number): Problem {
  return new Problem(413, "too-large", `the body has more than ${mostBytes} bytes`);
}
