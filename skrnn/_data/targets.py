"""Every accepted kind of y, encoded for the network and decoded from its output."""

from __future__ import annotations

import warnings
from collections.abc import ValuesView
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.special import expit, softmax
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from .brief import brief
from .masks import check_no_mask


@dataclass(frozen=True)
class Targets:
    """The labels of a fit.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Labels in the order of the outputs; column indices where y is a matrix.
    is_matrix : bool
        Whether y is a matrix.
    multilabel : bool
        Whether y holds independent labels.
    """

    classes: np.ndarray
    is_matrix: bool
    multilabel: bool

    @classmethod
    def learn(cls, y: Any, multilabel: bool | str, classes: Any = None) -> Targets:
        """Learn the labels.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels, a one-hot matrix, or a label indicator matrix.
        multilabel : bool or "auto"
            Whether a matrix holds independent labels; "auto": where not every row of it
            holds a single one.
        classes : array-like of shape (n_classes,) or None, default=None
            All labels that may come later; None means those of ``y``. Of a matrix they
            are the indices of its columns.
        """
        y = _check_y(y, warn=True)
        has_independent_labels = False
        if y.ndim == 2:
            is_one_hot = _is_one_hot(y)
            has_independent_labels = not is_one_hot if multilabel == "auto" else bool(multilabel)
            if not has_independent_labels and not is_one_hot:
                raise ValueError(
                    "y is a label indicator matrix in which not every row sums to 1; one-hot"
                    " rows are needed with multilabel=False."
                )
            found = np.arange(y.shape[1])
        else:
            if multilabel != "auto" and multilabel:
                raise ValueError(
                    "multilabel=True needs y of shape (n_samples, n_labels) with at least two"
                    " labels, got a single column."
                )
            found = np.unique(y)
        if classes is not None:
            if np.ndim(classes) == 0:  # a set, too
                raise ValueError(
                    f"classes must be array-like of shape (n_classes,), got {brief(classes)}."
                )
            classes = _distinct(classes)
            if y.ndim == 2 and not np.array_equal(classes, found):
                raise ValueError(
                    f"classes must be the columns of y, {brief(found.tolist())}, got"
                    f" {brief(classes.tolist())}."
                )
            found = classes
        return cls(found, y.ndim == 2, has_independent_labels)

    def have_classes(self, classes: Any) -> bool:
        """Return whether they are these labels, in any order."""
        return np.array_equal(_distinct(classes), self.classes)

    def warn_of_single_class(self) -> None:
        """Warn where there is nothing to tell apart."""
        if len(self.classes) == 1 and not self.multilabel:
            warnings.warn(
                f"y holds the single class {brief(self.classes.tolist()[0])}, which the"
                " classifier is going to predict for everything. Where this is a part of a"
                " larger y, shuffle it (learning_curve has shuffle=True) or stratify the parts.",
                UserWarning,
                stacklevel=3,
            )

    def encode(self, y: Any, name: str = "y") -> np.ndarray:
        """Return class indices (int32), or indicators (float32) for independent labels."""
        y = _check_y(y, name)
        if (y.ndim == 2) != self.is_matrix or (self.is_matrix and y.shape[1] != len(self.classes)):
            expected = f"(n_samples, {len(self.classes)})" if self.is_matrix else "(n_samples,)"
            raise ValueError(f"{name} has shape {y.shape}, but shape {expected} was seen in fit.")
        if self.multilabel:
            return y.astype(np.float32)
        if self.is_matrix:
            if not _is_one_hot(y):
                raise ValueError(
                    f"{name} was a one-hot matrix in fit, and now not every row sums to 1."
                    " Independent labels need multilabel=True in fit."
                )
            return y.argmax(axis=1).astype(np.int32)
        indices, unknown = indices_of(y, self.classes)
        if len(unknown):
            remedy = (
                "Fit anew to learn others; partial_fit needs all that will ever come in its first"
                " call, as classes."
                if name == "y"
                else f"Ensembles such as VotingClassifier encode y and leave {name} as it is: hold"
                " out with validation_split there."
            )
            raise ValueError(
                f"{name} contains labels that are not in classes: {brief(unknown.tolist())};"
                f" known are {brief(self.classes.tolist())}. {remedy}"
            )
        return indices

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Return the network's outputs in float64, in which the rows of classes sum to 1.

        The float32 of the network miss 1 by some 1e-7, which other programs refuse.
        """
        probabilities = outputs.astype(np.float64)
        if not self.multilabel:
            probabilities /= probabilities.sum(axis=1, keepdims=True)
        return probabilities

    def from_logits(self, logits: np.ndarray) -> np.ndarray:
        """Return the probabilities of logits of shape (n_samples, n_outputs)."""
        return expit(logits) if self.multilabel else softmax(logits, axis=1)

    def decode(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the labels of probabilities of shape (n_samples, n_outputs)."""
        if self.multilabel:
            return (probabilities > 0.5).astype(np.int64)
        codes = probabilities.argmax(axis=1)
        return one_hot(codes, len(self.classes)) if self.is_matrix else self.classes[codes]

    def flatten(self, y: Any) -> Any:
        """Return y for scoring: one-hot rows as labels, independent labels as 0 and 1."""
        y = as_objects(y)
        if self.is_matrix and np.ndim(y) == 2:
            encoded = self.encode(y)
            return encoded.astype(np.int64) if self.multilabel else self.classes[encoded]
        return y


