"""Vectors of documents from those of their words."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from .._data.sequences import PADDING, Sequences, blocks


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
        for start, stop in blocks(part.lengths):
            counts = _counts(part, start, stop, len(table))
            frequencies += np.bincount(counts.indices, minlength=len(table))
    idf = np.log(sum(map(len, parts)) / np.maximum(frequencies, 1))
    return (idf[:, np.newaxis] * table).astype(np.float32)


def mean_vectors(sequences: Sequences, table: np.ndarray) -> np.ndarray:
    """Return the direction of the mean of the word vectors of each document.

    Parameters
    ----------
    sequences : Sequences
        Token ids. The parts of unknown words do not count.
    table : ndarray of shape (vocabulary_size, dim)
        The vectors of the ids.

    Returns
    -------
    vectors : ndarray of shape (n_sequences, dim), dtype=float32
        Of length 1; zeros for a document without words.
    """
    vectors = np.empty((len(sequences), table.shape[1]), dtype=np.float32)
    for start, stop in blocks(sequences.lengths):
        vectors[start:stop] = normalize(_counts(sequences, start, stop, len(table)) @ table)
    return vectors


def _counts(sequences: Sequences, start: int, stop: int, n_ids: int) -> sparse.csr_array:
    """Count the words of some documents; a word of a document has one entry."""
    values = sequences.values[sequences.offsets[start] : sequences.offsets[stop]]
    rows = np.repeat(np.arange(stop - start), sequences.lengths[start:stop])
    words = values > PADDING
    ones = np.ones(words.sum(), dtype=np.float32)
    counts = sparse.coo_array((ones, (rows[words], values[words])), shape=(stop - start, n_ids))
    return counts.tocsr()
