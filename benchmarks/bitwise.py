"""Whether two versions of the package give the same results in the last bit.

Fits the classifier in many settings on small data made here, with nothing but public names,
so that the same file runs on any two checkouts on one machine::

    PYTHONPATH=the/old/checkout python benchmarks/bitwise.py --write old.json
    PYTHONPATH=the/new/checkout python benchmarks/bitwise.py --compare old.json

Probabilities that a version returned in float32 are divided by the sums of their rows in float64
first, as later versions do; where they differ, the table says by how much. The weights are those
of ``model_``, the history is ``history_``. The exit status is 1 where a setting differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

import skrnn
from skrnn import LSTMTextClassifier, SequenceVectorizer

SCHEMA_1 = Path(__file__).parents[1] / "tests" / "files" / "schema_1.skrnn"
WORDS = np.array(
    ["wheat", "maize", "bank", "rates", "rose", "cut", "exports", "loan", "oil", "yen"]
)
N_DOCUMENTS, N_TEST, N_CLASSES = 90, 30, 3
# Small, and the same in all settings: compiled networks are recycled.
SMALL = {"units": 6, "embedding_dim": 8, "epochs": 3, "batch_size": 16, "random_state": 0}
NUMBERS = {**SMALL, "embedding_dim": None}


def make_documents() -> tuple[list[list[int]], np.ndarray]:
    """Return ids of words, in documents of different lengths, and their topics."""
    rng = np.random.default_rng(0)
    ids = [rng.integers(len(WORDS), size=n) for n in rng.integers(2, 9, size=N_DOCUMENTS + N_TEST)]
    topics = [0 if 0 in row else 1 if 2 in row else 2 for row in ids]
    return [(row + 1).tolist() for row in ids], np.array(topics)


IDS, TOPICS = make_documents()
TOKENS = [WORDS[np.array(row) - 1].tolist() for row in IDS]
TEXTS = [" ".join(row) for row in TOKENS]
PADDED = np.array([row + [0] * (8 - len(row)) for row in IDS])
VALUES = np.random.default_rng(1).normal(size=(len(IDS), 7, 2)) + TOPICS[:, None, None]
MULTILABEL = np.array([[1 in row, 3 in row, 5 in row] for row in IDS]).astype(int)
WEIGHTS = np.random.default_rng(2).uniform(0.5, 2, size=len(IDS))


def train(data: object) -> object:
    """Return the training part of something."""
    return data[:N_DOCUMENTS]


def test(data: object) -> object:
    """Return the test part of something."""
    return data[N_DOCUMENTS:]


def fitted(X: object = TEXTS, y: object = TOPICS, fit: dict | None = None, **parameters: object):
    """Return a classifier fitted on the training part, and what it is to predict."""
    clf = LSTMTextClassifier(**{**SMALL, **parameters})
    return clf.fit(train(X), train(y), **(fit or {})), test(X)


def validation_data():
    """Fit with data to judge by."""
    data = {"X_val": test(TEXTS), "y_val": test(TOPICS), "sample_weight_val": test(WEIGHTS)}
    return fitted(fit=data, early_stopping=True, patience=1, epochs=6)


class KilledError(Exception):
    """What stands for the end of a process."""


class Kill(keras.callbacks.Callback):
    """Ends a fit in its third epoch."""

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Raise in the third epoch."""
        if epoch == 2:
            raise KilledError


def checkpoint():
    """Kill a fit and go on from its file."""
    with tempfile.TemporaryDirectory() as folder:
        parameters = {"epochs": 5, "checkpoint": os.path.join(folder, "fit.checkpoint")}
        try:
            fitted(callbacks=[Kill()], **parameters)
        except KilledError:
            return fitted(**parameters)
    raise RuntimeError("the fit was not killed")


def partial_fit():
    """Train epoch by epoch, past the end of the schedule."""
    clf = LSTMTextClassifier(**SMALL)
    for _ in range(SMALL["epochs"] + 1):
        clf.partial_fit(train(TEXTS), train(TOPICS), classes=[0, 1, 2, 3])
    return clf, test(TEXTS)


def warm_start():
    """Fit, and go on with other data."""
    clf, X_test = fitted(warm_start=True)
    return clf.fit(test(TEXTS), test(TOPICS)), X_test


def refit():
    """Fit the same classifier a second time, anew."""
    clf, X_test = fitted()
    return clf.fit(train(TEXTS), train(TOPICS)), X_test


def embeddings():
    """Start from an array, which has a row for every id that occurs in training."""
    n_ids = len({value for row in train(IDS) for value in row})
    return fitted(IDS, embeddings=np.random.default_rng(3).normal(size=(n_ids, 8)))


def round_trip(**save: object):
    """Save, load, and go on where the file allows it."""
    clf, X_test = fitted()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "classifier.skrnn")
        clf.save(path, **save)
        clf = skrnn.load(path)
    return (clf.partial_fit(train(TEXTS), train(TOPICS)) if save else clf), X_test


def deep_optimizer():
    """Train two layers with clipping and a rate of their own."""
    return fitted(units=[6, 4], depth=2, optimizer=keras.optimizers.Adam(2e-3, clipnorm=0.5))


