/**
 * The body of a request: JSON, and no larger than it may be. A length that is told
 * is believed, since the connection delivers no more than that; chunks are counted.
 *
 * @module
 */

import type { Call } from "./call.ts";
import { Problem } from "./problem.ts";

const decoder = new TextDecoder();

/** @throws Problem 400, 413 or 415 */
export async function readJson(call: Call, mostBytes: number): Promise<unknown> {
  const type = call.header("content-type");
  if (type !== "application/json" && mediaType(type) !== "application/json") {
    throw new Problem(415, "media-type", "send the body as application/json");
  }
  let text: string;
  try {
    text = await readText(call, mostBytes);
  } catch (error) {
    // Nobody hears it, but the log should not call it a failure of the server.
    throw error instanceof Problem ? error : new Problem(400, "cut-off", "the body was cut off");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new Problem(400, "json", `the body is not JSON: ${why}`);
  }
}

/** A type without its parameters. */
const mediaType = (type: string | undefined) => type?.split(";", 1)[0]?.trim().toLowerCase();

async function readText(call: Call, mostBytes: number): Promise<string> {
  const chunks = call.header("transfer-encoding") === undefined ? null : call.chunks();
  if (chunks) return readChunks(chunks, mostBytes);
  if (Number(call.header("content-length") ?? 0) > mostBytes) throw tooLarge(mostBytes);
  return decoder.decode(await call.bytes());
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
