"""The internal form of all input: sequences of different lengths, stored end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

PADDING = 0
UNKNOWN = 1
FIRST_TOKEN = 2

# Steps that are handled at a time: what a large input takes beyond itself and its result.
BLOCK_STEPS = 2**20


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

    @classmethod
    def concatenate(cls, parts: Iterable[Sequences]) -> Sequences:
        """Put sequences one after the other; of no parts, no sequences of ids."""
        parts = list(parts)
        if len(parts) == 1:
            return parts[0]
        values = [part.values for part in parts] or [np.empty(0, dtype=np.int32)]
        lengths = [part.lengths for part in parts] or [np.empty(0, dtype=np.int64)]
        return cls.from_lengths(np.concatenate(values), np.concatenate(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """The number of steps of every sequence, ndarray of shape (n_sequences,)."""
        return np.diff(self.offsets)

    def split_at(self, row: int) -> tuple[Sequences, Sequences]:
        """Return the sequences before a row and those from it on, without copying steps."""
        return self.between(0, row), self.between(row, len(self))

    def between(self, start: int, stop: int) -> Sequences:
        """Return the sequences from one row to another, without copying steps."""
        offsets = self.offsets[start : stop + 1]
        return Sequences(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def in_blocks(self) -> Iterator[Sequences]:
        """Yield the sequences, about `BLOCK_STEPS` steps at a time, without copying them."""
        for start, stop in blocks(self.lengths):
            yield self.between(start, stop)

    def take(self, rows: np.ndarray) -> Sequences:
        """Return the sequences of the given rows, in that order."""
        lengths = self.lengths[rows]
        taken = Sequences.from_lengths(
            np.empty((lengths.sum(), *self.values.shape[1:]), self.values.dtype), lengths
        )
        for start, stop in blocks(lengths):
            steps = self.values[self.steps_of(rows[start:stop])]
            taken.values[taken.offsets[start] : taken.offsets[stop]] = steps
        return taken

    def where(self, keep: np.ndarray) -> Sequences:
        """Return the sequences without the steps where the mask is False."""
        kept_before = np.concatenate([[0], np.cumsum(keep, dtype=np.int64)])
        return Sequences(self.values[keep], kept_before[self.offsets])

    def windows(self, rows: np.ndarray, width: int, places: np.ndarray) -> Sequences:
        """Return at most ``width`` words of each row, all of them next to each other.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)
            The rows.
        width : int
            The most words of a row. Their parts, which follow them as negative numbers, come
            on top.
        places : ndarray of shape (n_rows,)
            Where a window begins, in [0, 1): 0 is the first place that it can have, and 1
            would be the one after the last.
        """
        step_of_word, offsets = self._words
        n_words = np.diff(offsets)[rows]
        widths = np.minimum(n_words, width)
        first = offsets[rows] + (places * (n_words - widths + 1)).astype(np.int64)
        starts, ends = first, first + widths
        if step_of_word is not None:
            starts, ends = step_of_word[starts], step_of_word[ends]
        return Sequences.from_lengths(self.values[_runs(starts, ends - starts)], ends - starts)

    @cached_property
    def _words(self) -> tuple[np.ndarray | None, np.ndarray]:
        """The step of each word, None if every step is one; and the words before each row."""
        is_word = self.values >= PADDING
        if is_word.all():
            return None, self.offsets
        step_of_word = np.append(np.flatnonzero(is_word), len(self.values))
        return step_of_word, np.searchsorted(step_of_word, self.offsets)

    def without_first(self, rows: np.ndarray, most: int, places: np.ndarray) -> Sequences:
        """Return each row without some first steps, fewer than ``most`` and not all.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)
            The rows.
        most : int
            One more than the largest number of steps to leave out.
        places : ndarray of shape (n_rows,)
            How many of the possible numbers are below that of the row, in [0, 1).
        """
        lengths = self.lengths[rows]
        n_first = (places * np.minimum(lengths, most)).astype(np.int64)
        steps = _runs(self.offsets[rows] + n_first, lengths - n_first)
        return Sequences.from_lengths(self.values[steps], lengths - n_first)

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
        """Return rows as one array with padding on the right: 0, or NaN for features.

        It is as wide as the longest row, rounded up, or as ``width`` says.
        """
        rows = np.arange(len(self))[rows]
        lengths = self.lengths[rows]
        if width is None:
            width = -(-int(lengths.max(initial=0)) // multiple_of) * multiple_of
        shape = (len(rows), width, *self.values.shape[1:])
        padding = np.nan if self.values.dtype.kind == "f" else PADDING
        array = np.full(shape, padding, dtype=self.values.dtype)
        array[np.arange(width) < lengths[:, np.newaxis]] = self.values[self.steps_of(rows)]
        return array

    def steps_of(self, rows: np.ndarray) -> np.ndarray:
        """Return where the steps of rows are, one row after the other."""
        return _runs(self.offsets[rows], self.lengths[rows])


def _runs(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the positions of runs that start somewhere, one run after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)


def blocks(lengths: np.ndarray) -> Iterable[tuple[int, int]]:
    """Cut sequences of these lengths into runs of about `BLOCK_STEPS` steps."""
    cuts = np.flatnonzero(np.diff(np.cumsum(lengths) // BLOCK_STEPS)) + 1
    return pairwise([0, *cuts.tolist(), len(lengths)])