SETTINGS: dict[str, Callable] = {
    "texts": fitted,
    "tokens": lambda: fitted(TOKENS),
    "ids, lists": lambda: fitted(IDS),
    "ids, padded array": lambda: fitted(PADDED),
    "numbers, 2-D": lambda: fitted(VALUES[:, :, 0], **NUMBERS),
    "numbers, 3-D": lambda: fitted(VALUES, **NUMBERS),
    "the article's parameters": lambda: fitted(
        VALUES, pooling="last", schedule=None, global_clipnorm=None, learning_rate=1e-3, **NUMBERS
    ),
    "labels that are strings": lambda: fitted(y=np.array(["a", "b", "c"])[TOPICS]),
    "two classes": lambda: fitted(y=TOPICS == 0),
    "one-hot y": lambda: fitted(y=np.eye(N_CLASSES)[TOPICS]),
    "multi-label y": lambda: fitted(y=MULTILABEL),
    "sample_weight": lambda: fitted(fit={"sample_weight": train(WEIGHTS)}),
    "class_weight, dict": lambda: fitted(class_weight={0: 2.0, 1: 1.0, 2: 0.5}),
    'class_weight="balanced"': lambda: fitted(class_weight="balanced", epochs=6),
    "balanced, early stopping": lambda: fitted(class_weight="balanced", early_stopping=True),
    "validation_split": lambda: fitted(validation_split=0.2),
    "early stopping": lambda: fitted(early_stopping=True, patience=1, epochs=8),
    "X_val and y_val": validation_data,
    "checkpoint, killed and resumed": checkpoint,
    "partial_fit": partial_fit,
    "warm_start": warm_start,
    "second fit": refit,
    "two layers of a list": lambda: fitted(units=[6, 4], depth=2),
    "one direction, the last step": lambda: fitted(bidirectional=False, pooling="last"),
    "recurrent_dropout": lambda: fitted(recurrent_dropout=0.2),
    "shuffle=False": lambda: fitted(shuffle=False),
    "one full batch": lambda: fitted(batch_size=1000),
    'optimizer="sgd"': lambda: fitted(optimizer="sgd"),
    "an Adam of Keras": lambda: fitted(optimizer=keras.optimizers.Adam(2e-3, clipnorm=0.5)),
    "two layers and an Adam": deep_optimizer,
    "schedule=None": lambda: fitted(schedule=None),
    "consistency=0": lambda: fitted(consistency=0.0),
    "label_smoothing=0": lambda: fitted(label_smoothing=0.0),
    "consistency=1": lambda: fitted(consistency=1.0),
    'embeddings="random"': lambda: fitted(embeddings="random"),
    "frozen embeddings": lambda: fitted(trainable_embeddings=False),
    "embeddings, an array": embeddings,
    "a vectorizer": lambda: fitted(vectorizer=SequenceVectorizer(analyzer="word", maxlen=20)),
    "a RandomState": lambda: fitted(random_state=np.random.RandomState(7)),
    "all defaults but the seed": lambda: (
        LSTMTextClassifier(random_state=0).fit(train(TEXTS), train(TOPICS)),
        test(TEXTS),
    ),
    "save and load": round_trip,
    "save, load and partial_fit": lambda: round_trip(with_optimizer=True),
    "a file of schema 1": lambda: (skrnn.load(SCHEMA_1), TEXTS),
}


def digest(*arrays: np.ndarray) -> str:
    """Return a digest of arrays, their shapes and dtypes included."""
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(f"{array.dtype} {array.shape}".encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()


def result(setting: str) -> dict:
    """Return what a setting gives: probabilities, and digests of everything."""
    clf, X_test = SETTINGS[setting]()
    probabilities = clf.predict_proba(X_test)
    history = {name: [float(value) for value in values] for name, values in clf.history_.items()}
    return {
        "weights": digest(*clf.model_.get_weights()),
        "history": hashlib.sha256(json.dumps(history, sort_keys=True).encode()).hexdigest(),
        "probabilities": probabilities.tolist(),
    }


def rows_of_sum_1(probabilities: np.ndarray) -> np.ndarray:
    """Divide every row by its sum."""
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def difference(before: dict, now: dict) -> str:
    """Return "equal", or what differs and by how much."""
    parts = [part for part in ("weights", "history") if before[part] != now[part]]
    old, new = (np.array(one["probabilities"]) for one in (before, now))
    if not (np.array_equal(old, new) or np.array_equal(rows_of_sum_1(old), new)):
        parts.insert(0, "predict_proba")
    if not parts:
        return "equal"
    if old.shape != new.shape:
        return f"differs in {', '.join(parts)}: shape {new.shape} in place of {old.shape}"
    most = np.abs(old - new).max(initial=0)
    return f"differs in {', '.join(parts)}: probabilities by at most {most:.1e}"


def main(argv: list[str] | None = None) -> int:
    """Write results into a file, or compare with those of a file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", metavar="FILE", type=Path, help="the file to write")
    what.add_argument("--compare", metavar="FILE", type=Path, help="a file of another checkout")
    parser.add_argument("--only", metavar="TEXT", default="", help="settings named like TEXT")
    args = parser.parse_args(argv)
    settings = [name for name in SETTINGS if args.only in name]
    if not settings:
        parser.error(f"no setting is named like {args.only!r}")

    warnings.simplefilter("ignore")
    if args.write:
        args.write.write_text(json.dumps({name: result(name) for name in settings}))
        print(f"{len(settings)} settings of {Path(skrnn.__file__).parent}")
        return 0
    before = json.loads(args.compare.read_text())
    print(f"| setting | {Path(skrnn.__file__).parent} |\n| --- | --- |")
    rows = []
    for name in settings:
        try:
            rows.append(difference(before[name], result(name)) if name in before else "new")
        except Exception as error:  # one setting that fails does not hide the others
            rows.append(f"raises {type(error).__name__}: {str(error).splitlines()[0]}")
        print(f"| {name} | {rows[-1]} |", flush=True)
    n_equal = rows.count("equal")
    print(f"\n{n_equal} of {len(rows)} settings are equal.")
    return int(n_equal < len(rows))


if __name__ == "__main__":
    sys.exit(main())
