/**
 * A column of text as two arrays: all the UTF-8 bytes one after the other, and
 * where each text begins. Text n is bytes[offsets[n] … offsets[n + 1]).
 *
 * This is how ids and titles lie in a bundle. Unlike a JSON list it needs no
 * escaping, has no limit of 512 MB a string, sits in the same file format with
 * the same checks as the numbers, and is two lines in Python:
 * `ids = load_file("users.safetensors")`, then
 * `bytes(ids["id.bytes"][ids["id.offsets"][n]:ids["id.offsets"][n + 1]]).decode()`.
 *
 * @module
 */

import { LumiereError } from "../base/errors.ts";

export interface PackedText {
  readonly bytes: Uint8Array;
  /** Length: number of texts + 1; ascending from 0 to the number of bytes. */
  readonly offsets: Int32Array;
}

/** Packs texts; null becomes the empty text. Throws LumiereError beyond 2 GiB. */
export function packText(texts: readonly (string | null)[]): PackedText {
  const encoder = new TextEncoder();
  const offsets = new Int32Array(texts.length + 1);
  let bytes = new Uint8Array(Math.max(64, texts.length * 16));
  let end = 0;
  texts.forEach((text, at) => {
    const most = end + (text?.length ?? 0) * 3;
    if (most > bytes.length) {
      const grown = new Uint8Array(Math.max(most, bytes.length * 2));
      grown.set(bytes.subarray(0, end));
      bytes = grown;
    }
    end += encoder.encodeInto(text ?? "", bytes.subarray(end)).written;
    if (end > 0x7fffffff) {
      throw new LumiereError("text-size", "ids or titles take more than 2 GiB; shorten them");
    }
    offsets[at + 1] = end;
  });
  return { bytes: bytes.slice(0, end), offsets };
}

/** The texts again; null where the offsets or the bytes do not make sense. */
export function unpackText({ bytes, offsets }: PackedText): string[] | null {
  if (offsets[0] !== 0 || offsets.at(-1) !== bytes.length) return null;
  for (let at = 1; at < offsets.length; at++) if (offsets[at]! < offsets[at - 1]!) return null;
  try {
    const whole = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const all = whole.decode(bytes);
    // Plain ASCII, the usual case for ids: one decode, and slices of it.
    const ascii = all.length === bytes.length;
    return Array.from({ length: offsets.length - 1 }, (_, at) =>
      ascii
        ? all.slice(offsets[at], offsets[at + 1])
        : whole.decode(bytes.subarray(offsets[at], offsets[at + 1])),
    );
  } catch {
    return null;
  }
}
