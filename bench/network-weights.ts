/**
 * Starting weights that every contender of the network suites makes by itself: the
 * sine of the position, so that no file has to carry them.
 *
 * @module
 */

/** rows × columns numbers of parameter number `key`: deviation·√2·sin(1 + 97·key + 13·row + 7·column) */
export function sineWeights(
  key: number,
  rows: number,
  columns: number,
  deviation: number,
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return deviation * Math.SQRT2 * Math.sin(1 + 97 * key + 13 * row + 7 * column);
  });
}
