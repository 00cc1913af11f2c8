"""Validation and reading of numeric sequences, of one length or of many."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn import get_config

from .brief import brief
from .columns import Columns
from .masks import is_masked
from .sequences import Sequences

_SHAPES = "(n_steps,) or (n_steps, n_features)"

# Where steps have that many times more features than there are steps, the axes may be swapped.
_SUSPICIOUS = 10

# A range that is a smaller share of the values holds only about ten different float32 numbers.
_LOST = 1e-6


def read_numbers(
    X: Any, columns: Columns, *, learn: bool, n_features: int | None = None
) -> tuple[Sequences, Columns]:
    """Validate and read numeric sequences.

    Parameters
    ----------
    X : array-like or iterable of array-likes
        Numbers of shape (n_samples, n_steps) or (n_samples, n_steps, n_features), by the
        rules of scikit-learn: the number of steps is that of the fit. Or sequences of
        any lengths, each of shape (n_steps,) or (n_steps, n_features). Without an axis
        of features a step has one number.
    columns : Columns
        Those of the fit, or with ``learn`` only their owner.
    learn : bool
        Whether this is a fit.
    n_features : int or None, default=None
        Numbers a step that fit saw.

    Returns
    -------
    sequences : Sequences
        With values of shape (n_steps of all sequences, n_features), dtype float32.
    columns : Columns
        Those of X in a fit, else the given ones.

    Raises
    ------
    ValueError, TypeError
        X is nothing of the kind; where one sequence is to blame the message has its row.

    Warns
    -----
    UserWarning
        In a fit, steps have far more features than there are steps, or the numbers of a feature
        differ by less than float32 can tell.
    """
    rows = None if issparse(X) else _separate_sequences(X)  # scikit-learn refuses sparse data
    if rows is None:
        sequences, columns = _read_array(X, columns, learn)
        if learn:
            _warn_of_lost_digits([np.asarray(X)], sequences)
    else:
        if hasattr(X, "columns"):
            _, columns = columns.validate(X, learn=learn, skip_check_array=True)
        elif columns.n_features_in is None:
            columns = _named_features(rows, columns, learn)
        sequences = _read_sequences(rows, n_features)
        if learn:
            _warn_of_lost_digits(map(np.asarray, rows), sequences)
    width = sequences.values.shape[1]
    if n_features is not None and width != n_features:
        raise ValueError(
            f"X has {width} features a step, but {columns.owner} is expecting {n_features}"
            " features a step as input."
        )
    if learn:
        _warn_of_swapped_axes(sequences)
    return sequences, columns


def _separate_sequences(X: Any) -> list | None:
    """Return the rows of an X that holds a sequence in each; None for one array of numbers.

    Lists of lists that make an array are one; a list of arrays holds sequences, of which
    the next X may have others.
    """
    if isinstance(X, (list, tuple)):
        rows = list(X)
        if not any(hasattr(row, "__array__") for row in rows) and not _is_ragged(rows):
            return None
    elif hasattr(X, "__array__") and (rows_of := np.asarray(X)).dtype == object:
        is_column = rows_of.ndim == 2 and rows_of.shape[1] == 1
        if rows_of.ndim > 1 and not is_column:
            return None
        rows = list(rows_of[:, 0] if is_column else rows_of)
    else:
        return None
    return rows if any(_is_sequence(row) for row in rows) else None


def _is_list(row: Any) -> bool:
    if isinstance(row, (list, tuple)):  # the usual kinds, which are told quickly
        return True
    return isinstance(row, Sequence) and not isinstance(row, (str, bytes, bytearray))


def _is_sequence(row: Any) -> bool:
    return _is_list(row) or np.ndim(row) > 0


def _is_ragged(rows: list) -> bool:
    """Return whether lists have different lengths, or the lists in them have."""
    lists = [row for row in rows if _is_list(row)]
    if len(set(map(len, lists))) > 1:
        return True
    inner = [step for step in chain.from_iterable(lists) if _is_list(step)]
    return len(set(map(len, inner))) > 1


def _read_sequences(rows: list, n_features: int | None) -> Sequences:
    read: list[np.ndarray] = []
    for row, steps in enumerate(rows):
        array = _as_numbers(steps, row)
        expected = n_features if n_features is not None else read[0].shape[1] if read else None
        if expected is not None and array.shape[1] != expected:
            whose = "the sequences of fit have" if n_features is not None else "row 0 has"
            raise ValueError(
                f"X has {array.shape[1]} features a step in row {row}, where {whose}"
                f" {expected}. Sequences are of shape {_SHAPES}; transpose those of shape"
                " (n_features, n_steps)."
            )
        read.append(array)
    return Sequences.from_lengths(np.concatenate(read), np.array([len(array) for array in read]))


def _named_features(rows: list, columns: Columns, learn: bool) -> Columns:
    """Return the names of the features of frames; raise ValueError where frames differ in them."""
    frames = [row for row in rows if hasattr(row, "columns")]
    if learn and frames:
        learnt = columns.validate(frames[0], learn=True, skip_check_array=True)[1]
        columns = replace(learnt, n_features_in=None)
    if columns.feature_names_in is not None:
        names = columns.feature_names_in.tolist()
        for frame in frames:
            if list(frame.columns) != names:
                columns.validate(frame, learn=False, skip_check_array=True)
    return columns


def _as_numbers(steps: Any, row: int) -> np.ndarray:
    """Return one sequence as an array of shape (n_steps, n_features), dtype float32."""
    if is_masked(steps):
        raise ValueError(
            f"X is masked in row {row}, and what is masked would be read: leave it out."
        )
    try:
        array = np.asarray(steps)
        if array.dtype == object:  # of arrays, as tables hold sequences of vectors
            array = np.asarray(array.tolist())
    except ValueError:
        raise ValueError(
            f"The steps of X in row {row} differ in their number of features."
        ) from None
    if array.dtype.kind not in "biuf":
        found = array.dtype if array.dtype != object else brief(steps)
        raise ValueError(f"X holds something else than numbers in row {row}: {found}.")
    if array.ndim not in (1, 2):
        raise ValueError(
            f"Expected a sequence of shape {_SHAPES} in every row of X, got shape {array.shape}"
            f" in row {row}."
        )
    if array.size == 0:
        missing = "steps" if len(array) == 0 else "features a step"
        raise ValueError(f"The sequence of X in row {row} has 0 {missing}.")
    with np.errstate(over="ignore", invalid="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(_not_finite(array, row))
    return array.reshape(len(array), -1)


def _not_finite(steps: np.ndarray, row: int) -> str:
    """Return what is wrong with the steps of a row, in scikit-learn's words."""
    found = "NaN" if np.isnan(steps).any() else "infinity or a value too large for float32"
    return f"Input X contains {found} in row {row}."


