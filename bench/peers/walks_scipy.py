"""RP3beta with SciPy: blocks of rows of the product of sparse transition matrices, the largest
weights of each row kept, as the published Python code does it.

Usage: python walks_scipy.py FOLDER [--threads 2] [--seconds 5]
Prints one line of JSON. SciPy's sparse products use one thread.
"""

import numpy as np
import scipy
from neutral import CHECK_USERS, Neutral, arguments, measure_fit
from scipy.sparse import csr_matrix, diags_array

NEIGHBOURS, ALPHA, BETA = 100, 1.0, 0.6
BLOCK = 200


def largest(matrix: np.ndarray):
    """Columns of the NEIGHBOURS largest of each row."""
    return np.argpartition(matrix, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]


def cut_columns(weights: csr_matrix) -> csr_matrix:
    """The NEIGHBOURS largest of each column."""
    columns = weights.tocsc()
    for item in range(columns.shape[1]):
        part = slice(columns.indptr[item], columns.indptr[item + 1])
        values = columns.data[part]
        if len(values) > NEIGHBOURS:
            values[np.argpartition(values, -NEIGHBOURS)[:-NEIGHBOURS]] = 0
    columns.eliminate_zeros()
    return columns.tocsr()


def rp3beta(liked: csr_matrix) -> csr_matrix:
    item_users = liked.T.tocsr()
    user_degree = np.maximum(1, np.diff(liked.indptr)).astype(np.float32)
    item_degree = np.maximum(1, np.diff(item_users.indptr)).astype(np.float32)
    first = (diags_array(item_degree**-ALPHA) @ item_users).tocsr()
    second = (diags_array(user_degree**-ALPHA) @ liked @ diags_array(item_degree**-BETA)).tocsr()
    count = len(item_degree)
    rows, columns, values = [], [], []
    for begin in range(0, count, BLOCK):
        block = (first[begin : begin + BLOCK] @ second).toarray()
        own = np.arange(len(block))
        block[own, begin + own] = 0
        kept = largest(block)
        found = np.take_along_axis(block, kept, axis=1)
        mark = found > 0
        rows.append(np.repeat(begin + own, mark.sum(axis=1)))
        columns.append(kept[mark])
        values.append(found[mark])
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    weights = csr_matrix(entries, (count, count))
    sums = np.asarray(weights.sum(axis=1)).ravel()
    sums[sums == 0] = 1
    return cut_columns((diags_array(1 / sums) @ weights).tocsr())


if __name__ == "__main__":
    options = arguments().parse_args()
    liked = Neutral(options.folder).matrix()
    measure_fit(
        lambda: rp3beta(liked),
        lambda weights: (liked[:CHECK_USERS] @ weights).toarray(),
        options,
        {"numpy": np.__version__, "scipy": scipy.__version__},
    )
