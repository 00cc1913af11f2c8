"""Validation of raw documents for the vectorizer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from numbers import Number
from typing import IO, Any, TypeAlias

import numpy as np

from .brief import brief

_TEXT = (str, bytes)
_TOKENISED = (list, tuple, np.ndarray)

Document: TypeAlias = str | bytes | list[str] | tuple[str, ...] | np.ndarray | os.PathLike | IO


def as_iterable(raw_documents: Any) -> Iterable:
    """Return the container of documents in its fastest iterable form."""
    if isinstance(raw_documents, _TEXT):
        kind = "string" if isinstance(raw_documents, str) else "bytes"
        raise ValueError(f"Iterable over raw text documents expected, {kind} object received.")
    shape = getattr(raw_documents, "shape", None)
    if shape is not None and len(shape) != 1:
        # A data frame is an iterable over its column names, and a column of an array
        # one over texts of a single token: both would pass for documents.
        raise ValueError(
            "One-dimensional iterable over raw text documents expected, "
            f"{type(raw_documents).__name__} of shape {tuple(shape)} received."
        )
    for method in ("tolist", "to_list", "to_pylist"):  # numpy and pandas, polars, pyarrow
        if hasattr(raw_documents, method):
            return getattr(raw_documents, method)()
    return raw_documents


def valid_documents(documents: Iterable, kind: str, analyzer: str | Callable) -> Iterator:
    """Yield the documents for a vectorizer, or raise a ValueError for what is none.

    Parameters
    ----------
    documents : iterable
        What the user passed.
    kind, analyzer : str or callable
        The parameters ``input`` and ``analyzer`` of the vectorizer.
    """
    if kind != "content":
        return iter(documents)
    if callable(analyzer):
        return _without_missing(documents)
    return _texts_or_tokens(documents, analyzer)


def _texts_or_tokens(documents: Iterable, analyzer: str) -> Iterator[str | bytes | list]:
    """Yield texts as they are and tokenised texts as lists, or raise a ValueError."""
    all_tokenised = None
    for position, document in enumerate(documents):
        tokenised = isinstance(document, _TOKENISED)
        if not (tokenised or isinstance(document, _TEXT)):
            raise _unexpected(position, "a text (str or bytes) or a list of str tokens", document)
        if tokenised is not all_tokenised:
            if all_tokenised is not None:
                expected = "a tokenised text" if all_tokenised else "a text (str or bytes)"
                raise _unexpected(position, f"{expected} like the documents before it", document)
            if tokenised and analyzer not in ("unicode", "word"):
                expected = f"a text (str or bytes), since analyzer={analyzer!r} cuts texts"
                raise _unexpected(position, expected, document)
            all_tokenised = tokenised
        yield _token_list(position, document) if tokenised else document


def _token_list(position: int, document: list | tuple | np.ndarray) -> list[str]:
    if isinstance(document, np.ndarray):
        if document.ndim != 1:
            raise _unexpected(position, "a one-dimensional array of str tokens", document)
        tokens = document.tolist()
    else:
        tokens = list(document)
    if not all(issubclass(kind, str) for kind in set(map(type, tokens))):
        stranger = next(token for token in tokens if not isinstance(token, str))
        raise _unexpected(position, "every token to be a str", stranger)
    return tokens


def _without_missing(documents: Iterable) -> Iterator:
    """Yield documents of any kind, but raise a ValueError for missing ones and numbers."""
    for position, document in enumerate(documents):
        if (
            document is None
            or isinstance(document, Number)
            or type(document).__name__ in ("NAType", "NaTType")  # without importing pandas
        ):
            raise _unexpected(position, "a document for the analyzer", document)
        yield document


def _unexpected(position: int, expected: str, document: object) -> ValueError:
    return ValueError(
        f"Document {position}: expected {expected}, "
        f"got {brief(document)} of type {type(document).__name__}."
    )
