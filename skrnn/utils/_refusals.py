"""The checks of what a classifier of texts has to refuse."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator

from ._assertions import refusal, seeded, unchanged
from ._problems import Kind, problem, take


def check_lengths_differ(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that X and y of different lengths are refused."""
    X, y = problem(kind)
    with refusal(name, "X and y of different lengths"):
        seeded(estimator_orig).fit(X, y[:-1])


def check_no_documents(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that X without a document is refused."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    with unchanged(name, estimator, X), refusal(name, "X without a document in predict"):
        estimator.predict(take(X, []))
    with refusal(name, "X without a document in fit"):
        seeded(estimator_orig).fit(take(X, []), y[:0])


def check_continuous_y(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that fractions are refused as labels."""
    X, y = problem(kind)
    with refusal(name, "continuous y"):
        seeded(estimator_orig).fit(X, np.linspace(0, 1, len(y)))


def check_bare_string(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that one str is not taken for a list of texts of one character."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    text = "w" * len(y)
    with unchanged(name, estimator, X), refusal(name, "a bare str as X in predict"):
        estimator.predict(text)
    with refusal(name, "a bare str as X in fit"):
        seeded(estimator_orig).fit(text, y)


def check_not_a_text(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that missing values and numbers among texts are refused."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    # AttributeError is what scikit-learn's vectorizers raise: "no attribute 'lower'".
    errors = (ValueError, TypeError, AttributeError)
    for stranger in (None, float("nan"), 3, 2.5):
        bad = [*X[:-1], stranger]
        what = f"{stranger!r} among texts in"
        with unchanged(name, estimator, X), refusal(name, f"{what} predict", *errors):
            estimator.predict(bad)
        with refusal(name, f"{what} fit", *errors):
            seeded(estimator_orig).fit(bad, y)


def check_not_an_id(name: str, estimator_orig: BaseEstimator, kind: Kind) -> None:
    """Check that negative and fractional ids are refused."""
    X, y = problem(kind)
    estimator = seeded(estimator_orig).fit(X, y)
    negative, fraction = X.copy(), X + 0.5
    negative[-1, 0] = -1
    for what, bad in {"a negative id": negative, "ids with a fraction": fraction}.items():
        with unchanged(name, estimator, X), refusal(name, f"{what} in predict"):
            estimator.predict(bad)
        with refusal(name, f"{what} in fit"):
            seeded(estimator_orig).fit(bad, y)
