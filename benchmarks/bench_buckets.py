"""One more epoch of R8 beside the quickest loop in PyTorch: our length buckets, SparseAdam.

Both get ids and leave the vectors of words alone that a batch lacks. Each has a batch size of
its own at which it is quickest, so several are measured, and the quickest ones are compared.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from _data import ids_of, learn_ids, r8_texts
from _measure import alternate, cpu_seconds
from _settings import Settings
from _table import Row, main, ratio, without_peer
from bench_texts import CUT, LAYERS

BATCH_SIZES = (32, 64, 128)


def pytorch(ids: list[list[int]], y: np.ndarray, batch_size: int) -> dict[str, float]:
    """Measure the loop after an epoch that warms up."""
    import torch
    from _torch_models import LSTM, train_buckets

    documents, targets = list(map(torch.tensor, ids)), torch.from_numpy(y).long()
    model = LSTM(int(y.max()) + 1, n_words=CUT["max_words"], sparse=True, **LAYERS)
    train_buckets(model, documents, targets, batch_size, 1)
    return {"epoch": cpu_seconds(train_buckets, model, documents, targets, batch_size, 1)}


def ours(ids: list[list[int]], y: np.ndarray, batch_size: int) -> dict[str, float]:
    """Measure a warm start."""
    from _our_models import text_classifier

    classifier = text_classifier(
        recipe=False, **CUT, **LAYERS, batch_size=batch_size, epochs=1, warm_start=True
    )
    classifier.fit(ids, y)
    return {"epoch": cpu_seconds(classifier.fit, ids, y)}


def rows(settings: Settings) -> tuple[list[Row], str]:
    """Return a row for every batch size, and one for the best ones."""
    data = r8_texts(settings)
    ids = ids_of(data.train, learn_ids(data.train, CUT["max_words"]), CUT["max_length"])
    sizes = BATCH_SIZES[:1] if settings.quick else BATCH_SIZES
    work = "one R8 epoch, PyTorch with length buckets and SparseAdam"
    compared = [f"PyTorch / ours, batches of {size}" for size in sizes]
    compared.append("PyTorch / ours, each at its best")
    targets = [""] * len(sizes) + [">= 1.2"]
    skipped = [
        without_peer(work, name, target, ["torch"])
        for name, target in zip(compared, targets, strict=True)
    ]
    if all(skipped):
        return skipped, data.note
    works = {
        f"{peer.__name__} {size}": partial(peer, ids, data.y, size)
        for size in sizes
        for peer in (pytorch, ours)
    }
    seconds = {name: values["epoch"] for name, values in alternate(works, settings).items()}
    pairs = []
    for peer in (pytorch, ours):
        columns = [seconds[f"{peer.__name__} {size}"] for size in sizes]
        best_of_repeats = [min(repeat) for repeat in zip(*columns, strict=True)]
        pairs.append([*columns, best_of_repeats])
    lines = [
        ratio(work, name, target, theirs, own)
        for name, target, theirs, own in zip(compared, targets, *pairs, strict=True)
    ]
    return lines, data.note


if __name__ == "__main__":
    main(__doc__, rows)
