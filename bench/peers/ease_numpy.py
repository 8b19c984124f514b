"""EASE with NumPy and SciPy, from a sparse matrix to all weights.

inverse64  numpy.linalg.inv in float64, as the paper's listing has it
inverse32  the same in float32
cholesky32 LAPACK's spotrf and spotri: the least work there is

Usage: python ease_numpy.py FOLDER [--threads 2] [--seconds 5] [--form inverse64]
Prints one line of JSON. OPENBLAS_NUM_THREADS sets the threads.
"""

import numpy as np
import scipy
from neutral import CHECK_USERS, Neutral, arguments, measure_fit
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


if __name__ == "__main__":
    options = arguments(["inverse64", "inverse32", "cholesky32"]).parse_args()
    liked = Neutral(options.folder).matrix(np.float64 if options.form == "inverse64" else np.float32)
    measure_fit(
        lambda: ease(liked, options.form),
        lambda weights: liked[:CHECK_USERS] @ weights,
        options,
        {"numpy": np.__version__, "scipy": scipy.__version__},
    )
