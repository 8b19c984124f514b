/** A folder in NCF's layout, of four users and six items: each test item is ranked among shipped negatives. */
import { folderOf } from "../data/layout-folders.ts";

const rated = (pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([user, item]) => `${user}\t${item}\t5\t978300174\n`).join("");

/** Popularity in train: item 10 three times, 11 and 12 twice, 13 and 14 once, 15 never. */
const files = {
  "ml-1m.train.rating": rated([
    ...([10, 11].map((item) => [0, item]) as [number, number][]),
    ...([10, 11, 13].map((item) => [1, item]) as [number, number][]),
    ...([10, 12, 14].map((item) => [2, item]) as [number, number][]),
    [3, 12],
  ]),
  "ml-1m.test.rating": rated([
    [0, 12],
    [1, 14],
    [2, 13],
    [3, 15],
  ]),
  // The first list names the test item among its negatives, as 156 of the published ones do.
  "ml-1m.test.negative": "(0,12)\t13\t12\n(1,14)\t12\t15\n(2,13)\t11\t15\n(3,15)\t13\t14\t11\n",
};

/** Writes it; the path is what `--data` takes. */
export const ncfFolder = (): string => folderOf("ncf", files);
