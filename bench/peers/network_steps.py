"""What the network peers share: weights, the loss, timing and the line that is printed."""

import argparse
import json
import time
import warnings

import numpy as np
import torch
from neutral import BATCH, CHECKS, Neutral, peak_mebibytes, sample_epoch, spread


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
    """Checks and times a model: make_model(data, form) has loss(users, positives, negatives)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--form", choices=forms, default=forms[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(options.threads)
    import torch_geometric

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
    print(json.dumps({
        "threads": torch.get_num_threads(),
        "batch": BATCH,
        "steps": len(taken),
        "stepMs": spread(taken),
        "samplingSeconds": sampling,
        "epochSeconds": sampling + sum(taken) / len(taken) * len(data.users) / BATCH,
        "epochMeasured": False,
        "checkLosses": losses,
        "peakMebibytes": peak_mebibytes(),
        "versions": {
            "torch": torch.__version__,
            "torch-geometric": torch_geometric.__version__,
            "numpy": np.__version__,
        },
    }))
