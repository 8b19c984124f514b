/** A zip archive made by hand, so that tests can also make dishonest ones. */

import { crc32, deflateRawSync } from "node:zlib";

/** One entry; everything but name and content is for making bad archives. */
export interface ZipEntry {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly deflate?: boolean;
  /** Unix mode, for instance 0o120777 for a symbolic link. */
  readonly mode?: number;
  /** What the archive states instead of the true uncompressed size. */
  readonly statedSize?: number;
  /** What the archive states instead of the true checksum. */
  readonly statedCrc?: number;
  readonly encrypted?: boolean;
}

/** The bytes of an archive: PKWARE APPNOTE 4.3.7 (local), 4.3.12 (central), 4.3.16 (end). */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content);
    const plain = entry.deflate ? deflateRawSync(content) : content;
    // Encrypted data begin with a header of 12 bytes.
    const packed = entry.encrypted ? Buffer.concat([Buffer.alloc(12), plain]) : plain;
    const crc = entry.statedCrc ?? crc32(content);
    const size = entry.statedSize ?? content.length;
    // Bit 0: encrypted; bit 11: names are UTF-8.
    const flags = 0x0800 | (entry.encrypted ? 1 : 0);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(entry.deflate ? 8 : 0, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, name, packed]);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    attributes.writeUInt32LE(offset, 10);
    // Version made by: Unix, so that the mode counts.
    const madeBy = Buffer.from([20, 3]);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02"), madeBy, common, attributes, name]));
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
