"""Start vectors of the parts of words."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .._data.sequences import Sequences


def part_vectors(vectors: np.ndarray, parts: Sequences, n_parts: int) -> np.ndarray:
    """Return the mean vector of the words that hold a part.

    Parameters
    ----------
    vectors : ndarray of shape (n_ids, dim)
        The vectors of all ids.
    parts : Sequences
        The parts of each id.
    n_parts : int
        The number of parts; every part is that of an id.

    Returns
    -------
    vectors : ndarray of shape (n_parts, dim), dtype=float32
        One for each part.
    """
    holds = _matrix(parts, n_parts).T.tocsr()
    return (holds @ vectors / np.diff(holds.indptr)[:, np.newaxis]).astype(np.float32)


def mean_of_parts(vectors: np.ndarray, parts: Sequences) -> np.ndarray:
    """Return the mean vector of each id's parts, of shape (n_ids, dim); zero without any."""
    sums = _matrix(parts, len(vectors)) @ vectors
    return (sums / np.maximum(parts.lengths, 1)[:, np.newaxis]).astype(np.float32)


def _matrix(parts: Sequences, n_parts: int) -> sparse.csr_array:
    ones = np.ones(len(parts.values), dtype=np.float32)
    return sparse.csr_array((ones, parts.values, parts.offsets), shape=(len(parts), n_parts))
