"""Turbo-CF in PyTorch, with everybody's list of 20: the item-item matrix laid out and multiplied
densely, as its authors do.

Usage: python turbo_torch.py FOLDER [--threads 2] [--seconds 5]
Prints one line of JSON.
"""

import numpy as np
import torch
from neutral import CHECK_USERS, Neutral, arguments, measure_fit

ALPHA, POWER = 0.6, 0.7

if __name__ == "__main__":
    options = arguments().parse_args()
    torch.set_num_threads(options.threads)
    data = Neutral(options.folder)
    liked = torch.from_numpy(data.matrix().toarray())

    def fit():
        users = liked.sum(1, keepdim=True).clamp(min=1) ** -ALPHA
        items = liked.sum(0, keepdim=True).clamp(min=1) ** (ALPHA - 1)
        smooth = users * liked * items
        weights = (smooth.T @ smooth) ** POWER
        for part in liked.split(1024):
            (part @ weights).masked_fill_(part > 0, -torch.inf).topk(20)
        return weights

    versions = {"torch": torch.__version__, "numpy": np.__version__}
    measure_fit(fit, lambda weights: (liked[:CHECK_USERS] @ weights).numpy(), options, versions, 1e-4)
