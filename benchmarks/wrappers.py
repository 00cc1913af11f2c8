"""What of scikit-learn works with scikeras' KerasClassifier, and with LSTMTextClassifier.

Prints the table of docs/migration.md, and what the wrapper of Keras has::

    python benchmarks/wrappers.py
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import keras
import numpy as np
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold, check_cv, cross_val_score

from skrnn import LSTMTextClassifier

X = np.random.default_rng(0).normal(size=(40, 5, 1)).astype("float32")
Y = np.arange(40) % 2


def build() -> keras.Model:
    """Return the network that scikeras is given."""
    model = keras.Sequential(
        [keras.Input((5, 1)), layers.LSTM(3), layers.Dense(2, activation="softmax")]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def scores(clf: Any, y: np.ndarray = Y, scoring: str | None = None) -> bool:
    """Return whether a cross-validation has scores other than 0."""
    found = cross_val_score(clf, X, y, cv=2, scoring=scoring, error_score="raise")
    return bool(np.isfinite(found).all() and found.any())


def has_stratified_folds(clf: Any) -> bool:
    """Return whether scikit-learn takes it for a classifier."""
    return isinstance(check_cv(2, Y, classifier=is_classifier(clf)), StratifiedKFold)


def reads_texts(clf: Any) -> bool:
    """Return whether texts are an X."""
    if isinstance(clf, LSTMTextClassifier):
        clf = clone(clf).set_params(embedding_dim=4)
    return clf.fit(["wheat rose", "rates fell"] * 20, Y).predict(["wheat"]).shape == (1,)


def refuses_what_is_misspelt(clf: Any) -> bool:
    """Return whether the constructor knows its parameters."""
    try:
        type(clf)(epohcs=3)
    except TypeError:
        return True
    return False


CHECKS: dict[str, Callable[[Any], bool]] = {
    "`fit`, `predict`, `score`": lambda clf: clf.fit(X, Y).score(X, Y) >= 0,
    "`clone`, `GridSearchCV`": lambda clf: hasattr(
        GridSearchCV(clf, {"epochs": [1]}, cv=2).fit(X, Y), "best_score_"
    ),
    '`scoring="neg_log_loss"`': lambda clf: scores(clf, scoring="neg_log_loss"),
    '`scoring="roc_auc"`': lambda clf: scores(clf, scoring="roc_auc"),
    "stratified folds by default": has_stratified_folds,
    "labels in order, default folds": lambda clf: scores(clf, np.sort(Y)),
    "`VotingClassifier`": lambda clf: bool(VotingClassifier([("clf", clf)]).fit(X, Y)),
    "`CalibratedClassifierCV`": lambda clf: bool(CalibratedClassifierCV(clf, cv=2).fit(X, Y)),
    "two dimensions of `predict_proba` for a single row": lambda clf: (
        clf.fit(X, Y).predict_proba(X[:1]).ndim == 2
    ),
    "an error for a misspelt parameter": refuses_what_is_misspelt,
    "texts as X": reads_texts,
}


def cells(check: Callable[[Any], bool]) -> Iterator[str]:
    """Yield what scikeras and skrnn make of a check."""
    for clf in (
        KerasClassifier(build, epochs=1, verbose=0),
        LSTMTextClassifier(embedding_dim=None, units=3, epochs=1),
    ):
        try:
            yield "yes" if check(clf) else "no"
        except Exception as error:  # whatever it is, the table says so
            yield f"no: {type(error).__name__}"


def main() -> None:
    """Print the versions, the table, and the methods of Keras' own wrapper."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    packages = ("scikeras", "scikit-learn", "keras")
    print(", ".join(f"{package} {version(package)}" for package in packages), end="\n\n")
    print("| | scikeras | here |\n| --- | --- | --- |")
    for name, check in CHECKS.items():
        print(f"| {name} | {' | '.join(cells(check))} |", flush=True)
    names = ("predict", "predict_proba", "decision_function")
    found = [name for name in names if hasattr(keras.wrappers.SKLearnClassifier, name)]
    print(f"\nkeras.wrappers.SKLearnClassifier has {', '.join(found)}.")


if __name__ == "__main__":
    main()
