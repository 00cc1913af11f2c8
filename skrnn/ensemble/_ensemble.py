"""A fitted ensemble as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit

from .._classifier import LSTMTextClassifier
from .._data.columns import Columns
from .._data.inputs import collected
from .._data.targets import Targets

# The smallest probability that single precision holds in full, and the smallest distance from 1.
_LEAST = float(np.finfo(np.float32).tiny)
_EPSILON = float(np.finfo(np.float32).eps)


@dataclass(frozen=True, eq=False)
class Ensemble:
    """A network and a linear model whose probabilities are multiplied.

    Parameters
    ----------
    targets : Targets
        The labels.
    deep : LSTMTextClassifier
        The fitted network.
    wide : classifier
        The fitted linear model.
    exponents : list of two floats
        Those of the probabilities of the network and of the linear model.
    intercept : float
        What is added to the log-odds of every independent label; 0 for classes.
    """

    targets: Targets
    deep: LSTMTextClassifier
    wide: Any
    exponents: list[float]
    intercept: float

    @property
    def columns(self) -> Columns:
        """The columns of the X of the fit."""
        return self.deep._model.columns

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes)."""
        X = collected(X)
        of_deep = log_probabilities(self.deep, X, self.targets)
        of_wide = log_probabilities(self.wide, column(X), self.targets)
        logits = self.exponents[0] * of_deep + self.exponents[1] * of_wide + self.intercept
        return self.targets.from_logits(logits)


def log_probabilities(part: Any, X: Any, targets: Targets) -> np.ndarray:
    """Return what the network or the linear model says, up to a constant for every text.

    Of independent labels it is the log-odds.
    """
    probabilities = part.predict_proba(X)
    if isinstance(probabilities, list):  # of some classifiers, one array for every label
        # It may have seen a single value of a label.
        both = zip(probabilities, part.classes_, strict=True)
        probabilities = np.column_stack([of_label @ values for of_label, values in both])
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if targets.multilabel:
        return logit(np.clip(probabilities, _EPSILON, 1 - _EPSILON))
    of_all = np.zeros((len(probabilities), len(targets.classes)))
    # Nor need it know all classes: of one-hot rows a column may be empty.
    known = getattr(part, "classes_", targets.classes)
    of_all[:, np.searchsorted(targets.classes, known)] = probabilities
    return np.log(np.maximum(of_all, _LEAST))


def column(X: Any) -> Any:
    """Return a Series, an Arrow array, or the only column of texts of a table, as a list.

    scikit-learn's vectorizers walk through the names of a frame's columns, and know no other rows
    than texts.
    """
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == 1 and X.dtype.kind in "OSTU":
        return X[:, 0].tolist()
    if hasattr(X, "columns"):
        values = np.asarray(X)
        is_column = values.shape[1] == 1 and values.dtype.kind not in "iu"  # ids are documents
        return values[:, 0].tolist() if is_column else X
    for method in ("to_list", "to_pylist"):  # pandas and polars, Arrow
        if hasattr(X, method):
            return getattr(X, method)()
    return X
