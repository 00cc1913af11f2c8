"""LSTM classifiers against TF-IDF and logistic regression: ``python -m skrnn``.

The default corpus needs no download. Log lines of TensorFlow go to stderr, everything
else to stdout: ``python -m skrnn 2>/dev/null`` hides the former.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline

from ._backend import check_backend
from .datasets import load_docstrings, load_reuters

BASELINE = "TF-IDF + logistic regression"
LSTMS: dict[str, dict[str, Any]] = {
    "deep LSTM (4 x 20)": {"units": 20, "depth": 4, "bidirectional": False},
    "bidirectional LSTM (20)": {"units": 20, "depth": 1, "bidirectional": True},
    "deep bidirectional LSTM (4 x 10)": {"units": 10, "depth": 4, "bidirectional": True},
}
WIDE_AND_DEEP = "wide and deep"
WIDTH = max(map(len, [BASELINE, *LSTMS, WIDE_AND_DEEP]))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m skrnn",
        description="Compare LSTM classifiers with TF-IDF and logistic regression.",
    )
    parser.add_argument(
        "--data",
        choices=["docstrings", "reuters"],
        default="docstrings",
        help="docstrings: which package does a summary come from? Needs no download. "
        "reuters: topics of short newswires, from Keras' cache or downloaded. "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--epochs", type=positive_int, help="epochs of every LSTM (default: by the corpus' size)"
    )
    parser.add_argument(
        "--max-samples",
        type=positive_int,
        help="train with at most this many texts (default: all)",
    )
    parser.add_argument("--random-state", type=seed, default=0, help="(default: %(default)s)")
    args = parser.parse_args(argv)

    try:
        check_backend()
        X_train, X_test, y_train, y_test = _load(args.data, args.random_state)
    except (FileNotFoundError, ImportError) as error:
        print(error, file=sys.stderr)
        return 1
    X_train, y_train = X_train[: args.max_samples], y_train[: args.max_samples]
    n_classes = len(np.unique(y_train))
    if n_classes < 2:
        parser.error(f"--max-samples {args.max_samples} leaves texts of a single class")
    print(
        f"{len(X_train):,} texts to train with, {len(X_test):,} to test with,"
        f" {n_classes} classes.\n"
        "Starting TensorFlow, which may log some lines.",
        flush=True,
    )
    models = _models(args.epochs or "auto", args.random_state)
    print("Accuracy on the training texts, in percent, epoch by epoch:", flush=True)

    rows = []
    for name, model in models.items():
        print(f"{name:{WIDTH}} ", end="", flush=True)
        start = time.perf_counter()
        model.fit(X_train, y_train)
        seconds = time.perf_counter() - start
        print(f" ({seconds:.0f} s)", flush=True)
        rows.append((name, model.score(X_test, y_test), seconds, _n_parameters(model)))

    print(f"\n{'model':{WIDTH}}  accuracy  seconds  parameters")
    for name, accuracy, seconds, n_parameters in rows:
        print(f"{name:{WIDTH}}  {accuracy:8.3f}  {seconds:7.1f}  {n_parameters:10,}")
    print(f"\n{_what_it_adds(models[WIDE_AND_DEEP], X_test, np.asarray(y_test))}")
    return 0


def positive_int(text: str) -> int:  # argparse quotes the name
    """Parse an option."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def seed(text: str) -> int:
    """Parse an option."""
    value = int(text)
    if not 0 <= value < 2**32:
        raise ValueError(text)
    return value


def _load(data: str, random_state: int) -> list:
    """Return training texts, test texts, training labels and test labels."""
    if data == "reuters":
        with redirect_stdout(io.StringIO()):  # Keras announces a download before it fails
            reuters = load_reuters(num_words=30_000, maxlen=50, test_split=0.3)
        return [reuters[key] for key in ("texts_train", "texts_test", "y_train", "y_test")]
    print("Reading the docstrings of the installed packages.", flush=True)
    X, y = load_docstrings(return_X_y=True)
    # Shuffles, so that any number of the first texts is a random sample.
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=random_state)


def _models(epochs: int | Literal["auto"], random_state: int) -> dict[str, ClassifierMixin]:
    """Return the models by name."""
    # Takes seconds, which --help should not.
    import tensorflow as tf
    from keras.callbacks import LambdaCallback

    from ._classifier import LSTMTextClassifier
    from .ensemble import WideAndDeepTextClassifier

    tf.config.list_logical_devices()  # logs what it finds now, not amid the progress

    def print_accuracy(epoch: int, logs: dict[str, float]) -> None:
        print(f" {100 * logs['accuracy']:2.0f}", end="", flush=True)

    progress = LambdaCallback(on_epoch_end=print_accuracy)
    # Short texts want a weaker penalty than the default.
    baseline = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=1000))
    lstms = {
        name: LSTMTextClassifier(
            **layers, epochs=epochs, callbacks=progress, random_state=random_state
        )
        for name, layers in LSTMS.items()
    }
    deep = LSTMTextClassifier(epochs=epochs, callbacks=progress)
    both = WideAndDeepTextClassifier(deep, random_state=random_state)
    return {BASELINE: baseline, **lstms, WIDE_AND_DEEP: both}


def _n_parameters(model: ClassifierMixin) -> int:
    """Return the number of trained numbers."""
    if isinstance(model, Pipeline):
        return model[-1].coef_.size + model[-1].intercept_.size
    if hasattr(model, "wide_"):
        return _n_parameters(model.deep_) + model.wide_.coef_.size + model.wide_.intercept_.size
    return model.model_.count_params()


def _what_it_adds(model: ClassifierMixin, X: list, y: np.ndarray) -> str:
    """Return how the predictions of the network change with the linear model beside it."""
    alone, together = model.deep_.predict(X) == y, model.predict(X) == y
    return (
        f"{WIDE_AND_DEEP} is an LSTM and a linear model of words and characters together. Of"
        f" {len(y):,} test texts\nit gets {np.sum(together & ~alone):,} right that its LSTM alone"
        f" gets wrong, and {np.sum(alone & ~together):,} wrong that its LSTM gets right."
    )


if __name__ == "__main__":
    sys.exit(main())
