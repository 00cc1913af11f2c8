"""Validation of X: every accepted kind, and every error about X that reading does not find."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from numbers import Integral
from typing import Any, Literal

import numpy as np
from scipy.sparse import issparse

from .brief import brief
from .columns import Columns
from .masks import check_no_mask
from .numbers import read_numbers
from .sequences import PADDING, Sequences

Kind = Literal["texts", "token ids", "numbers", "empty"]

# As SequenceVectorizer names them, with the name of a step before in a ColumnTransformer.
_TOKEN_COLUMN = re.compile(r"(.*__)?token\d+")

_EXPECTED = (
    "Expected X to be texts, lists of tokens, lists of token ids, or a 2-D array of token ids"
    " padded with zeros"
)
_UNMASKED = "give sequences of different lengths as a list, and token ids with 0 as padding"
_FEED_DIRECTLY = "LSTMTextClassifier(embedding_dim=None) reads values as they are"


@dataclass(frozen=True)
class Documents:
    """A valid X, before it is read.

    Parameters
    ----------
    kind : {"texts", "token ids", "numbers", "empty"}
        What the documents hold; "empty" are lists of nothing.
    content : ndarray of shape (n_documents, n_steps), list or Sequences
        The array holds padded ids. The list holds only str and bytes, only sequences of
        str, or only sequences of integers. Numbers are read already.
    columns : Columns
        The columns of X.
    """

    kind: Kind
    content: Any
    columns: Columns

    def __len__(self) -> int:
        return len(self.content)

    @property
    def are_raw_texts(self) -> bool:
        """Whether they are texts, and neither lists of tokens nor ids."""
        return self.kind == "texts" and isinstance(self.content[0], (str, bytes))

    def copies(self) -> np.ndarray:
        """Return a number for every document, the same for equal ones; numbers all differ."""
        if self.kind == "numbers":
            return np.arange(len(self))
        found: dict[Any, int] = {}
        key = _ids_but_padding if self.kind == "token ids" else _text_or_tokens
        return np.array([found.setdefault(key(one), len(found)) for one in self.content])

    def take(self, rows: np.ndarray) -> Documents:
        """Return the texts or ids of the given rows, in that order."""
        if isinstance(self.content, list):
            content: Any = [self.content[row] for row in rows]
        else:
            content = self.content[rows]
        return Documents(self.kind, content, self.columns)

    def followed_by(self, others: Documents) -> Documents:
        """Return these documents and others of their kind."""
        if self.kind == "numbers":
            content: Any = Sequences.concatenate([self.content, others.content])
        elif isinstance(self.content, np.ndarray) and isinstance(others.content, np.ndarray):
            arrays = self.content, others.content
            width = max(array.shape[1] for array in arrays)
            padding = [((0, 0), (0, width - array.shape[1])) for array in arrays]
            content = np.concatenate(list(map(np.pad, arrays, padding)))
        else:
            content = [*self.content, *others.content]
        return Documents(self.kind, content, self.columns)


def _ids_but_padding(document: Any) -> bytes:
    ids = np.asarray(document, dtype=np.int64)
    return ids[ids != PADDING].tobytes()


def _text_or_tokens(document: Any) -> Any:
    if isinstance(document, (str, bytes)):
        return document
    return tuple(document.tolist() if isinstance(document, np.ndarray) else document)


def check_documents(X: Any, columns: Columns, *, learn: bool) -> Documents:
    """Validate an X of texts, tokens or token ids.

    Parameters
    ----------
    X : object
        What the user passed.
    columns : Columns
        Those of the fit, or with ``learn`` only their owner.
    learn : bool
        Whether this is a fit.

    Returns
    -------
    documents : Documents
        Of any kind but "numbers".

    Raises
    ------
    ValueError, TypeError
        X is nothing of the kind.
    """
    if isinstance(X, (str, bytes)):
        raise ValueError("Iterable over raw text documents expected, string object received.")
    if issparse(X):
        raise TypeError(
            "Sparse data was passed for X, but texts or dense token ids are required. Counts and"
            " TF-IDF have no order: give the texts themselves, or what a SequenceVectorizer makes"
            " of them. X.toarray() makes ids dense."
        )
    check_no_mask(X, "X", _UNMASKED)
    if hasattr(X, "shape") and hasattr(X, "columns"):
        dtypes = list(getattr(X, "dtypes", ()))
        is_nullable = any(not isinstance(dtype, np.dtype) for dtype in dtypes)
        if is_nullable and all(getattr(dtype, "kind", "O") in "iu" for dtype in dtypes):
            is_missing = np.asarray(X.isna()).any(axis=1)
            if is_missing.any():
                raise ValueError(
                    f"Input X contains NA in row {is_missing.argmax()}; token ids are integers,"
                    " and 0 is padding."
                )
            # pandas' nullable integers would be objects
            is_unsigned = all(getattr(dtype, "kind", "O") == "u" for dtype in dtypes)
            X = X.astype(np.uint64 if is_unsigned else np.int64)
        if X.shape[1] == 0 or (X.shape[1] > 1 and np.asarray(X).dtype.kind not in "iufcb"):
            raise ValueError(
                f"Expected a frame with one column of texts, got {X.shape[1]} columns."
            )
        X, columns = columns.validate(X, learn=learn, skip_check_array=True)
        _check_numbering(columns.feature_names_in)
        if not isinstance(X, Iterable):  # a table of Arrow
            X = np.asarray(X)
    if not isinstance(X, (list, tuple)):
        if not isinstance(X, Iterable) or isinstance(X, (dict, set, frozenset)):
            raise TypeError(f"{_EXPECTED}, got {type(X).__name__}.")
        X = collected(X)
        X = X if isinstance(X, list) else np.asarray(X)
    if isinstance(X, np.ndarray):
        if X.ndim:
            _check_not_empty(X)
        if X.ndim == 2 and X.dtype.kind in "iu":
            if X.dtype == np.uint64:  # with int64 numpy would make floats of it
                largest = X.max(initial=0)
                if largest > np.iinfo(np.int64).max:
                    raise ValueError(
                        f"X holds a token id that does not fit into int64: {largest}."
                    )
                X = X.astype(np.int64)
            if learn:
                _warn_of_gaps(X)
            return Documents("token ids", X, columns)
        X = _rows_of(X)
    _check_not_empty(X)
    documents = list(X)
    kind = _kind_of(documents)
    if learn and kind == "texts":
        _warn_of_rows(documents)
    return Documents(kind, documents, columns)


def check_numbers(
    X: Any, columns: Columns, *, learn: bool, n_features: int | None = None
) -> Documents:
    """Validate and read numeric sequences; see `numbers.read_numbers`."""
    X = collected(X)
    check_no_mask(X, "X", _UNMASKED)
    if isinstance(X, (list, tuple)):
        _check_not_empty(X)  # in an array scikit-learn finds it
    sequences, columns = read_numbers(X, columns, learn=learn, n_features=n_features)
    return Documents("numbers", sequences, columns)


def collected(X: Any) -> Any:
    """Return a list of what can only be iterated over, and everything else as it is.

    That is an iterator, the values of a dict, or a sequence of another kind, of which numpy would
    make one of strings. A set has no order that labels could follow.
    """
    is_known = isinstance(X, (list, tuple, str, bytes, Mapping, set, frozenset))
    if is_known or not isinstance(X, Iterable):
        return X
    if isinstance(X, memoryview):
        return np.asarray(X)
    has_rows = hasattr(X, "__array__") or hasattr(X, "columns") or issparse(X)
    return X if has_rows else list(X)


def _check_not_empty(X: Any) -> None:
    if len(X) == 0:
        raise ValueError("Found array with 0 sample(s) for X while a minimum of 1 is required.")


def _check_numbering(columns: np.ndarray | None) -> None:
    """Refuse ids of a vectorizer beside other numbers, where the names of the columns show it."""
    names = [] if columns is None else list(map(_TOKEN_COLUMN.fullmatch, columns))
    if any(names) and len({name[1] if name else False for name in names}) > 1:
        raise ValueError(
            "X has columns of a SequenceVectorizer beside those of another transformer. Their"
            " values would be read as ids of the same numbering. Give every column of text a"
            " classifier of its own and combine their predictions, as with StackingClassifier."
        )


def _warn_of_gaps(X: np.ndarray) -> None:
    """Warn of zeros between ids, which padding does not leave but a further column does."""
    holds_id = X != 0
    begins = np.diff(holds_id, axis=1, prepend=False) & holds_id
    n_runs = begins.sum(axis=1)
    n_rows, n_padded = np.sum(n_runs > 1), np.sum(~holds_id.all(axis=1))
    if 2 * n_rows > n_padded:
        warnings.warn(
            f"X has zeros between the ids of {n_rows} of {len(X)} rows, and zeros are not read."
            " Columns beside those of a SequenceVectorizer are read as ids of the same"
            " numbering: give them an estimator of their own and combine the predictions, as with"
            " StackingClassifier.",
            UserWarning,
            stacklevel=2,
        )


def _warn_of_rows(documents: list) -> None:
    """Warn of rows of a table with a single column, which are lists of one token."""
    if not all(
        isinstance(document, (list, tuple)) and len(document) == 1 for document in documents
    ):
        return
    n_with_blanks = sum(len(token.split()) > 1 for (token,) in documents)
    if 2 * n_with_blanks > len(documents):
        warnings.warn(
            "Every document of X is a list of one token, and most of these hold blanks. A list"
            " holds the tokens of a text. Give the texts themselves: [row[0] for row in X].",
            UserWarning,
            stacklevel=2,
        )


def _rows_of(X: np.ndarray) -> list:
    """Return the documents of an array that does not hold padded ids."""
    if X.dtype.kind in "fcb":
        raise ValueError(
            f"X holds values of dtype {X.dtype}, but token ids are integers: cast them with"
            f" X.astype(int) if they are ids. {_FEED_DIRECTLY}. Columns beside those of a"
            " SequenceVectorizer need an estimator of their own; a ClassifierChain appends"
            " labels to X: give the classifier itself all columns of y."
        )
    if X.ndim == 0:
        raise TypeError(f"{_EXPECTED}, got a single value: {brief(X[()])}.")
    if X.ndim == 1 and X.dtype.kind in "iu":
        raise ValueError(
            f"Expected 2D array, got 1D array instead: X of shape {X.shape} holds token ids;"
            " one document is X.reshape(1, -1)."
        )
    if X.ndim == 2 and X.dtype.kind not in "iu":
        if X.shape[1] != 1 and any(isinstance(value, (str, bytes)) for value in X.flat):
            raise ValueError(
                f"Expected X to have one column of texts, got {X.shape[1]} columns; rows of"
                " tokens are given as lists."
            )
        X = X[:, 0] if X.shape[1] == 1 else X
    if X.ndim > 2:
        raise ValueError(f"Found array with dim {X.ndim}. {_EXPECTED}. {_FEED_DIRECTLY}.")
    return X.tolist()


def _kind_of(documents: list) -> Kind:
    types = set(map(type, documents))
    if any(issubclass(kind, (str, bytes)) for kind in types):
        return "texts"  # the vectorizer refuses what else is among them
    for row, document in enumerate(documents):
        is_array = isinstance(document, np.ndarray) and document.ndim > 0
        if not (is_array or isinstance(document, (list, tuple))):
            remedy = " Paths are given as str." if isinstance(document, os.PathLike) else ""
            raise ValueError(
                f"{_EXPECTED}, got {type(document).__name__} in row {row}: {brief(document)}."
                + remedy
            )
    types = set(map(type, chain.from_iterable(documents)))
    if not types:
        return "empty"
    if all(issubclass(kind, (str, bytes)) for kind in types):
        return "texts"
    if bool not in types and all(issubclass(kind, Integral) for kind in types):
        return "token ids"
    names = ", ".join(sorted({kind.__name__ for kind in types}))
    raise ValueError(f"{_EXPECTED}, got documents that hold {names}. {_FEED_DIRECTLY}.")
