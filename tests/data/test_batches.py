import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrnn._data.batches import Batches
from skrnn._data.seeds import Seeds
from skrnn._data.sequences import Sequences


def make_batches(lengths, batch_size, seeds=Seeds(0), **kwargs):  # noqa: B008
    lengths = np.asarray(lengths)
    values = np.repeat(np.arange(1, len(lengths) + 1), lengths).astype(np.int32)
    n_samples = len(lengths)
    targets, weights = np.arange(n_samples), np.linspace(1, 2, n_samples, dtype=np.float32)
    sequences = Sequences.from_lengths(values, lengths)
    return Batches(
        sequences, targets, weights, weights, batch_size=batch_size, seeds=seeds, **kwargs
    )


def make_batch_of_two(lengths, **kwargs):
    """Make one batch of the steps 1, 2, ... of two sequences."""
    values, one_each = np.arange(1, sum(lengths) + 1, dtype=np.int32), np.ones(2, np.float32)
    sequences = Sequences.from_lengths(values, lengths)
    return Batches(
        sequences, np.arange(2), one_each, one_each, batch_size=2, seeds=Seeds(0), **kwargs
    )


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=200),
    batch_size=st.integers(1, 40),
    epoch=st.integers(0, 3),
    is_shuffled=st.booleans(),
)
def test_every_document_once_in_batches_of_the_size_asked_for(
    lengths, batch_size, epoch, is_shuffled
):
    batches = make_batches(lengths, batch_size, Seeds(0) if is_shuffled else None)
    rows = batches.rows(epoch)
    assert len(rows) == len(batches) == -(-len(lengths) // batch_size)
    np.testing.assert_array_equal(np.sort(np.concatenate(rows)), np.arange(len(lengths)))
    sizes = sorted(map(len, rows), reverse=True)
    assert set(sizes[:-1]) <= {batch_size}
    for steps, targets, weights in batches.epoch(epoch):
        width = max(lengths[target] for target in targets)
        assert steps.shape == (len(targets), width)
        np.testing.assert_array_equal(steps[:, 0], targets + 1)
        np.testing.assert_array_equal(weights, batches.weights[targets])


def test_late_weights_take_the_place_of_the_others():
    batches = make_batches([3, 1, 2], 2)
    batches.late_weights = np.array([7.0, 8.0, 9.0], dtype=np.float32)
    for late, expected in ((False, batches.weights), (True, batches.late_weights)):
        for _, targets, weights in batches.epoch(0, late=late):
            np.testing.assert_array_equal(weights, expected[targets])


def test_little_padding_is_left():
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(4.2, 0.8, size=5000).astype(int), 1, 256)
    batches = make_batches(lengths, 32)
    padded = sum(steps.size for steps, _, _ in batches.epoch(0))
    assert padded / lengths.sum() < 1.05
    assert 256 * len(lengths) / lengths.sum() > 2  # what a fixed width would cost


@pytest.mark.parametrize("seeds", [None, Seeds(0)], ids=["in order", "shuffled"])
def test_few_long_sequences_do_not_pad_the_others(seeds):
    lengths = [3, 50_000, *[4] * 100, 40_000, 9_000]
    batches = make_batches(lengths, 64, seeds)
    rows = batches.rows(0)
    assert sorted(np.concatenate(rows).tolist()) == list(range(104))
    sizes = sum(len(batch) * max(lengths[row] for row in batch) for batch in rows)
    assert sizes < 2 * sum(lengths)
    assert len(rows) < 8


def test_widths_are_rounded_up_where_few_shapes_are_wanted():
    batches = make_batches(np.arange(1, 101), 8)
    batches.width_multiple = 16
    widths = {steps.shape[1] for steps, _, _ in batches.epoch(0)}
    assert widths <= {16, 32, 48, 64, 80, 96, 112}


def test_order_follows_the_seed_and_the_epoch():
    lengths = np.arange(100) % 7 + 1

    def order(seed, epoch):
        return np.concatenate(make_batches(lengths, 8, Seeds(seed)).rows(epoch)).tolist()

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)


def test_short_batches_do_not_come_first():
    lengths = np.arange(1, 81)
    longest = [lengths[rows].max() for rows in make_batches(lengths, 8).rows(0)]
    assert longest != sorted(longest)


def test_batches_of_a_large_corpus_are_mixed_anew():
    batches = make_batches(np.arange(1, 401), 2)
    first, second = (set(map(tuple, map(sorted, batches.rows(epoch)))) for epoch in range(2))
    assert first != second


def test_widths_of_windows_are_rounded_up():
    batches = make_batches(np.arange(1, 101), 8, width_multiple=16, window=20)
    widths = {steps.shape[1] for steps, _, _ in batches.epoch(0, in_part=True)}
    assert widths <= {16, 32}


def test_without_shuffling_the_order_is_kept():
    rows = make_batches([3, 1, 2, 5, 4], 2, None).rows(epoch=3)
    assert [row.tolist() for row in rows] == [[0, 1], [2, 3], [4]]


def test_windows_of_long_sequences():
    batches = make_batch_of_two([28, 2], window=5)
    starts = set()
    for epoch in range(200):
        ((steps, targets, _),) = batches.epoch(epoch, in_part=True)
        assert steps[targets == 1].tolist() == [[29, 30, 0, 0, 0]]
        (window,) = steps[targets == 0].tolist()
        assert window == list(range(window[0], window[0] + 5))
        starts.add(window[0])
    assert starts == set(range(1, 25))
    batches.seeds = None
    ((steps, _, _),) = batches.epoch(0, in_part=True)
    assert steps.tolist() == [[1, 2, 3, 4, 5], [29, 30, 0, 0, 0]]
    ((steps, _, _),) = batches.epoch(0)
    assert steps.shape == (2, 28)


def test_frames_begin_anywhere():
    batches = make_batch_of_two([10, 2], frame_length=4)
    starts = [set(), set()]
    for epoch in range(50):
        ((steps, targets, _),) = batches.epoch(epoch, in_part=True)
        for row, target in zip(steps, targets, strict=True):
            starts[target].add(int(row[0]))
            last = (10, 12)[target]
            assert row[row > 0].tolist() == list(range(row[0], last + 1))
    assert starts == [{1, 2, 3, 4}, {11, 12}]
    for epoch in range(5):
        ((steps, _, _),) = batches.epoch(epoch)
        assert sorted(steps[:, 0].tolist()) == [1, 11]
    batches.seeds = None
    ((steps, _, _),) = batches.epoch(0, in_part=True)
    assert steps[:, 0].tolist() == [1, 11]


@given(places=st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=3))
def test_a_window_holds_words_with_their_parts(places):
    values = np.array([5, 1, -7, -3, 8, 1, -2, 9], dtype=np.int32)
    windows = Sequences.from_lengths(values, [5, 2, 1]).windows(np.arange(3), 2, np.array(places))
    first, *others = (row.tolist() for row in np.split(windows.values, windows.offsets[1:-1]))
    assert first == ([5, 1, -7, -3] if places[0] < 0.5 else [1, -7, -3, 8])
    assert others == [[1, -2], [9]]
