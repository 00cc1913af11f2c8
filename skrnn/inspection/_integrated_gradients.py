"""Integrated gradients on a path that is refined where the logit jumps."""

from __future__ import annotations

import numpy as np

from .._data.sequences import Sequences
from ._logits import Logits, NumberLogits

# Cells at first, and how often those are halved that explain the logit badly: that miss
# their part of the total change by more than the tolerance.
_FIRST_CELLS, _HALVINGS = 8, 5
_TOLERANCE = 0.05

# Beside terms of this size the change of a logit is lost in rounding.
_HUGE = 1e8

# Documents at a time: bounds the memory of the gradients.
_BLOCK = 128


def integrated_gradients(
    logits_of: Logits | NumberLogits, sequences: Sequences, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Integrate gradients from a baseline, the same at every step, to the documents.

    Parameters
    ----------
    logits_of : Logits or NumberLogits
        The network.
    sequences : Sequences
        The documents.
    targets : ndarray of shape (n_sequences,)
        The class, by index, whose logit is explained.

    Returns
    -------
    scores : ndarray of shape (n_steps,) or (n_steps, n_features)
        A score for every token or number, of the shape of ``sequences.values``.
    baselines : ndarray of shape (n_sequences,)
        The logits of the baseline.
    remainders : ndarray of shape (n_sequences,)
        How much change the gradients left unexplained; see `_Path`.
    """
    lengths, scores_a_step = sequences.lengths, sequences.values[0].size
    finished = []
    for start in range(0, len(sequences), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(sequences)))
        paths = [_Path(length * scores_a_step) for length in lengths[rows]]
        for _ in range(_HALVINGS + 1):
            wanted = [path.wanted() for path in paths]
            owner = np.repeat(np.arange(len(rows)), [len(shares) for shares in wanted])
            if not len(owner):
                break
            repeated = rows[owner]
            logits, slopes = logits_of.slopes(
                sequences.take(repeated), targets[repeated], np.concatenate(wanted)
            )
            parts = np.split(slopes, np.cumsum(lengths[repeated])[:-1])
            for index, path in enumerate(paths):
                mine = np.flatnonzero(owner == index)
                if len(mine):
                    path.add(
                        wanted[index], logits[mine], np.stack([parts[i].ravel() for i in mine])
                    )
        finished += [(*path.scores(), path.logits[0]) for path in paths]
    scores, remainders, baselines = zip(*finished, strict=True)
    shape = sequences.values.shape
    return np.concatenate(scores).reshape(shape), np.array(baselines), np.array(remainders)


class _Path:
    """What is known between the baseline and one document.

    The logit of a recurrent network can jump within a millionth of the path, where a gate
    opens or closes. No quadrature samples the gradient there, but the logits before and
    after the jump give its size. The gradients of a cell leave a remainder of its change
    unexplained, which is divided among the tokens in proportion to their gradients'
    absolute values. Where the logit is smooth the remainder vanishes as cells become
    smaller; in a jump the tokens share it as they share the gradient beside it.

    Parameters
    ----------
    n_scores : int
        Tokens of the document, or its numbers.
    """

    def __init__(self, n_scores: int) -> None:
        self.shares = np.empty(0)
        self.logits = np.empty(0)
        self.slopes = np.empty((0, n_scores))

    def add(self, shares: np.ndarray, logits: np.ndarray, slopes: np.ndarray) -> None:
        """Take in what the network says at points of the path."""
        order = np.argsort(np.concatenate([self.shares, shares]))
        self.shares = np.concatenate([self.shares, shares])[order]
        self.logits = np.concatenate([self.logits, logits])[order]
        self.slopes = np.concatenate([self.slopes, slopes])[order]

    def wanted(self) -> np.ndarray:
        """Return the points to look at next: at first a grid, then middles of bad cells."""
        if not len(self.shares):
            return np.linspace(0, 1, _FIRST_CELLS + 1)
        _, remainders = self._cells()
        allowed = _TOLERANCE * abs(self.logits[-1] - self.logits[0]) / len(remainders)
        middles = (self.shares[1:] + self.shares[:-1]) / 2
        return middles[np.abs(remainders) > allowed]

    def scores(self) -> tuple[np.ndarray, float]:
        """Return the tokens' scores and the sum of all cells' absolute remainders."""
        sums, remainders = self._cells()
        sizes = np.abs(sums)
        totals = sizes.sum(axis=1, keepdims=True)
        is_huge = totals[:, 0] > _HUGE
        sums[is_huge], remainders[is_huge] = 0, np.diff(self.logits)[is_huge]
        divided = sizes / np.where(totals > 0, totals, 1) * remainders[:, np.newaxis]
        return (sums + divided).sum(axis=0), float(np.abs(remainders).sum())

    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the integrals of every cell by the trapezoidal rule, and the remainders."""
        widths = np.diff(self.shares)[:, np.newaxis]
        sums = widths * (self.slopes[1:] + self.slopes[:-1]) / 2
        return sums, np.diff(self.logits) - sums.sum(axis=1)
