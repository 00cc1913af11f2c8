import numpy as np

from skrnn._data.samples import Labels, Samples, split
from skrnn._data.seeds import Seeds
from skrnn._data.sequences import Sequences


def test_equal_samples_merge_whatever_their_order():
    rows, targets = [[1, 2], [3], [1, 2], [1, 2], [3]], np.array([0, 1, 0, 1, 1])

    def merged(order, *weights):
        values = np.concatenate([rows[i] for i in order]).astype(np.int32)
        lengths = np.array([len(rows[i]) for i in order])
        sequences = Sequences.from_lengths(values, lengths)
        return Samples(sequences, Labels(targets[order], *np.array(weights))).merged()

    once = merged([0, 1, 3], [2, 2, 1], [20, 6, 10])
    repeated = merged([4, 3, 2, 1, 0], np.ones(5), [3, 10, 10, 3, 10])
    for one, other in zip(once.labels, repeated.labels, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(once.sequences.padded(), repeated.sequences.padded())
    assert sorted(np.transpose(once.labels).tolist()) == [[0, 2, 20], [1, 1, 10], [1, 2, 6]]


def test_the_held_out_part_is_stratified_and_keeps_single_samples():
    targets = np.repeat(np.arange(4), [50, 30, 19, 1])
    labels = Labels(targets, *np.ones((2, 100)))
    held_out_rows = []
    for seed in range(5):
        training, held_out = split(labels, 0.2, Seeds(seed))
        np.testing.assert_array_equal(np.sort(np.concatenate([training, held_out])), range(100))
        counts = np.bincount(targets[held_out], minlength=4)
        assert counts.sum() == 20
        assert counts[3] == 0
        assert np.abs(counts[:3] - np.array([50, 30, 19]) * 20 / 99).max() < 1
        held_out_rows.append(tuple(held_out))
    assert len(set(held_out_rows)) == 5
