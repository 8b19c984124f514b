"""The neutral folders of bench/data.ts, and what every peer measures and prints."""

import json
import pathlib
import resource
import statistics

import numpy as np

WIDTH = 64
BATCH = 2048
CHECKS = 4


class Neutral:
    """Training pairs, initial weights and the triples of the check."""

    def __init__(self, folder: str):
        path = pathlib.Path(folder)
        meta = json.loads((path / "meta.json").read_text())
        self.user_count, self.item_count = meta["users"], meta["items"]
        self.node_count = self.user_count + self.item_count
        self.users = np.fromfile(path / "train_users.bin", np.int32).astype(np.int64)
        self.items = np.fromfile(path / "train_items.bin", np.int32).astype(np.int64)
        self.initial = np.fromfile(path / "initial.bin", np.float32).reshape(-1, WIDTH)
        names = ("users", "positives", "negatives")
        self.check = [np.fromfile(path / f"check_{name}.bin", np.int32).astype(np.int64) for name in names]


def sample_epoch(data: Neutral, random: np.random.Generator):
    """One epoch of triples without a Python loop: shuffled interactions, negatives drawn
    uniformly, those that the user has seen found by binary search and drawn again."""
    order = random.permutation(len(data.users))
    users, positives = data.users[order], data.items[order]
    seen = data.users * data.item_count + data.items  # ascending: the files are sorted
    negatives = random.integers(0, data.item_count, len(users))
    redraw = np.arange(len(users))
    while len(redraw):
        keys = users[redraw] * data.item_count + negatives[redraw]
        at = np.minimum(np.searchsorted(seen, keys), len(seen) - 1)
        redraw = redraw[seen[at] == keys]
        negatives[redraw] = random.integers(0, data.item_count, len(redraw))
    return users, positives, negatives


def spread(seconds: list[float]) -> dict:
    return {
        "median": 1e3 * statistics.median(seconds),
        "min": 1e3 * min(seconds),
        "max": 1e3 * max(seconds),
    }


def peak_mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
