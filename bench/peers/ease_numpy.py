"""EASE with NumPy and SciPy, from a sparse matrix to all weights.

inverse64  numpy.linalg.inv in float64, as the paper's listing has it
inverse32  the same in float32
cholesky32 LAPACK's spotrf and spotri: the least work there is

Usage: python ease_numpy.py FOLDER [--threads 2] [--seconds 5] [--form inverse64]
Prints one line of JSON. OPENBLAS_NUM_THREADS sets the threads.
"""

import argparse
import json
import math
import time

import numpy as np
import scipy
from neutral import Neutral, peak_mebibytes, spread
from scipy.linalg import lapack
from scipy.sparse import csr_matrix

REGULARISATION = 300.0


def ease(liked: csr_matrix, form: str) -> np.ndarray:
    kind = np.float64 if form == "inverse64" else np.float32
    gram = (liked.T @ liked).toarray().astype(kind, copy=False)
    np.fill_diagonal(gram, gram.diagonal() + REGULARISATION)
    if form == "cholesky32":
        factor, _ = lapack.spotrf(gram.T, lower=False, overwrite_a=True, clean=False)
        half, _ = lapack.spotri(factor, lower=False, overwrite_c=True)
        inverse = np.triu(half)
        inverse += np.triu(half, 1).T
    else:
        inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--form", choices=["inverse64", "inverse32", "cholesky32"], default="inverse64")
    options = parser.parse_args()
    data = Neutral(options.folder)
    kind = np.float64 if options.form == "inverse64" else np.float32
    ones = np.ones(len(data.users), kind)
    liked = csr_matrix((ones, (data.users, data.items)), (data.user_count, data.item_count))
    norm = float(np.linalg.norm(ease(liked, options.form).astype(np.float64)))
    taken = []
    before = time.process_time()
    while sum(taken) < options.seconds or len(taken) < 2:
        begin = time.perf_counter()
        ease(liked, options.form)
        taken.append(time.perf_counter() - begin)
    used = time.process_time() - before
    print(json.dumps({
        "threads": options.threads,
        "fitMs": spread(taken),
        "processorMs": 1e3 * used / len(taken),
        "checkLosses": [math.log(norm)],
        "peakMebibytes": peak_mebibytes(),
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
    }))


if __name__ == "__main__":
    main()
