"""What each copy of a network gets of a batch."""

import numpy as np

from skrnn._network.replicas import _part


def test_a_copy_has_a_share_of_the_accuracy_by_its_weights_and_none_without_a_row():
    batch = np.ones((3, 2)), np.arange(3), np.array([1, 0, 3], dtype=np.float32)
    parts = [_part(*batch, np.array(rows, dtype=int)) for rows in ([0, 1], [2], [])]
    assert [weights.numpy().tolist() for _, _, weights, *_ in parts] == [[1, 0], [3], [0]]
    assert [float(share) for *_, share in parts] == [0.25, 0.75, 0]
