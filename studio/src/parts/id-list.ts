/** Lists of ids in an address: "50,181"; a comma within an id is "%2C". */

export const readIds = (text: string | undefined): readonly string[] => {
  try {
    return (text ?? "").split(",").filter(Boolean).map(decodeURIComponent);
  } catch {
    // Somebody wrote the address by hand.
    return [];
  }
};

export const writeIds = (ids: readonly string[]): string =>
  ids.map((id) => encodeURIComponent(id)).join(",");
