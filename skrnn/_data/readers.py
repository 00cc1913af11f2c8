"""Every accepted kind of X, read into sequences, with every error about X."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from itertools import chain
from numbers import Integral
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import validate_data

from .sequences import FIRST_TOKEN, PADDING, UNKNOWN, Sequences, blocks
from .vectorizer import SequenceVectorizer

_EXPECTED = (
    "Expected X to be texts, lists of tokens, lists of token ids, or a 2-D array of token ids"
    " padded with zeros"
)
_FEED_DIRECTLY = "pass embedding_dim=None to feed values directly"


# The default reads this share of the training texts to the end, within these limits. The rare
# long texts of a corpus of short ones are read less well if they are not cut: the network
# has hardly seen their like.
_READ_IN_FULL = 0.75
_LEAST_MAXLEN, _MOST_MAXLEN = 400, 1000


def default_vectorizer() -> SequenceVectorizer:
    """Return what the parameters of ``vectorizer=None`` are set on.

    The length is limited: a single text of a million words would otherwise decide how
    much memory a batch takes.
    """
    return SequenceVectorizer(maxlen=_MOST_MAXLEN)


class TextReader:
    """Texts and lists of tokens, through a `SequenceVectorizer`.

    Parameters
    ----------
    vectorizer : SequenceVectorizer or None
        An unfitted vectorizer, which is cloned; None means `default_vectorizer`, of which
        `fit` lowers ``maxlen`` to what is usual in the texts.
    """

    kind = "texts"

    def __init__(self, vectorizer: SequenceVectorizer | None) -> None:
        self.chooses_maxlen = vectorizer is None
        self.vectorizer = default_vectorizer() if vectorizer is None else clone(vectorizer)

    def fit(self, documents: list) -> Sequences:
        """Learn the vocabulary and return the texts as sequences."""
        blocks = self.vectorizer._fit_blocks(documents, keep=True)
        if self.chooses_maxlen:
            lengths = np.concatenate([block.lengths for block in blocks])
            usual = np.quantile(lengths, _READ_IN_FULL)
            self.vectorizer.maxlen = int(np.clip(usual, _LEAST_MAXLEN, _MOST_MAXLEN))
            for index, block in enumerate(blocks):
                blocks[index] = self.vectorizer._trimmed(block)
        return Sequences.concatenate(blocks)

    def blocks(self, documents: list) -> Iterator[Sequences]:
        """Yield the texts as sequences of the learnt vocabulary, block by block."""
        return self.vectorizer._transform_blocks(documents)

    @property
    def tokens(self) -> list[str]:
        """The vocabulary, in the order of the ids."""
        return self.vectorizer.get_feature_names_out().tolist()

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, padding and the unknown token included."""
        return FIRST_TOKEN + len(self.vectorizer.vocabulary_)


