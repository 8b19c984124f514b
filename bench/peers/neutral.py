"""The neutral folders of bench/data.ts, and what every peer measures and prints."""

import argparse
import json
import math
import pathlib
import re
import statistics
import time

import numpy as np

WIDTH = 64
BATCH = 2048
CHECKS = 4
CHECK_USERS = 32


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

    def matrix(self, kind=np.float32):
        """Users × items, ones where there is an interaction."""
        from scipy.sparse import csr_matrix

        ones = np.ones(len(self.users), kind)
        return csr_matrix((ones, (self.users, self.items)), (self.user_count, self.item_count))


def arguments(forms: list[str] | None = None) -> argparse.ArgumentParser:
    """FOLDER [--threads 2] [--seconds 5] [--form FIRST]"""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    if forms:
        parser.add_argument("--form", choices=forms, default=forms[0])
    return parser


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


def timed(work, seconds: float, least: int = 2) -> tuple[list[float], float]:
    """Times of calls of work for so many seconds, and processor milliseconds of a call."""
    taken: list[float] = []
    before = time.process_time()
    while sum(taken) < seconds or len(taken) < least:
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return taken, 1e3 * (time.process_time() - before) / len(taken)


def log_norm(scores) -> float:
    """The check of a fitted model: of all scores of the first users."""
    return math.log(float(np.linalg.norm(np.asarray(scores, np.float64))))


def measure_fit(fit, score, options, versions: dict, tolerance: float = 0, **more) -> None:
    """Fits once for the check (score(model) of the first users), then for the clock; prints the line."""
    check = log_norm(score(fit()))
    taken, processor = timed(fit, options.seconds)
    print(json.dumps({
        "threads": options.threads,
        "fitMs": spread(taken),
        "processorMs": processor,
        "checkLosses": [check],
        "checkTolerance": tolerance,
        "peakMebibytes": peak_mebibytes(),
        "versions": versions,
        **more,
    }))


def spread(seconds: list[float]) -> dict:
    return {
        "median": 1e3 * statistics.median(seconds),
        "min": 1e3 * min(seconds),
        "max": 1e3 * max(seconds),
    }


def peak_mebibytes() -> float:
    """From the kernel's high-water mark of this program: getrusage begins with the parent's."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
