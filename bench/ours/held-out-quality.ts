/**
 * How well lists of a hundred find what was held back: the figures that the peers print too.
 *
 * @module
 */

/**
 * Recall@20 over min(20, targets), and NDCG@100, means over users.
 * @param lists 100 items a user, best first
 */
export function quality(lists: Int32Array, targets: readonly (readonly number[])[]) {
  const gain = (place: number) => 1 / Math.log2(place + 2);
  let [recall, ndcg] = [0, 0];
  targets.forEach((wanted, row) => {
    const found = [...lists.subarray(row * 100, row * 100 + 100)].map((item) =>
      wanted.includes(item),
    );
    recall += found.slice(0, 20).filter(Boolean).length / Math.min(20, wanted.length);
    let [gained, ideal] = [0, 0];
    found.forEach((hit, place) => {
      if (hit) gained += gain(place);
    });
    for (let place = 0; place < Math.min(100, wanted.length); place++) ideal += gain(place);
    ndcg += gained / ideal;
  });
  return { recall20: recall / targets.length, ndcg100: ndcg / targets.length };
}
