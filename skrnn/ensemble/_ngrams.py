"""Documents as weighted counts of their n-grams, of words and of characters."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from .._data.documents import valid_documents
from .._data.inputs import Documents
from .._data.readers import flat_ids
from .._data.segmentation import normalised, tokens

# An n-gram of characters that a single training text holds says nothing that the words of
# this text do not say as well.
_LEAST_TEXTS = 2

# Of what is longer between two blanks the beginning is counted: a paragraph of Chinese is shorter,
# and of encoded bytes every n-gram is another one.
_MOST_CHARACTERS = 10_000

Sizes = tuple[int, int]


class Vocabulary(NamedTuple):
    """The n-grams of one kind.

    ``counter`` counts them, ``idf`` are their inverse document frequencies, float32.
    """

    counter: CountVectorizer
    idf: np.ndarray

    @classmethod
    def of_terms(
        cls, counter: CountVectorizer, terms: Sequence[str], idf: np.ndarray
    ) -> Vocabulary:
        """Return a vocabulary of these n-grams in this order."""
        counter.vocabulary_ = {term: index for index, term in enumerate(terms)}
        counter.fixed_vocabulary_ = False
        return cls(counter, idf)

    @property
    def terms(self) -> list[str]:
        """The n-grams, in the order of their columns."""
        return self.counter.get_feature_names_out().tolist()

    def take(self, mask: np.ndarray) -> Vocabulary:
        """Return the n-grams for which the mask is True."""
        counter = CountVectorizer(**self.counter.get_params())
        return self.of_terms(
            counter, self.counter.get_feature_names_out()[mask].tolist(), self.idf[mask]
        )


@dataclass(frozen=True, eq=False)
class Ngrams:
    """What turns documents into rows of weighted counts.

    Parameters
    ----------
    words : Vocabulary
        N-grams of words.
    characters : Vocabulary or None
        N-grams of characters within what is between blanks; None: there are none.
    """

    words: Vocabulary
    characters: Vocabulary | None

    @classmethod
    def learn(
        cls, documents: Documents, word_ngrams: Sizes, char_ngrams: Sizes | None
    ) -> tuple[Ngrams, csr_matrix]:
        """Learn the n-grams of the documents, and return the documents' rows too."""
        words, runs = words_and_runs(documents)
        if max(map(len, words)) < word_ngrams[0]:
            raise ValueError(
                f"No document has the {word_ngrams[0]} word(s) that the shortest of the n-grams"
                f" of words has, word_ngrams={word_ngrams}."
            )
        counter = word_counter(word_ngrams)
        counts = [counter.fit_transform(words)]
        of_words, of_characters = Vocabulary(counter, _idf(counts[0])), None
        if char_ngrams is not None and runs is not None and any(runs):
            counter = character_counter(char_ngrams)
            occurrences, distinct = _count_runs(runs)
            all_counts = occurrences @ counter.fit_transform(distinct)
            frequent = all_counts.getnnz(axis=0) >= _LEAST_TEXTS
            if frequent.any():
                of_characters = Vocabulary(counter, _idf(all_counts)).take(frequent)
                counts.append(all_counts[:, frequent])
        ngrams = cls(of_words, of_characters)
        return ngrams, ngrams._weighted(counts)

    def among(self, known: np.ndarray, rows: csr_matrix) -> csr_matrix:
        """Return rows of documents as if only some n-grams were known.

        Parameters
        ----------
        known : ndarray of shape (n_ngrams,), dtype=bool
            Which n-grams of both kinds these are.
        rows : csr_matrix of shape (n_documents, n_ngrams)
            What `transform` returns for the documents.
        """
        rows = csr_matrix((rows.data * known[rows.indices], rows.indices, rows.indptr), rows.shape)
        rows.eliminate_zeros()
        ends = np.cumsum([len(kind.idf) for kind in self.kinds])
        parts = [rows[:, first:last] for first, last in pairwise([0, *ends])]
        return hstack([_with_norm_1(part) for part in parts], format="csr")

    @property
    def kinds(self) -> list[Vocabulary]:
        """The kinds that there are, in the order of their columns."""
        return [self.words] if self.characters is None else [self.words, self.characters]

    @property
    def names(self) -> list[str]:
        """The n-grams in the order of their columns, each with its kind."""
        names = [f"words__{term}" for term in self.words.terms]
        if self.characters is not None:
            names += [f"characters__{term}" for term in self.characters.terms]
        return names

    def transform(self, documents: Documents) -> csr_matrix:
        """Return a row of weighted counts for every document."""
        words, runs = words_and_runs(documents)
        counts = [self.words.counter.transform(words)]
        if self.characters is not None:
            occurrences, distinct = _count_runs(runs or [[] for _ in words])
            counts.append(occurrences @ self.characters.counter.transform(distinct))
        return self._weighted(counts)

    def take(self, mask: np.ndarray) -> Ngrams:
        """Return the n-grams for which the mask, over all of both kinds, is True."""
        n_words = len(self.words.idf)
        characters = self.characters
        if characters is not None:
            characters = characters.take(mask[n_words:]) if mask[n_words:].any() else None
        return Ngrams(self.words.take(mask[:n_words]), characters)

    def shares(
        self, words: list[str], runs: list[str], scores: dict[int, float]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Divide scores of n-grams among the words and the characters that they are made of.

        Every occurrence of an n-gram in a document has the same part of its score, and so
        has everything within the occurrence.

        Parameters
        ----------
        words, runs : list of str
            The document, as `words_and_runs` returns it.
        scores : dict of int to float
            Scores of all n-grams that the document has, by column.

        Returns
        -------
        of_words : ndarray of shape (n_words,)
            What comes from n-grams of words.
        of_characters : list of ndarray
            What comes from n-grams of characters, for every character of every run.
        """
        of_words = np.zeros(len(words))
        of_characters = [np.zeros(len(run)) for run in runs]
        places: list[tuple[int, np.ndarray, int, int]] = []
        vocabulary = self.words.counter.vocabulary_
        fewest, most = self.words.counter.ngram_range
        for size in range(fewest, min(most, len(words)) + 1):
            for first in range(len(words) - size + 1):
                column = vocabulary.get(" ".join(words[first : first + size]))
                if column is not None:
                    places.append((column, of_words, first, first + size))
        if self.characters is not None:
            vocabulary = self.characters.counter.vocabulary_
            for run, own in zip(runs, of_characters, strict=True):
                for piece in re.finditer(r"\S+", run[:_MOST_CHARACTERS]):
                    for ngram, first, last in self._ngrams_of(piece[0]):
                        column = vocabulary.get(ngram)
                        if column is not None:
                            first, last = piece.start() + first, piece.start() + last
                            places.append((len(self.words.idf) + column, own, first, last))
        frequencies = Counter(column for column, *_ in places)
        for column, own, first, last in places:
            own[first:last] += scores.get(column, 0.0) / frequencies[column] / (last - first)
        return of_words, of_characters

    def _ngrams_of(self, run: str) -> Iterator[tuple[str, int, int]]:
        """Yield the n-grams that "char_wb" counts, and the part of the run that each covers."""
        padded = f" {run} "
        fewest, most = self.characters.counter.ngram_range  # type: ignore[union-attr]
        for size in range(fewest, most + 1):
            n_places = max(1, len(padded) - size + 1)
            for start in range(n_places):
                first, last = max(start - 1, 0), min(start - 1 + size, len(run))
                # A blank alone stands for the whole run.
                covered = (first, last) if first < last else (0, len(run))
                yield padded[start : start + size], *covered
            if n_places == 1:
                return

    def _weighted(self, counts: list[csr_matrix]) -> csr_matrix:
        """Return TF-IDF with sublinear counts; every kind of n-grams has the norm 1."""
        parts = []
        for part, kind in zip(counts, self.kinds, strict=True):
            data = (1 + np.log(part.data)).astype(np.float32) * kind.idf[part.indices]
            parts.append(_with_norm_1(csr_matrix((data, part.indices, part.indptr), part.shape)))
        return hstack(parts, format="csr")


def checked_sizes(word_ngrams: Any, char_ngrams: Any) -> tuple[Sizes, Sizes | None]:
    """Return the sizes of n-grams, or raise ValueError where they are none."""
    if char_ngrams is not None:
        char_ngrams = _checked("char_ngrams", char_ngrams)
    return _checked("word_ngrams", word_ngrams), char_ngrams


def checked_words(documents: Documents) -> Documents:
    """Return documents of which each is a str or a list of str, or raise ValueError."""
    if documents.kind == "token ids":
        return documents
    content: list[str | list] = []
    for index, document in enumerate(valid_documents(documents.content, "content", "unicode")):
        try:
            content.append(document.decode() if isinstance(document, bytes) else document)
        except UnicodeDecodeError as error:
            error.reason += f", in document {index}"
            raise
    return replace(documents, content=content)


def words_and_runs(documents: Documents) -> tuple[list[list[str]], list[list[str]] | None]:
    """Return the words of every document and its runs, which are what is between blanks.

    Lists of tokens are taken as they are. Token ids are words and have no runs.
    """
    words: list[list[str]] = []
    if documents.kind == "token ids":
        for ids, lengths in flat_ids(documents.content):
            terms, ends = list(map(str, ids.tolist())), np.cumsum(lengths).tolist()
            words += [terms[start:end] for start, end in pairwise([0, *ends])]
        return words, None
    runs: list[list[str]] = []
    for document in documents.content:
        if isinstance(document, str):
            text = normalised(document)
            words.append(tokens(text))
            runs.append(text.split())
        else:
            words.append(document)
            runs.append(document)
    return words, runs


def word_counter(sizes: Sizes) -> CountVectorizer:
    """Return what counts n-grams of words in lists of words."""
    return CountVectorizer(
        preprocessor=_as_it_is, tokenizer=_as_it_is, token_pattern=None, ngram_range=sizes
    )


def character_counter(sizes: Sizes) -> CountVectorizer:
    """Return what counts n-grams of characters in runs."""
    return CountVectorizer(analyzer="char_wb", lowercase=False, ngram_range=sizes)


def _checked(name: str, sizes: Any) -> Sizes:
    if (
        len(sizes) != 2
        or not all(isinstance(size, Integral) for size in sizes)
        or not 1 <= sizes[0] <= sizes[1]
    ):
        raise ValueError(f"{name} must be two integers, 1 <= min_n <= max_n, got {sizes!r}.")
    return int(sizes[0]), int(sizes[1])


def _with_norm_1(rows: csr_matrix) -> csr_matrix:
    # As scikit-learn's `normalize`, whose checks take longer than all else for a single text.
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    data = rows.data / np.sqrt(np.bincount(row, rows.data * rows.data))[row]
    return csr_matrix((data.astype(np.float32), rows.indices, rows.indptr), rows.shape)


def _as_it_is(value: Any) -> Any:
    return value


def _idf(counts: csr_matrix) -> np.ndarray:
    return TfidfTransformer().fit(counts).idf_.astype(np.float32)


def _count_runs(documents: list[list[str]]) -> tuple[csr_matrix, list[str]]:
    """Return how often each distinct run occurs in each document, and the runs' characters.

    The n-grams of a run are then counted once, and not every time that it occurs.
    """
    first_seen: defaultdict[str, int] = defaultdict()
    first_seen.default_factory = first_seen.__len__
    runs = chain.from_iterable(documents)
    indices = np.fromiter(map(first_seen.__getitem__, runs), dtype=np.int32)
    offsets = np.concatenate([[0], np.cumsum([len(document) for document in documents])])
    ones = np.ones(len(indices), dtype=np.int64)
    shape = (len(documents), len(first_seen))
    return csr_matrix((ones, indices, offsets), shape), [
        run[:_MOST_CHARACTERS] for run in first_seen
    ]
