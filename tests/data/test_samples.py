import numpy as np

from skrnn._data.samples import Samples, merge_equal_samples
from skrnn._data.sequences import Sequences


def test_equal_samples_merge_whatever_their_order():
    rows, targets = [[1, 2], [3], [1, 2], [1, 2], [3]], np.array([0, 1, 0, 1, 1])

    def merged(order, *weights):
        values = np.concatenate([rows[i] for i in order]).astype(np.int32)
        lengths = np.array([len(rows[i]) for i in order])
        sequences = Sequences.from_lengths(values, lengths)
        return merge_equal_samples(Samples(sequences, targets[order], *np.array(weights)))

    once = merged([0, 1, 3], [2, 2, 1], [20, 6, 10])
    repeated = merged([4, 3, 2, 1, 0], np.ones(5), [3, 10, 10, 3, 10])
    for one, other in zip(once[1:], repeated[1:], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(once[0].padded(), repeated[0].padded())
    assert sorted(np.transpose(once[1:]).tolist()) == [[0, 2, 20], [1, 1, 10], [1, 2, 6]]
