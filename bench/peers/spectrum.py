"""PureSVD and the ideal low-pass filter of GF-CF by the usual routines.

  svds        scipy.sparse.linalg.svds (ARPACK)
  randomised  sklearn.utils.extmath.randomized_svd with its own defaults

Usage: python spectrum.py FOLDER [--form svds] [--model svd] [--threads 2] [--seconds 5]
Prints one line of JSON. OPENBLAS_NUM_THREADS sets the threads of dense products.
"""

import numpy as np
import scipy
import sklearn
from neutral import CHECK_USERS, Neutral, arguments, measure_fit
from scipy.sparse import csr_matrix, diags_array
from scipy.sparse.linalg import svds
from sklearn.utils.extmath import randomized_svd

WIDTHS = {"svd": 64, "gf-cf": 256}
ALPHA = 0.3
# Randomised vectors are not the exact ones, neither here nor in ours.
TOLERANCE = 5e-3


def right_vectors(matrix: csr_matrix, width: int, form: str) -> np.ndarray:
    """Items × width."""
    if form == "svds":
        return svds(matrix, k=width, random_state=1)[2].T
    return randomized_svd(matrix, width, random_state=1)[2].T


def smoothed(liked: csr_matrix):
    """R~ and the degrees of items."""
    user_degree = np.maximum(1, np.asarray(liked.sum(axis=1)).ravel())
    item_degree = np.maximum(1, np.asarray(liked.sum(axis=0)).ravel())
    return (diags_array(user_degree**-0.5) @ liked @ diags_array(item_degree**-0.5)).tocsr(), item_degree


if __name__ == "__main__":
    parser = arguments(["svds", "randomised"])
    parser.add_argument("--model", choices=list(WIDTHS), default="svd")
    options = parser.parse_args()
    liked = Neutral(options.folder).matrix()
    width = WIDTHS[options.model]

    def pure_svd():
        vectors = right_vectors(liked, width, options.form)
        return liked @ vectors, vectors

    def gf_cf():
        matrix, degree = smoothed(liked)
        return matrix, degree, right_vectors(matrix, width, options.form)

    def score(model):
        if options.model == "svd":
            users, vectors = model
            return users[:CHECK_USERS] @ vectors.T
        matrix, degree, vectors = model
        histories = liked[:CHECK_USERS]
        linear = (histories @ matrix.T @ matrix).toarray()
        weighted = vectors * degree[:, None] ** -0.5
        return linear + ALPHA * (histories @ weighted) @ (vectors * degree[:, None] ** 0.5).T

    fit = pure_svd if options.model == "svd" else gf_cf
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}
    if options.form == "randomised":
        versions["scikit-learn"] = sklearn.__version__
    measure_fit(fit, score, options, versions, TOLERANCE)
