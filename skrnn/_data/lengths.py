"""How many tokens of a text are read."""

from __future__ import annotations

import numpy as np

from .sequences import Sequences

# ``maxlen="auto"`` reads this share of the training texts to the end, within these limits. The
# rare long texts of a corpus of short ones are read less well if they are not cut: the network
# has hardly seen their like.
_READ_IN_FULL = 0.75
_LEAST_MAXLEN, MOST_MAXLEN = 400, 1000


def count_lengths(lengths: np.ndarray) -> np.ndarray:
    """Return how many texts have 0, 1, ... tokens; the last count is that of longer ones too."""
    return np.bincount(np.minimum(lengths, MOST_MAXLEN), minlength=MOST_MAXLEN + 1)


def usual_length(counts: np.ndarray) -> int:
    """Return the limit of ``maxlen="auto"``, given what `count_lengths` returns."""
    usual = np.searchsorted(np.cumsum(counts), _READ_IN_FULL * counts.sum())
    return max(int(usual), _LEAST_MAXLEN)


def shortened(sequences: Sequences, limit: int, *, from_the_end: bool) -> Sequences:
    """Return the first ``limit`` tokens of every text, or the last ones."""
    lengths = sequences.lengths
    if lengths.max(initial=0) <= limit:
        return sequences
    steps = np.arange(len(sequences.values))
    if from_the_end:
        distances = np.repeat(sequences.offsets[1:] - 1, lengths) - steps
    else:
        distances = steps - np.repeat(sequences.offsets[:-1], lengths)
    return sequences.where(distances < limit)