class IdReader:
    """Token ids of the user's own numbering, in a padded array or in lists."""

    kind = "token ids"

    def fit(self, documents: np.ndarray | list) -> Sequences:
        """Learn which ids occur and return the documents as sequences."""
        seen = [np.unique(values) for values, _ in _flat_blocks(documents)]
        self.ids = np.unique(np.concatenate(seen))
        return Sequences.concatenate(self.blocks(documents))

    def blocks(self, documents: np.ndarray | list) -> Iterator[Sequences]:
        """Yield the documents as sequences; ids that `fit` did not see become unknown."""
        for values, lengths in _flat_blocks(documents):
            yield self._encode(values, lengths)

    @property
    def tokens(self) -> list[int]:
        """The ids that X holds, in the order of the network's."""
        return self.ids.tolist()

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, padding and the unknown token included."""
        return FIRST_TOKEN + len(self.ids)

    def _encode(self, values: np.ndarray, lengths: np.ndarray) -> Sequences:
        positions = np.searchsorted(self.ids, values)
        # An id past the end is compared with the last one, to which it is not equal.
        known = np.append(self.ids, PADDING)[np.minimum(positions, len(self.ids) - 1)] == values
        tokens = np.where(known, positions + FIRST_TOKEN, UNKNOWN).astype(np.int32)
        return Sequences.from_lengths(tokens, lengths).without_empty(UNKNOWN)


def make_reader(documents: Any, vectorizer: SequenceVectorizer | None) -> TextReader | IdReader:
    """Return the reader for documents as `as_documents` returns them."""
    return TextReader(vectorizer) if _kind_of(documents) == TextReader.kind else IdReader()


def check_kind(documents: Any, reader: TextReader | IdReader, name: str) -> None:
    """Raise ValueError where the documents are of another kind than in fit."""
    kind = _kind_of(documents)
    if kind not in (reader.kind, "empty"):
        raise ValueError(f"X holds {kind}, but this {name} was fitted on {reader.kind}.")


def as_documents(estimator: BaseEstimator, X: Any, *, reset: bool) -> np.ndarray | list:
    """Bring X into one of two forms: an array of padded ids, or a list of documents.

    Parameters
    ----------
    estimator : estimator
        Whose ``feature_names_in_`` is set or checked where X is a frame.
    X : object
        What the user passed.
    reset : bool
        Whether this is a fit.

    Returns
    -------
    documents : ndarray of shape (n_documents, n_steps) or list
        The array holds integers; the list holds only str and bytes, only sequences
        of str, or only sequences of integers.

    Raises
    ------
    ValueError, TypeError
        X is nothing of the kind.
    """
    if isinstance(X, (str, bytes)):
        raise ValueError("Iterable over raw text documents expected, string object received.")
    if issparse(X):
        raise TypeError(
            "Sparse data was passed for X, but texts or dense token ids are required. Use"
            " X.toarray() to convert to a dense array."
        )
    if hasattr(X, "columns"):
        if X.shape[1] != 1 and np.asarray(X).dtype.kind not in "iufcb":
            raise ValueError(
                f"Expected a frame with one column of texts, got {X.shape[1]} columns."
            )
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    if not isinstance(X, (list, tuple)):
        if not isinstance(X, Iterable) or isinstance(X, (dict, set)):
            raise TypeError(f"{_EXPECTED}, got {type(X).__name__}.")
        X = list(X) if not isinstance(X, Sized) else np.asarray(X)
    if isinstance(X, np.ndarray):
        if X.ndim:
            _not_empty(X)
        if X.ndim == 2 and X.dtype.kind in "iu":
            return X
        X = _rows_of(X)
    documents = list(_not_empty(X))
    _kind_of(documents)
    return documents


def read_numbers(
    estimator: BaseEstimator, X: Any, *, reset: bool, n_features: int | None
) -> Sequences:
    """Read numeric sequences of equal length.

    Parameters
    ----------
    estimator : estimator
        Whose ``n_features_in_`` and ``feature_names_in_`` are set or checked.
    X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
        Numbers; a 2-D array has one number a step.
    reset : bool
        Whether this is a fit.
    n_features : int or None
        Numbers a step that fit saw.

    Returns
    -------
    sequences : Sequences
        With values of shape (n_samples * n_steps, n_features), dtype float32.
    """
    # Numbers beyond float32 become infinite, which is refused; numpy need not warn of them.
    with np.errstate(over="ignore", invalid="ignore"):
        X = validate_data(estimator, X, reset=reset, dtype=np.float32, allow_nd=True)
    if X.ndim > 3:
        raise ValueError(
            f"Found array with dim {X.ndim}. X must be of shape (n_samples, n_steps) or"
            " (n_samples, n_steps, n_features)."
        )
    if X.size == 0:
        missing = "step(s)" if X.shape[1] == 0 else "feature(s) a step"
        raise ValueError(f"Found array with 0 {missing} (shape={X.shape}) for X.")
    values = X.reshape(X.shape[0] * X.shape[1], -1)
    if n_features is not None and values.shape[1] != n_features:
        raise ValueError(
            f"X has {values.shape[1]} features a step, but {type(estimator).__name__} is"
            f" expecting {n_features} features a step as input."
        )
    return Sequences.from_lengths(values, np.full(len(X), X.shape[1]))


def _not_empty(X: Any) -> Any:
    if len(X) == 0:
        raise ValueError("Found array with 0 sample(s) for X while a minimum of 1 is required.")
    return X


def _rows_of(X: np.ndarray) -> list:
    """Return the documents of an array that does not hold padded ids."""
    if X.dtype.kind in "fcb":
        raise ValueError(
            f"X holds values of dtype {X.dtype}, but token ids are integers: cast them with"
            f" X.astype(int) if they are ids, or {_FEED_DIRECTLY}."
        )
    if X.ndim == 0:
        raise TypeError(f"{_EXPECTED}, got a single value: {X[()]!r}.")
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
        raise ValueError(f"Found array with dim {X.ndim}. {_EXPECTED}, or {_FEED_DIRECTLY}.")
    return X.tolist()


def _kind_of(documents: np.ndarray | list) -> str:
    """Return "texts", "token ids" or, for lists of nothing, "empty"."""
    if isinstance(documents, np.ndarray):
        return IdReader.kind
    types = set(map(type, documents))
    if any(issubclass(kind, (str, bytes)) for kind in types):
        return TextReader.kind  # the vectorizer refuses what else is among them
    for row, document in enumerate(documents):
        if not isinstance(document, (list, tuple, np.ndarray)):
            raise ValueError(
                f"{_EXPECTED}, got {type(document).__name__} in row {row}: {document!r}."
            )
    types = set(map(type, chain.from_iterable(documents)))
    if not types:
        return "empty"
    if all(issubclass(kind, (str, bytes)) for kind in types):
        return TextReader.kind
    if bool not in types and all(issubclass(kind, Integral) for kind in types):
        return IdReader.kind
    names = ", ".join(sorted({kind.__name__ for kind in types}))
    raise ValueError(f"{_EXPECTED}, got documents that hold {names}; {_FEED_DIRECTLY}.")


def _flat_blocks(documents: np.ndarray | list) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield what `_flatten_ids` returns, for one run of documents after the other."""
    if isinstance(documents, np.ndarray):
        lengths = np.full(len(documents), documents.shape[1])
    else:
        lengths = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
    for start, stop in blocks(lengths):
        yield _flatten_ids(documents[start:stop], lengths[start:stop])


def _flatten_ids(
    documents: np.ndarray | list, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return all ids but padding, and how many of them each document has."""
    if isinstance(documents, np.ndarray):
        values = documents.ravel()
    else:
        try:
            values = np.fromiter(chain.from_iterable(documents), np.int64, int(lengths.sum()))
        except OverflowError as error:
            raise ValueError(
                f"X holds a token id that does not fit into int64: {error}."
            ) from None
    if len(values) and values.min() < 0:
        raise ValueError(
            f"X holds the negative token id {values.min()}; token ids are positive integers,"
            " and 0 is padding."
        )
    valid = values != PADDING
    row = np.repeat(np.arange(len(lengths)), lengths)[valid]
    return values[valid], np.bincount(row, minlength=len(lengths))
