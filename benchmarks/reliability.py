"""The figures of docs/reliability.md and docs/distributed.md, at full size."""

from __future__ import annotations

import argparse
import gc
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from _measure import elsewhere, resident_megabytes

TEXTS, LABELS = ["wheat exports rose", "rates and bonds fell"] * 50, [0, 1] * 50


def fits(recycle: bool, n_architectures: int, embedding_dim: int | None = 8) -> Iterator[str]:
    """Fit 200 times, by turns with so many architectures."""
    import skrnn

    X = np.random.default_rng(0).normal(size=(100, 5)) if embedding_dim is None else TEXTS
    with skrnn.config_context(recycle=recycle):
        for number in range(200):
            units = 2 + number % n_architectures
            clf = skrnn.LSTMTextClassifier(
                units=units, embedding_dim=embedding_dim, epochs=1, random_state=0
            )
            clf.fit(X, LABELS).predict(X)
            del clf
            gc.collect()
            if number == 9:
                before = resident_megabytes()
    kind = "numbers" if embedding_dim is None else "texts"
    how = f"{kind}, {n_architectures} architecture(s), recycle={recycle}"
    yield f"200 fits, {how}: grown by {resident_megabytes() - before:.1f} MiB since the tenth"


def peak() -> Iterator[str]:
    """Fit and predict 200,000 texts of 100 tokens with the default parameters."""
    import keras

    from skrnn import LSTMTextClassifier

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 20

    LSTMTextClassifier(epochs=1).fit(TEXTS, LABELS)
    rng = np.random.default_rng(0)
    words = np.array([f"w{index}" for index in range(20_000)])
    share = np.cumsum(1 / np.arange(1, 20_001))
    texts = []
    for _ in range(200):
        drawn = np.searchsorted(share, share[-1] * rng.random((1000, 100)))
        texts += map(" ".join, words[drawn].tolist())
    labels = np.arange(len(texts)) % 4
    clf = LSTMTextClassifier(epochs=1, callbacks=Stop(), random_state=0)
    for name, call in {
        "reading, vectors and 20 batches of a fit": partial(clf.fit, texts, labels),
        "predict": partial(clf.predict, texts),
    }.items():
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak
        before = resident_megabytes()
        call()
        grown = resident_megabytes("VmHWM") - before
        yield f"200,000 texts of 100 tokens, {name}: {grown:.0f} MiB; their ids: 76 MiB"


def threads() -> Iterator[str]:
    """Predict with eight threads on one estimator for 30 seconds."""
    from skrnn import LSTMTextClassifier

    clf = LSTMTextClassifier(random_state=0).fit(TEXTS, LABELS)
    expected, end = clf.predict_proba(TEXTS), time.monotonic() + 30
    answers: list[bool] = []

    def work() -> None:
        while time.monotonic() < end:
            answers.append(bool((clf.predict_proba(TEXTS) == expected).all()))

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    yield f"8 threads, 30 s: {len(answers)} answers, {answers.count(False)} of them wrong"


def worker() -> Iterator[str]:
    """Do what one worker of a search does."""
    import sklearn.model_selection  # noqa: F401  # as every worker of a search

    yield f"a worker with scikit-learn alone: {resident_megabytes():.0f} MiB"
    from skrnn import LSTMTextClassifier
    from skrnn.datasets import load_docstrings

    yield f"and skrnn with TensorFlow: {resident_megabytes():.0f} MiB"
    texts, labels = load_docstrings(return_X_y=True, max_samples=1000, random_state=0)
    LSTMTextClassifier(epochs=1, random_state=0).fit(texts, labels)
    yield f"at the peak of a fit of 1,000 docstrings: {resident_megabytes('VmHWM'):.0f} MiB"


WORKS: dict[str, list[Callable[[], Iterator[str]]]] = {
    "fits": [
        *(partial(fits, True, number) for number in (1, 12, 200)),
        *(partial(fits, False, 1, embedding_dim) for embedding_dim in (8, None)),
    ],
    "peak": [peak],
    "threads": [threads],
    "worker": [worker],
}


def lines(work: Callable[[], Iterator[str]]) -> list[str]:
    """Return what a work says."""
    return list(work())


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "works", nargs="*", default=list(WORKS), help=f"some of {', '.join(WORKS)}"
    )
    args = parser.parse_args()
    for name in args.works:
        if name not in WORKS:
            parser.error(f"there is no work {name!r}, only {', '.join(WORKS)}")
    for name in args.works:
        for work in WORKS[name]:
            print(*elsewhere(lines, work), sep="\n", flush=True)


if __name__ == "__main__":
    main()
