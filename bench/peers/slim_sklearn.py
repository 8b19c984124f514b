"""SLIM with scikit-learn: an ElasticNet an item on the sparse columns of the others.

A fit of every item takes minutes, so items are fitted one after the other, spread over the
catalogue, until the seconds are up, and the time of all is reckoned from them.

Usage: python slim_sklearn.py FOLDER [--check-items 32] [--threads 2] [--seconds 5]
Prints one line of JSON; its check is that of bench/ours/fit.ts, of so many items. scikit-learn's
coordinate descent uses one thread.
"""

import json
import time
import warnings

import numpy as np
import sklearn
from neutral import CHECK_USERS, Neutral, arguments, log_norm, peak_mebibytes, spread
from scipy.sparse import vstack
from sklearn.linear_model import ElasticNet

ALPHA, L1_RATIO, SWEEPS, TOLERANCE = 1e-3, 0.1, 100, 1e-4

# Both descents stop near the optimum, not at it.
CHECK_TOLERANCE = 1e-3


class Slim:
    def __init__(self, liked):
        self.columns = liked.tocsc()
        self.model = ElasticNet(alpha=ALPHA, l1_ratio=L1_RATIO, positive=True, fit_intercept=False,
                                copy_X=False, max_iter=SWEEPS, tol=TOLERANCE)

    def weights(self, item: int):
        """Of an item's score, from the others: one of each item, 1 x items, sparse."""
        columns = self.columns
        target = columns[:, [item]].toarray().ravel()
        part = slice(columns.indptr[item], columns.indptr[item + 1])
        kept = columns.data[part].copy()
        columns.data[part] = 0
        self.model.fit(columns, target)
        columns.data[part] = kept
        return self.model.sparse_coef_.copy()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    parser = arguments()
    parser.add_argument("--check-items", type=int, default=32)
    options = parser.parse_args()
    liked = Neutral(options.folder).matrix(np.float64)
    count = liked.shape[1]
    slim = Slim(liked)
    checked = [at * count // options.check_items for at in range(options.check_items)]
    check = log_norm((liked[:CHECK_USERS] @ vstack([slim.weights(item) for item in checked]).T).toarray())
    order = np.random.default_rng(1).permutation(count)
    used, begin, done = time.process_time(), time.perf_counter(), 0
    for item in order:
        slim.weights(item)
        done += 1
        if time.perf_counter() - begin > options.seconds and done >= 10:
            break
    all_items = count / done
    print(json.dumps({
        "threads": 1,
        "fitMs": spread([(time.perf_counter() - begin) * all_items]),
        "processorMs": 1e3 * (time.process_time() - used) * all_items,
        "extrapolated": done < count,
        "checkLosses": [check],
        "checkTolerance": CHECK_TOLERANCE,
        "note": f"{done} of {count} items were fitted, on one thread; the scores of {len(checked)} were compared",
        "peakMebibytes": peak_mebibytes(),
        "versions": {"scikit-learn": sklearn.__version__},
    }))
