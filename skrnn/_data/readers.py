"""Readers: they learn from the X of a fit how to turn documents into sequences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import clone

from .columns import Columns
from .documents import valid_documents
from .inputs import Documents, check_documents, check_numbers
from .parts import WordParts
from .sequences import FIRST_TOKEN, PADDING, UNKNOWN, Sequences, blocks
from .vectorizer import SequenceVectorizer


@dataclass(frozen=True)
class TextReader:
    """Reader of texts and lists of tokens.

    Parameters
    ----------
    columns : Columns
        The columns of the X of the fit.
    vectorizer : SequenceVectorizer
        The fitted vectorizer.
    parts : WordParts or None
        The parts that the words of the vocabulary share; None where words have no parts.
    """

    columns: Columns
    vectorizer: SequenceVectorizer
    parts: WordParts | None = None

    kind: ClassVar = "texts"
    n_features: ClassVar = None

    @classmethod
    def learn(
        cls,
        documents: Documents,
        vectorizer: SequenceVectorizer,
        subwords: bool | Literal["auto"],
    ) -> tuple[TextReader, Sequences]:
        """Learn the vocabulary and return the reader and the documents as sequences.

        Parameters
        ----------
        documents : Documents
            Texts or lists of tokens.
        vectorizer : SequenceVectorizer
            It is cloned.
        subwords : bool or "auto"
            Whether words have parts. "auto": unless they are characters.
        """
        fitted = clone(vectorizer)
        if subwords == "auto":
            subwords = fitted.analyzer not in ("char", "char_wb")
        unseen: dict[str, int] | None = {} if subwords and fitted.oov != "drop" else None
        read = fitted._fit_blocks(documents.content, keep=True, unseen=unseen)
        reader = cls(documents.columns, fitted)
        if subwords:
            reader = reader._with_parts()
        if unseen:
            parts, words = reader.parts or WordParts(reader.tokens), list(unseen)
            read = [parts.spelt_out(block, words) for block in read]
        return reader, Sequences.concatenate(read)

    def _with_parts(self) -> TextReader:
        """Return the same with words that have parts, if they share any."""
        parts = WordParts(self.tokens)
        return replace(self, parts=parts) if parts.names else self

    @classmethod
    def restore(cls, columns: Columns, description: dict[str, Any]) -> TextReader:
        """Return the reader that `describe` described; ValueError where it cannot be one."""
        vectorizer = clone(description["vectorizer"])
        # The first files have neither: their vectorizers learnt no length, and words had no
        # parts.
        vectorizer._restore(
            description["vocabulary"], description.get("maxlen", vectorizer.maxlen)
        )
        reader = cls(columns, vectorizer)
        return reader._with_parts() if description.get("subwords", False) else reader

    def describe(self) -> dict[str, Any]:
        """Return all that makes the reader, but the columns."""
        return {
            "vectorizer": self.vectorizer,
            "vocabulary": self.tokens,
            "maxlen": self.vectorizer.maxlen_,
            "subwords": self.parts is not None,
        }

    def check(self, X: Any) -> Documents:
        """Validate an X that has to be like that of the fit."""
        return check_later_documents(X, self.kind, self.columns)

    def read(self, documents: Documents) -> Iterator[Sequences]:
        """Yield the documents as sequences, block by block.

        A word without an id is the unknown token; where words have parts, its parts follow
        as negative numbers (see `WordParts.spelt_out`).
        """
        if self.parts is None or self.vectorizer.oov == "drop":
            yield from self.vectorizer._transform_blocks(documents.content)
            return
        unseen: dict[str, int] = {}
        for block in self.vectorizer._transform_blocks(documents.content, unseen):
            yield self.parts.spelt_out(block, list(unseen))
            unseen.clear()

    @property
    def n_parts(self) -> int:
        """Number of parts that words share."""
        return 0 if self.parts is None else len(self.parts.names)

    @property
    def n_part_entries(self) -> int:
        """Number of parts of all words together."""
        return 0 if self.parts is None else len(self.parts.of_ids.values)

    @property
    def tokens(self) -> list[str]:
        """The vocabulary, in the order of the ids."""
        return self.vectorizer.get_vocabulary(include_special_tokens=False)

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, padding and the unknown token included."""
        return FIRST_TOKEN + len(self.vectorizer.vocabulary_)