def indices_of(labels: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of labels in sorted classes, and those labels that have none."""
    kinds = {labels.dtype.kind, classes.dtype.kind}
    if kinds == {"i", "u"}:
        labels = labels.astype(object)  # of int64 and uint64 side by side numpy would make floats
    # It would make strings of numbers beside strings, and refuses dates beside numbers.
    are_alike = len(kinds) == 1 or "O" in kinds or kinds <= set("biuf")
    unknown = np.setdiff1d(labels, classes) if are_alike else np.unique(labels)
    indices = np.array([]) if len(unknown) else np.searchsorted(classes, labels)
    return indices.astype(np.int32), unknown


def one_hot(codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Return rows with a 1 in the column of each code."""
    rows = np.zeros((len(codes), n_classes), dtype=np.int64)
    rows[np.arange(len(codes)), codes] = 1
    return rows


def as_list(labels: np.ndarray) -> list:
    """Return labels as Python's objects; dates, which would become numbers, as numpy's."""
    return list(labels) if labels.dtype.kind in "mM" else labels.tolist()


def _is_one_hot(y: np.ndarray) -> bool:
    return bool((y.sum(axis=1) == 1).all())


def _holds_names(labels: Any) -> bool:
    return isinstance(labels, (list, tuple, set)) and any(isinstance(x, str) for x in labels)


def _distinct(classes: Any) -> np.ndarray:
    return np.unique(column_or_1d(np.asarray(as_objects(classes))))


def as_objects(y: Any) -> Any:
    """Return as objects those labels that numpy or scikit-learn would misread."""
    if isinstance(y, ValuesView):
        y = list(y)
    if isinstance(y, np.ndarray) and y.dtype.kind == "T":
        return y.astype(object)  # scikit-learn does not know numpy's StringDType
    if isinstance(y, (list, tuple)):
        kinds = {type(label) for label in y}
        are_strings = {issubclass(kind, str) for kind in kinds}
        # Of a string beside other labels numpy would make strings of all, and of an enumeration's
        # strings the first letters of its name. `_check_y` refuses a list among strings.
        has_enumeration = any(issubclass(kind, Enum) for kind in kinds)
        if len(are_strings) == 2 or (has_enumeration and True in are_strings):
            objects = np.empty(len(y), dtype=object)
            objects[:] = y
            return objects
    return y


def _check_y(y: Any, name: str = "y", *, warn: bool = False) -> np.ndarray:
    """Return y as an array, 2-D only where it is an indicator matrix."""
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    if issparse(y):
        y = y.toarray()
    if hasattr(y, "iloc") and y.ndim == 2 and y.shape[1] == 1:
        y = y.iloc[:, 0]
    if hasattr(y, "to_numpy") and getattr(y, "ndim", 0) == 1:
        y = y.to_numpy()  # check_array makes floats of pandas' nullable integers and booleans
    check_no_mask(y, name, "leave its samples out")
    y = as_objects(y)
    if isinstance(y, np.ndarray) and y.dtype == object:
        # check_array compares the labels, of which an array makes an array.
        for label in y.flat:
            if isinstance(label, (np.ndarray, list, tuple, dict, set)):
                raise ValueError(
                    f"{name} must hold labels, got {type(label).__name__}: {brief(label)}."
                )
            if type(label).__name__ == "NAType":  # pandas', which has no truth value
                raise ValueError(f"Input {name} contains NaN.")
    if isinstance(y, (list, tuple)) and any(map(_holds_names, y)):
        raise ValueError(
            f"{name} holds lists of labels: sklearn.preprocessing.MultiLabelBinarizer makes an"
            " indicator matrix of them."
        )
    y = check_array(y, ensure_2d=False, dtype=None, ensure_min_samples=0, input_name=name)
    if y.ndim != 2 or y.shape[1] == 1:
        y = column_or_1d(y, warn=warn)
    try:
        # scikit-learn casts floats to int64 to see if they are whole.
        with np.errstate(invalid="ignore"):
            check_classification_targets(y)
    except (TypeError, ValueError):
        names = sorted({type(label).__name__ for label in y.ravel()}) if y.dtype == object else []
        if len(names) < 2:
            raise
        raise TypeError(f"{name} must hold labels of one type, got {', '.join(names)}.") from None
    if y.ndim == 2 and not np.isin(y, (0, 1)).all():
        raise ValueError(
            f"{name} of shape (n_samples, n_outputs) must hold zeros and ones, a one-hot matrix"
            f" or a label indicator matrix; got the values {np.unique(y)[:5].tolist()}."
        )
    return y
