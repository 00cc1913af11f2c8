"""Batches of near-equal length, shuffled anew for every epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .seeds import Seeds
from .sequences import Sequences

# Sequences are sorted by length within pools of so many batches: long enough that
# little padding is left, short enough that every epoch mixes the batches anew.
_POOL = 50

# A batch of more steps than these is divided if more than three quarters of them are padding. Few
# sequences of 50,000 steps among short ones would take tens of gigabytes.
_MANY_STEPS, _MOST_PADDING = 2**16, 4


class Batches:
    """Training data, cut into right-padded batches.

    Parameters
    ----------
    sequences : Sequences
        The inputs.
    targets : ndarray of shape (n_sequences,) or (n_sequences, n_outputs)
        Class indices, or label indicators.
    weights : ndarray of shape (n_sequences,) or (n_sequences, n_outputs), dtype=float32
        Weights of the samples, or of their labels, with a mean of 1.
    late_weights : ndarray of the same shape or the other one, dtype=float32
        Weights at the end of a cycle.
    batch_size : int
        Rows of a batch. One batch of every epoch may be smaller, and those of which nearly all
        would be padding are divided.
    seeds : Seeds or None
        Where the order of an epoch comes from; None keeps the given order.
    width_multiple : int, default=1
        Batches are as wide as their longest sequence, rounded up to a multiple of this.
    window : int or None, default=None
        The most words of a sequence that is read in part; None means all.
    frame_length : int, default=1
        How many steps the network reads as one.
    """

    def __init__(
        self,
        sequences: Sequences,
        targets: np.ndarray,
        weights: np.ndarray,
        late_weights: np.ndarray,
        *,
        batch_size: int,
        seeds: Seeds | None,
        width_multiple: int = 1,
        window: int | None = None,
        frame_length: int = 1,
    ) -> None:
        self.sequences = sequences
        self.targets = targets
        self.weights = weights
        self.late_weights = late_weights
        self.batch_size = batch_size
        self.seeds = seeds
        self.width_multiple = width_multiple
        self.window = window
        self.frame_length = frame_length

    def __len__(self) -> int:
        """Return the number of batches of an epoch, if none is divided."""
        return -(-len(self.sequences) // self.batch_size)

    def rows(self, epoch: int) -> list[np.ndarray]:
        """Return the rows of every batch of an epoch."""
        n_samples = len(self.sequences)
        cuts = np.arange(self.batch_size, n_samples, self.batch_size)
        if self.seeds is None:
            batches = np.split(np.arange(n_samples), cuts)
        else:
            rng = self.seeds.generator("shuffle", epoch)
            order = rng.permutation(n_samples)
            pool = np.arange(n_samples) // (_POOL * self.batch_size)
            order = order[np.lexsort((self.sequences.lengths[order], pool))]
            batches = np.split(order, cuts)
            batches = [batches[index] for index in rng.permutation(len(batches))]
        return [part for batch in batches for part in self._divided(batch)]

    def _divided(self, rows: np.ndarray) -> list[np.ndarray]:
        """Return a batch, or the parts of it in which lengths are nearer to each other."""
        lengths = self.sequences.lengths[rows]
        n_steps = len(rows) * lengths.max(initial=0)
        if n_steps <= max(_MANY_STEPS, _MOST_PADDING * lengths.sum()):
            return [rows]
        are_long = lengths * _MOST_PADDING > lengths.max()
        return [*self._divided(rows[~are_long]), rows[are_long]]

    def epoch(
        self, epoch: int, *, late: bool = False, in_part: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield (steps, targets, weights) batch by batch.

        Parameters
        ----------
        epoch : int
            The number of the epoch, on which the order and what is left out depend.
        late : bool, default=False
            Whether the late weights count.
        in_part : bool, default=False
            Whether sequences are read in part: a window of them or, where there is none,
            without some first steps, fewer than a frame has, so that nothing has a fixed
            place in the frames. What is read is drawn anew for every sequence and epoch
            where the order is shuffled; else it is the beginning.
        """
        weights = self.late_weights if late else self.weights
        in_part = in_part and (self.window is not None or self.frame_length > 1)
        places = np.zeros(len(self.sequences))
        if self.seeds is not None and in_part:
            places = self.seeds.generator("windows", epoch).random(len(places))
        for rows in self.rows(epoch):
            if not in_part:
                steps = self.sequences.padded(rows, multiple_of=self.width_multiple)
            else:
                parts = self._parts(rows, places[rows])
                steps = parts.padded(multiple_of=self.width_multiple)
            yield steps, self.targets[rows], weights[rows]

    def _parts(self, rows: np.ndarray, places: np.ndarray) -> Sequences:
        if self.window is not None:
            return self.sequences.windows(rows, self.window, places)
        return self.sequences.without_first(rows, self.frame_length, places)