def _read_array(X: Any, columns: Columns, learn: bool) -> tuple[Sequences, Columns]:
    n_steps = columns.n_features_in
    if not learn and getattr(X, "ndim", 0) == 3 and n_steps not in (None, X.shape[1]) and X.size:
        raise ValueError(
            f"X has sequences of {X.shape[1]} steps, but {columns.owner} is expecting {n_steps} as"
            " in fit. Sequences of several lengths are given as a list of arrays."
        )
    if hasattr(X, "__array__") and (dtype := np.asarray(X).dtype).kind in "mM":
        raise ValueError(f"X holds something else than numbers: {dtype}.")
    # Numbers beyond float32 become infinite, which is refused; numpy need not warn of them.
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            X, columns = columns.validate(
                X, learn=learn, dtype=np.float32, allow_nd=True, ensure_all_finite=False
            )
        except ValueError:
            _check_no_text(X)
            raise
        except OverflowError as error:  # of an int of Python
            raise ValueError(f"X holds a number that is too large: {error}.") from None
        # Finite where all numbers are; rows are looked at only where it is not.
        total = X.sum(dtype=np.float64)
    if not np.isfinite(total) and not get_config()["assume_finite"]:
        is_finite = np.isfinite(X).reshape(len(X), -1).all(axis=1)
        row = int(is_finite.argmin())
        raise ValueError(_not_finite(X[row], row))
    if X.ndim > 3:
        raise ValueError(
            f"Found array with dim {X.ndim}. X must be of shape (n_samples, n_steps) or"
            " (n_samples, n_steps, n_features)."
        )
    if X.size == 0:
        missing = "step(s)" if X.shape[1] == 0 else "feature(s) a step"
        raise ValueError(f"Found array with 0 {missing} (shape={X.shape}) for X.")
    values = X.reshape(X.shape[0] * X.shape[1], -1)
    return Sequences.from_lengths(values, np.full(len(X), X.shape[1])), columns


def _check_no_text(X: Any) -> None:
    for row, steps in enumerate(_values(X)):
        for value in _values(steps):
            if isinstance(value, (str, bytes)):
                raise ValueError(
                    f"X holds text in row {row}: {brief(value)}. With embedding_dim=None steps are"
                    " numbers; LSTMTextClassifier(embedding_dim=128), the default, reads texts."
                ) from None


def _values(X: Any) -> Any:
    """Return what X holds, row by row; X itself where it is a single value."""
    return X if isinstance(X, (list, tuple)) else np.atleast_1d(np.asarray(X, dtype=object))


def _warn_of_lost_digits(arrays: Iterable[np.ndarray], sequences: Sequences) -> None:
    """Warn of a feature that varies in X by less than its size lets float32 hold."""
    n_features = sequences.values.shape[1]
    largest = np.abs(sequences.values).max(axis=0)
    if (np.ptp(sequences.values, axis=0) > _LOST * largest).all():
        return
    low, high = np.full(n_features, np.inf), np.full(n_features, -np.inf)
    for array in arrays:
        if array.dtype == object:  # of arrays
            array = np.array(array.tolist())
        if array.dtype.kind not in "biuf":  # numbers in strings
            array = array.astype(np.float64)
        steps = array.reshape(-1, n_features)
        low, high = np.minimum(low, steps.min(axis=0)), np.maximum(high, steps.max(axis=0))
    lost = np.flatnonzero((high > low) & (high - low <= _LOST * largest))
    if len(lost):
        first = lost[0]
        warnings.warn(
            f"Feature {first} of X lies between {low[first]} and {high[first]}, and X is read as"
            " float32, which hardly tells these apart: subtract the smallest value first.",
            UserWarning,
            stacklevel=2,
        )


def _warn_of_swapped_axes(sequences: Sequences) -> None:
    # Sequences of vectors can have more features than steps, too, but seldom one length.
    lengths, width = sequences.lengths, sequences.values.shape[1]
    if lengths.min() == lengths.max() and width >= _SUSPICIOUS * lengths[0]:
        warnings.warn(
            f"X has {lengths[0]} step(s) of {width} features each. Collections of shape"
            " (n_samples, n_features, n_steps), as aeon and sktime hold them, have to be turned"
            " with X.transpose(0, 2, 1).",
            UserWarning,
            stacklevel=2,
        )
