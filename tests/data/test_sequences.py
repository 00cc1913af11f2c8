import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrnn._data.sequences import Sequences

ragged = st.lists(st.lists(st.integers(1, 99), max_size=6), min_size=1, max_size=8)


def from_lists(rows):
    values = np.array([value for row in rows for value in row], dtype=np.int32)
    return Sequences.from_lengths(values, np.array([len(row) for row in rows]))


def to_lists(sequences):
    bounds = zip(sequences.offsets[:-1], sequences.offsets[1:], strict=True)
    return [sequences.values[start:stop].tolist() for start, stop in bounds]


@given(ragged)
def test_round_trip_and_padding(rows):
    sequences = from_lists(rows)
    assert len(sequences) == len(rows)
    assert to_lists(sequences) == rows
    padded = sequences.padded()
    assert padded.dtype == np.int32
    assert padded.shape == (len(rows), max(map(len, rows)))
    for row, expected in zip(padded.tolist(), rows, strict=True):
        assert row == expected + [0] * (padded.shape[1] - len(expected))


@given(ragged, st.data())
def test_take(rows, data):
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10))
    taken = from_lists(rows).take(np.array(chosen, dtype=np.int64))
    assert to_lists(taken) == [rows[index] for index in chosen]
    np.testing.assert_array_equal(
        from_lists(rows).padded(np.array(chosen, dtype=np.int64)), taken.padded()
    )


def test_take_in_blocks(monkeypatch):
    monkeypatch.setattr("skrnn._data.sequences.BLOCK_STEPS", 4)
    rows = [[1, 2, 3], [4, 5], [], [6, 7, 8, 9]]
    taken = from_lists(rows).take(np.array([3, 0, 2, 1, 0]))
    assert to_lists(taken) == [rows[index] for index in (3, 0, 2, 1, 0)]


@given(ragged)
def test_without_empty(rows):
    filled = from_lists(rows).without_empty(7)
    assert to_lists(filled) == [row or [7] for row in rows]


@pytest.mark.parametrize("width", [3, 5])
def test_width(width):
    assert from_lists([[1, 2, 3], [4]]).padded(width=width).shape == (2, width)


def test_steps_with_features():
    values = np.arange(12, dtype=np.float32).reshape(6, 2)
    sequences = Sequences.from_lengths(values, np.array([2, 4]))
    padded = sequences.padded(np.array([1, 0]))
    np.testing.assert_array_equal(padded[0], values[2:])
    np.testing.assert_array_equal(padded[1], np.vstack([values[:2], np.full((2, 2), np.nan)]))
