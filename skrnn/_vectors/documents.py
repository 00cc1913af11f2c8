"""Vectors of documents from those of their words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from .._data.sequences import PADDING, Sequences


def weighted_by_rarity(table: np.ndarray, *parts: Sequences) -> np.ndarray:
    """Multiply the vector of each word with its inverse document frequency.

    Parameters
    ----------
    table : ndarray of shape (vocabulary_size, dim)
        The vectors of the ids.
    *parts : Sequences
        Token ids of the documents to count in.

    Returns
    -------
    table : ndarray of shape (vocabulary_size, dim), dtype=float32
        A word of every document has the zero vector.
    """
    frequencies = np.zeros(len(table))
    for part in parts:
        for counts in _counts(part, len(table)):
            frequencies += np.bincount(counts.indices, minlength=len(table))
    idf = np.log(sum(map(len, parts)) / np.maximum(frequencies, 1))
    return (idf[:, np.newaxis] * table).astype(np.float32)


def mean_vectors(sequences: Sequences, table: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the direction of the mean of the word vectors of each document, in blocks.

    Parameters
    ----------
    sequences : Sequences
        Token ids. The parts of unknown words do not count.
    table : ndarray of shape (vocabulary_size, dim)
        The vectors of the ids.

    Yields
    ------
    vectors : ndarray of shape (n_sequences_of_the_block, dim), dtype=float32
        Of length 1; zeros for a document without words.
    """
    for counts in _counts(sequences, len(table)):
        yield normalize(counts @ table)


def _counts(sequences: Sequences, n_ids: int) -> Iterator[sparse.csr_array]:
    """Count the words of documents, in blocks; a word of a document has one entry."""
    for block in sequences.in_blocks():
        words = block.where(block.values > PADDING)
        ones = np.ones(len(words.values), dtype=np.float32)
        shape = (len(words), n_ids)
        counts = sparse.csr_array((ones, words.values, words.offsets), shape=shape)
        counts.sum_duplicates()
        yield counts
