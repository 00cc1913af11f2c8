"""Accuracy with few labels: what the texts without labels add, beside peers in the same run.

The labelled part of a training set is drawn at random, the rest of it has no labels, and the
test part judges. ``--part table`` prints a row for every corpus, ``--part curve`` the accuracy
on R8 against the number of labels, and with ``--picture`` draws it. ``--part other`` gives
unlabelled texts of another subject::

    python benchmarks/few_labels.py --part table
    python benchmarks/few_labels.py --part curve --picture docs/_static/few_labels.png
    python benchmarks/few_labels.py --part other

R8, movie reviews (MR) and messages are read from ``--data`` (default: $SKRNN_DATA, or
../shared/data), Reuters newswires from Keras' cache (KERAS_HOME). Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from _corpora import load_corpora
from _settings import positive
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC

from skrnn import LSTMTextClassifier, WideAndDeepTextClassifier
from skrnn.datasets import load_docstrings

# Number of labels: as such, or as a share of the training part.
N_LABELS = {
    "R8": 200,
    "Reuters, 46 topics": 0.1,
    "MR": 500,
    "messages en": 0.1,
    "messages zh": 0.1,
}
CURVE = (50, 100, 200, 400, 800)
COLUMNS = (
    "LinearSVC, labels alone",
    "SelfTrainingClassifier",
    "LSTM, labels alone",
    "LSTM, X_unlabeled",
    "wide and deep, labels alone",
    "wide and deep, X_unlabeled",
)
# Of the picture.
PEERS_AND_NETWORK = COLUMNS[:4]


def scores(
    name: str,
    labelled: tuple[np.ndarray, np.ndarray],
    others: np.ndarray,
    test: tuple[list[str], np.ndarray],
    seed: int,
) -> Iterator[tuple[float, float]]:
    """Yield accuracy and CPU seconds in the order of `COLUMNS`."""
    X, y = labelled
    is_chinese = name.endswith("zh")
    ngrams = {"analyzer": "char", "ngram_range": (1, 4)} if is_chinese else {"ngram_range": (1, 2)}
    tfidf = TfidfVectorizer(sublinear_tf=True, **ngrams)
    classes, indices = np.unique(y, return_inverse=True)
    X_all = np.concatenate([X, others])
    y_all = np.concatenate([indices, np.full(len(others), -1)])
    self_training = SelfTrainingClassifier(LogisticRegression(C=10, max_iter=1000))
    # Of all texts together, words of a single one only cost time.
    frequent = clone(tfidf).set_params(min_df=2)

    fits = (
        lambda: make_pipeline(tfidf, LinearSVC()).fit(X, indices),
        lambda: make_pipeline(frequent, self_training).fit(X_all, y_all),
        lambda: LSTMTextClassifier(random_state=seed).fit(X, indices),
        lambda: LSTMTextClassifier(random_state=seed).fit(X, indices, X_unlabeled=others),
        lambda: WideAndDeepTextClassifier(random_state=seed).fit(X, indices),
        lambda: WideAndDeepTextClassifier(random_state=seed).fit(X, indices, X_unlabeled=others),
    )
    for column, fit in zip(COLUMNS, fits, strict=True):
        start = time.process_time()
        clf = fit()
        seconds = time.process_time() - start
        accuracy = float(np.mean(classes[clf.predict(test[0])] == test[1]))
        print(name, len(X), seed, column, f"{accuracy:.4f} {seconds:.0f} s", file=sys.stderr)
        yield accuracy, seconds


def draws(
    name: str,
    corpus: tuple,
    n_labels: float,
    n_draws: int,
    others: np.ndarray | None = None,
    n_columns: int = len(COLUMNS),
) -> np.ndarray:
    """Return accuracies and CPU seconds of the first columns, of shape (n_draws, n_columns, 2)."""
    X, y, X_test, y_test = corpus
    X, y, test = np.array(X, dtype=object), np.asarray(y), (X_test, np.asarray(y_test))
    size = n_labels if n_labels >= 1 else round(n_labels * len(X))
    results = []
    for seed in range(n_draws):
        order = np.random.default_rng(seed).permutation(len(X))
        few, rest = order[:size], order[size:]
        texts = X[rest] if others is None else others
        values = scores(name, (X[few], y[few]), texts, test, seed)
        results.append(list(islice(values, n_columns)))
    return np.array(results)


def cell(values: np.ndarray) -> str:
    """Format a mean and a standard deviation."""
    spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
    return f"{values.mean():.3f}{spread}"


def print_row(name: str, n_labels: float, results: np.ndarray) -> None:
    """Print a row of the table."""
    accuracies, gain = results[..., 0], results[:, 3, 0] - results[:, 2, 0]
    cells = [cell(column) for column in accuracies.T]
    seconds = f"{results[:, 3, 1].mean():.0f}"
    labels = f"{n_labels:.0%}" if n_labels < 1 else f"{n_labels}"
    row = [name, labels, *cells, f"{100 * gain.mean():+.1f}", seconds]
    print(f"| {' | '.join(row)} |", flush=True)


def draw_curve(path: str, rows: dict[int, np.ndarray]) -> None:
    """Draw accuracy against the number of labels."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
    for index, column in enumerate(PEERS_AND_NETWORK):
        means = [results[:, index, 0].mean() for results in rows.values()]
        ax.plot(list(rows), means, marker="o", label=column)
    ax.set(xscale="log", xlabel="labelled texts of R8", ylabel="accuracy on the test part")
    ax.set_xticks(list(rows), [str(size) for size in rows])
    ax.minorticks_off()
    ax.legend()
    fig.savefig(path, dpi=110)


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=["table", "curve", "other"], default="table")
    parser.add_argument("--corpus", action="append", choices=list(N_LABELS))
    parser.add_argument("--draws", type=positive, default=5)
    parser.add_argument("--picture", help="file of the curve")
    parser.add_argument("--data", default=os.environ.get("SKRNN_DATA", "../shared/data"))
    args = parser.parse_args()
    names = (args.corpus or list(N_LABELS)) if args.part == "table" else ["R8"]
    corpora = load_corpora(Path(args.data), names)
    columns = PEERS_AND_NETWORK if args.part == "curve" else COLUMNS
    print(f"| corpus | labels | {' | '.join(columns)} | gain, points | CPU s |")
    print(f"|{' --- |' * (len(columns) + 4)}")
    if args.part == "curve":
        rows = {}
        for size in CURVE:
            rows[size] = draws("R8", corpora["R8"], size, args.draws, n_columns=len(columns))
            print_row("R8", size, rows[size])
        if args.picture:
            draw_curve(args.picture, rows)
    elif args.part == "other":
        others = np.array(load_docstrings().data, dtype=object)
        print_row("R8", 200, draws("R8", corpora["R8"], 200, args.draws, others))
    else:
        for name in names:
            results = draws(name, corpora[name], N_LABELS[name], args.draws)
            print_row(name, N_LABELS[name], results)


if __name__ == "__main__":
    main()
