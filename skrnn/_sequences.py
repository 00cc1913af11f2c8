"""The internal form of all input: sequences of different lengths, stored end to end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PADDING = 0
UNKNOWN = 1
FIRST_TOKEN = 2


@dataclass(frozen=True)
class Sequences:
    """Sequences of different lengths without padding.

    Parameters
    ----------
    values : ndarray of shape (n_steps,) or (n_steps, n_features)
        The steps of all sequences, one sequence after the other: int32 token ids or
        float32 features.
    offsets : ndarray of shape (n_sequences + 1,), dtype=int64
        Sequence ``i`` is ``values[offsets[i]:offsets[i + 1]]``.
    """

    values: np.ndarray
    offsets: np.ndarray

    @classmethod
    def from_lengths(cls, values: np.ndarray, lengths: np.ndarray) -> Sequences:
        """Cut ``values`` into sequences of the given lengths."""
        return cls(values, np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """The number of steps of every sequence, ndarray of shape (n_sequences,)."""
        return np.diff(self.offsets)

    def take(self, rows: np.ndarray) -> Sequences:
        """Return the sequences of the given rows, in that order."""
        lengths = self.lengths[rows]
        return Sequences.from_lengths(self.values[self._steps_of(rows, lengths)], lengths)

    def without_empty(self, filler: int) -> Sequences:
        """Return the same with a single ``filler`` in every empty sequence."""
        empty = self.lengths == 0
        if not empty.any():
            return self
        values = np.insert(self.values, self.offsets[:-1][empty], filler)
        return Sequences.from_lengths(values, np.maximum(self.lengths, 1))

    def padded(
        self,
        rows: np.ndarray | slice = slice(None),
        *,
        width: int | None = None,
        multiple_of: int = 1,
    ) -> np.ndarray:
        """Return rows as one array with zeros on the right.

        It is as wide as the longest row, rounded up, or as ``width`` says.
        """
        rows = np.arange(len(self))[rows]
        lengths = self.lengths[rows]
        if width is None:
            width = -(-int(lengths.max(initial=0)) // multiple_of) * multiple_of
        shape = (len(rows), width, *self.values.shape[1:])
        array = np.zeros(shape, dtype=self.values.dtype)
        array[np.arange(width) < lengths[:, np.newaxis]] = self.values[
            self._steps_of(rows, lengths)
        ]
        return array

    def _steps_of(self, rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        starts = self.offsets[:-1][rows]
        ends = np.cumsum(lengths)
        return np.arange(ends[-1] if len(ends) else 0) + np.repeat(
            starts - ends + lengths, lengths
        )
