/**
 * Writes small zip archives, honest and hostile ones, from the format's public
 * description (APPNOTE): local headers, central directory, end record.
 */

import { crc32, deflateRawSync } from "node:zlib";

/** One entry; the fields after `content` tell lies or ask for trouble. */
export interface ZipEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly compressed?: boolean;
  /** A size that the headers state instead of the true one. */
  readonly statedSize?: number;
  readonly statedCrc?: number;
  /** Unix file mode, for instance 0o120777 for a symbolic link. */
  readonly mode?: number;
  /** General purpose flags; bit 0 says the entry is encrypted. */
  readonly flags?: number;
}

const UTF8_NAMES = 0x800;

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "");
    const data = entry.compressed ? deflateRawSync(content) : content;
    const name = Buffer.from(entry.name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(UTF8_NAMES | (entry.flags ?? 0), 2);
    shared.writeUInt16LE(entry.compressed ? 8 : 0, 4);
    shared.writeUInt32LE(entry.statedCrc ?? crc32(content), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(entry.statedSize ?? content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), shared, name, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    // Version made by: Unix, so that the file mode counts.
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), shared, rest, name);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
