"""Scores of tokens by what changes without them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from sklearn.utils import gen_batches

from .._data.parts import without_parts
from .._data.sequences import BLOCK_STEPS, PADDING, UNKNOWN, Sequences
from ._logits import Logits


def occlusion(
    logits_of: Logits, sequences: Sequences, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same as `integrated_gradients`; there are no remainders."""
    rows = np.arange(len(sequences))
    logits = logits_of.of_all(sequences)[rows, targets]
    words = without_parts(sequences)
    baseline = Sequences(np.full_like(words.values, UNKNOWN), words.offsets)
    baselines = logits_of.of_all(baseline)[rows, targets]
    scores = np.zeros(len(sequences.values))
    # A block of copies at a time: of a long document there are many.
    for row, (start, end) in enumerate(pairwise(sequences.offsets)):
        entries = sequences.values[start:end]
        first = np.flatnonzero(entries >= PADDING)
        after = np.append(first[1:], len(entries))
        is_more = (entries[first] != UNKNOWN) | (after - first > 1)
        first, after = first[is_more], after[is_more]
        for some in gen_batches(len(first), max(1, BLOCK_STEPS // len(entries))):
            copies = [
                np.concatenate([entries[:left], [UNKNOWN], entries[right:]]).astype(np.int32)
                for left, right in zip(first[some], after[some], strict=True)
            ]
            lengths = np.array(list(map(len, copies)))
            without = logits_of.of_all(Sequences.from_lengths(np.concatenate(copies), lengths))
            scores[start + first[some]] = logits[row] - without[:, targets[row]]
    return scores, baselines, np.zeros(len(sequences))
