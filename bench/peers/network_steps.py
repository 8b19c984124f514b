"""What the network peers share: weights, the loss, timing and the line that is printed."""

import json
import sys
import time
import warnings

import numpy as np
import torch
from neutral import (
    BATCH,
    CHECKS,
    Neutral,
    arguments,
    peak_mebibytes,
    sample_epoch,
    spread,
    timed,
)


def sine_weights(key: int, rows: int, columns: int, deviation: float) -> torch.Tensor:
    """The starting weights of bench/network-weights.ts."""
    row, column = np.arange(rows)[:, None], np.arange(columns)[None, :]
    values = deviation * np.sqrt(2) * np.sin(1 + 97 * key + 13 * row + 7 * column)
    return torch.from_numpy(values.astype(np.float32))


def edges(data: Neutral) -> torch.Tensor:
    """Both directions of every pair, sorted by target."""
    users, items = torch.from_numpy(data.users), torch.from_numpy(data.items + data.user_count)
    index = torch.stack([torch.cat([users, items]), torch.cat([items, users])])
    order = torch.argsort(index[1], stable=True)
    return index[:, order]


def bpr_loss(vectors: torch.Tensor, user_count: int, users, positives, negatives) -> torch.Tensor:
    u, p, n = vectors[users], vectors[positives + user_count], vectors[negatives + user_count]
    return torch.nn.functional.softplus((u * n).sum(1) - (u * p).sum(1)).mean()


def measure(make_model, forms: list[str], rate: float) -> None:
    """Checks and times a model: make_model(data, form) has loss(users, positives, negatives), and
    may have propagate(), whose time is taken alone."""
    options = arguments(forms).parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(options.threads)
    data = Neutral(options.folder)
    model = make_model(data, options.form)
    adam = torch.optim.Adam(model.parameters(), lr=rate)

    def step(triples, first: int) -> float:
        loss = model.loss(*(column[first : first + BATCH] for column in triples))
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    check = [torch.from_numpy(column) for column in data.check]
    losses = [step(check, BATCH * at) for at in range(CHECKS)]
    begin = time.perf_counter()
    triples = sample_epoch(data, np.random.default_rng(1))
    sampling = time.perf_counter() - begin
    triples = [torch.from_numpy(column) for column in triples]
    steps = len(data.users) // BATCH
    taken: list[float] = []
    while len(taken) < steps and (sum(taken) < options.seconds or len(taken) < 3):
        begin = time.perf_counter()
        step(triples, BATCH * len(taken))
        taken.append(time.perf_counter() - begin)
    line = {
        "threads": torch.get_num_threads(),
        "batch": BATCH,
        "stepsPerEpoch": steps,
        "steps": len(taken),
        "stepMs": spread(taken),
        "samplingSeconds": sampling,
        "epochSeconds": sampling + sum(taken) / len(taken) * steps,
        "extrapolated": len(taken) < steps,
        "checkLosses": losses,
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
    }
    if hasattr(model, "propagate"):
        with torch.no_grad():
            forward = timed(model.propagate, 0, 5)[0]
        line["propagateMs"] = spread(forward)["median"]
    if "torch_geometric" in sys.modules:
        line["versions"]["torch-geometric"] = sys.modules["torch_geometric"].__version__
    print(json.dumps({**line, "peakMebibytes": peak_mebibytes()}))
