/** A MovieLens 100K that is trained on in a moment. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes `ml-100k/` with 30 people and 40 films into a folder that LUMIERE_DATA can name. */
export function writeMovies(folder: string): void {
  mkdirSync(join(folder, "ml-100k"), { recursive: true });
  const at = (name: string) => join(folder, "ml-100k", name);
  const rows = Array.from({ length: 600 }, (_, row) => {
    const user = row % 30;
    return `${user + 1}\t${((Math.floor(row / 30) * 2 + user * 7) % 40) + 1}\t${3 + (row % 3)}\t${880_000_000 + row}`;
  });
  writeFileSync(at("u.data"), `${rows.join("\n")}\n`);
  const flags = "0|1|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0";
  const films = Array.from(
    { length: 40 },
    (_, film) => `${film + 1}|Film ${film + 1} (1995)|01-Jan-1995||http://example.com|${flags}`,
  );
  writeFileSync(at("u.item"), `${films.join("\n")}\n`);
}