@dataclass(frozen=True)
class IdReader:
    """Reader of token ids of the user's own numbering, in a padded array or in lists.

    Parameters
    ----------
    columns : Columns
        The columns of the X of the fit.
    ids : ndarray of shape (n_ids,), dtype=int64
        The ids of the fit, sorted.
    """

    columns: Columns
    ids: np.ndarray

    kind: ClassVar = "token ids"
    n_features: ClassVar = None
    n_parts: ClassVar = 0
    n_part_entries: ClassVar = 0

    @classmethod
    def learn(cls, documents: Documents) -> tuple[IdReader, Sequences]:
        """Learn which ids occur and return the reader and the documents as sequences."""
        seen = [np.unique(values) for values, _ in flat_ids(documents.content)]
        ids = np.unique(np.concatenate(seen)).astype(np.int64)
        reader = cls(documents.columns, ids)
        return reader, Sequences.concatenate(reader.read(documents))

    @classmethod
    def restore(cls, columns: Columns, description: dict[str, Any]) -> IdReader:
        """Return the reader that `describe` described; ValueError where it cannot be one."""
        ids = np.array(description["ids"], dtype=np.int64)
        sound = ids.ndim == 1 and ids.tolist() == description["ids"]
        if not sound or (np.diff(ids, prepend=0) <= 0).any():
            raise ValueError("ids are not a sorted list of distinct positive integers")
        return cls(columns, ids)

    def describe(self) -> dict[str, Any]:
        """Return all that makes the reader, but the columns."""
        return {"ids": self.tokens}

    def check(self, X: Any) -> Documents:
        """Validate an X that has to be like that of the fit."""
        return check_later_documents(X, self.kind, self.columns)

    def read(self, documents: Documents) -> Iterator[Sequences]:
        """Yield the documents as sequences; ids that the fit lacked become unknown."""
        for values, lengths in flat_ids(documents.content):
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
        # An id past the end is compared with the last one, to which it is not equal; where `fit`
        # saw no id at all, with the padding.
        known = np.append(self.ids, PADDING)[np.minimum(positions, len(self.ids) - 1)] == values
        tokens = np.where(known, positions + FIRST_TOKEN, UNKNOWN).astype(np.int32)
        return Sequences.from_lengths(tokens, lengths).without_empty(UNKNOWN)


@dataclass(frozen=True)
class NumberReader:
    """Reader of numeric sequences.

    Parameters
    ----------
    columns : Columns
        The columns of the X of the fit.
    n_features : int
        Numbers a step.
    """

    columns: Columns
    n_features: int

    kind: ClassVar = "numbers"
    tokens: ClassVar = None
    vocabulary_size: ClassVar = None
    n_parts: ClassVar = 0
    n_part_entries: ClassVar = 0

    @classmethod
    def learn(cls, documents: Documents) -> tuple[NumberReader, Sequences]:
        """Return the reader and the documents as sequences."""
        sequences = documents.content
        return cls(documents.columns, sequences.values.shape[1]), sequences

    def check(self, X: Any) -> Documents:
        """Validate an X that has to be like that of the fit."""
        return check_later_documents(X, self.kind, self.columns, self.n_features)

    def read(self, documents: Documents) -> Iterator[Sequences]:
        """Yield the documents as sequences, in one block."""
        yield documents.content


Reader = TextReader | IdReader | NumberReader


def check_first_documents(X: Any, owner: str, *, are_numbers: bool) -> Documents:
    """Validate the X of a fit that starts anew.

    Parameters
    ----------
    X : object
        What the user passed.
    owner : str
        Name of the estimator, for messages.
    are_numbers : bool
        Whether X holds numbers that are fed as they are.
    """
    check = check_numbers if are_numbers else check_documents
    return check(X, Columns(owner), learn=True)


def check_later_documents(
    X: Any, kind: str, columns: Columns, n_features: int | None = None
) -> Documents:
    """Validate an X that has to be like that of a fit.

    Parameters
    ----------
    X : object
        What the user passed.
    kind : {"texts", "token ids", "numbers"}
        What the documents of the fit hold.
    columns : Columns
        The columns of the X of the fit.
    n_features : int or None, default=None
        Numbers a step in the fit.
    """
    if kind == NumberReader.kind:
        return check_numbers(X, columns, learn=False, n_features=n_features)
    documents = check_documents(X, columns, learn=False)
    if documents.kind not in (kind, "empty"):
        raise ValueError(
            f"X holds {documents.kind}, but this {columns.owner} was fitted on {kind}."
        )
    return documents


def check_each_text(documents: Documents, vectorizer: SequenceVectorizer) -> None:
    """Raise ValueError for the first document that a vectorizer refuses, before any is cut."""
    if documents.kind == TextReader.kind:
        for _ in valid_documents(documents.content, vectorizer.input, vectorizer.analyzer):
            pass


def learn_reader(
    documents: Documents,
    vectorizer: SequenceVectorizer,
    subwords: bool | Literal["auto"],
) -> tuple[Reader, Sequences]:
    """Return a reader of such documents, and the documents as sequences."""
    if documents.kind == TextReader.kind:
        return TextReader.learn(documents, vectorizer, subwords)
    if documents.kind == NumberReader.kind:
        return NumberReader.learn(documents)
    return IdReader.learn(documents)


def numbered(documents: Documents, vectorizer: SequenceVectorizer) -> Sequences:
    """Return texts or ids as sequences in which every token has a number of its own.

    The limits of the vectorizer (``max_features``, ``min_df``, ``maxlen``) do not count.
    """
    if documents.kind != TextReader.kind:
        return IdReader.learn(documents)[1]
    return clone(vectorizer)._number_all(documents.content)


def flat_ids(documents: np.ndarray | list) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield what `_flatten_ids` returns, for one block of documents after the other."""
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
