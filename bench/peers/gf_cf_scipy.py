"""GF-CF with NumPy and SciPy from the raw files of Gowalla to Recall@20 over all items: the linear
filter and 256 singular vectors, blocks of users, argpartition.

svds        scipy.sparse.linalg.svds (ARPACK): exact vectors
randomised  sklearn.utils.extmath.randomized_svd with as many power iterations as it is told

Usage: python gf_cf_scipy.py FOLDER [--form svds] [--iterations 8] [--oversampling 32] [--threads 2]
FOLDER holds train.txt and test.txt. Prints one line of JSON.
"""

import importlib.metadata
import json
import pathlib

import numpy as np
import scipy
from neutral import arguments
from scipy.sparse import csr_matrix, diags_array
from scipy.sparse.linalg import svds

WIDTH, ALPHA, K, BLOCK = 256, 0.3, 20, 1024


def read(path: pathlib.Path):
    rows = [np.fromstring(line, np.int64, sep=" ") for line in path.open() if line.strip()]
    users = np.repeat([row[0] for row in rows], [len(row) - 1 for row in rows])
    return users, np.concatenate([row[1:] for row in rows])


def right_vectors(matrix: csr_matrix, options) -> np.ndarray:
    """Items x WIDTH."""
    if options.form == "svds":
        return svds(matrix, k=WIDTH, random_state=1)[2].T
    # Here, because the other form is not to wait for it: whole processes are timed.
    from sklearn.utils.extmath import randomized_svd

    return randomized_svd(matrix, WIDTH, n_oversamples=options.oversampling,
                          n_iter=options.iterations, random_state=1)[2].T


if __name__ == "__main__":
    parser = arguments(["svds", "randomised"])
    parser.add_argument("--iterations", type=int, default=8)
    parser.add_argument("--oversampling", type=int, default=32)
    options = parser.parse_args()
    folder = pathlib.Path(options.folder)
    train, test = read(folder / "train.txt"), read(folder / "test.txt")
    user_count = 1 + max(train[0].max(), test[0].max())
    item_count = 1 + max(train[1].max(), test[1].max())
    shape = (user_count, item_count)
    liked = csr_matrix((np.ones(len(train[0]), np.float32), train), shape)
    wanted = csr_matrix((np.ones(len(test[0]), np.float32), test), shape)
    root = lambda axis, power: np.maximum(1, np.asarray(liked.sum(axis=axis)).ravel()) ** power
    smooth = (diags_array(root(1, -0.5)) @ liked @ diags_array(root(0, -0.5))).tocsr().astype(np.float32)
    vectors = right_vectors(smooth, options)
    left = (vectors * (ALPHA * root(0, -0.5))[:, None]).astype(np.float32)
    right = np.ascontiguousarray((vectors * root(0, 0.5)[:, None]).T.astype(np.float32))
    turned = smooth.T.tocsr()
    counts = np.diff(wanted.indptr)
    hits = np.zeros(user_count)
    for first in range(0, user_count, BLOCK):
        part = liked[first : first + BLOCK]
        scores = (part @ turned @ smooth).toarray()
        scores += (part @ left) @ right
        scores[part.nonzero()] = -np.inf
        best = np.argpartition(scores, -K, axis=1)[:, -K:]
        target = wanted[first : first + BLOCK]
        hits[first : first + part.shape[0]] = [
            np.isin(best[row], target.indices[target.indptr[row] : target.indptr[row + 1]]).sum()
            for row in range(part.shape[0])
        ]
    judged = counts > 0
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}
    if options.form == "randomised":
        versions["scikit-learn"] = importlib.metadata.version("scikit-learn")
    print(json.dumps({
        "quality": {"recall20": float(np.mean(hits[judged] / counts[judged]))},
        "versions": versions,
    }))
