"""SLIM with scikit-learn: an ElasticNet an item on the sparse columns of the others.

A fit of every item takes minutes, so items are fitted one after the other, spread over the
catalogue, until the seconds are up, and the time of all is reckoned from them.

Usage: python slim_sklearn.py FOLDER [--threads 2] [--seconds 5]
Prints one line of JSON. scikit-learn's coordinate descent uses one thread.
"""

import json
import time
import warnings

import numpy as np
import sklearn
from neutral import Neutral, arguments, peak_mebibytes, spread
from sklearn.linear_model import ElasticNet

ALPHA, L1_RATIO, SWEEPS, TOLERANCE = 1e-3, 0.1, 100, 1e-4

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    options = arguments().parse_args()
    columns = Neutral(options.folder).matrix(np.float64).tocsc()
    count = columns.shape[1]
    model = ElasticNet(alpha=ALPHA, l1_ratio=L1_RATIO, positive=True, fit_intercept=False,
                       copy_X=False, max_iter=SWEEPS, tol=TOLERANCE)
    order = np.random.default_rng(1).permutation(count)
    used, begin, done = time.process_time(), time.perf_counter(), 0
    for item in order:
        target = columns[:, [item]].toarray().ravel()
        part = slice(columns.indptr[item], columns.indptr[item + 1])
        kept = columns.data[part].copy()
        columns.data[part] = 0
        model.fit(columns, target)
        columns.data[part] = kept
        done += 1
        if time.perf_counter() - begin > options.seconds and done >= 10:
            break
    all_items = count / done
    print(json.dumps({
        "threads": 1,
        "fitMs": spread([(time.perf_counter() - begin) * all_items]),
        "processorMs": 1e3 * (time.process_time() - used) * all_items,
        "extrapolated": done < count,
        "unchecked": True,
        "note": f"{done} of {count} items were fitted, on one thread",
        "peakMebibytes": peak_mebibytes(),
        "versions": {"scikit-learn": sklearn.__version__},
    }))
