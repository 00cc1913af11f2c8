import numpy as np
from numpy.testing import assert_allclose

from skrnn._data.sequences import Sequences
from skrnn._vectors.parts import mean_of_parts, part_vectors

# Ids 2 and 3 hold part 0, and only id 3 holds part 1.
PARTS = Sequences.from_lengths(np.array([0, 0, 1], dtype=np.int32), np.array([0, 0, 1, 2]))


def test_a_part_starts_as_the_mean_of_its_words():
    vectors = np.array([[0, 0], [9, 9], [1, 2], [3, 6]], dtype=np.float32)
    found = part_vectors(vectors, PARTS, 2)
    assert found.dtype == np.float32
    assert_allclose(found, [[2, 4], [3, 6]])


def test_mean_of_the_parts_of_every_id():
    found = mean_of_parts(np.array([[1.0, 2.0], [3.0, 0.0]], dtype=np.float32), PARTS)
    assert_allclose(found, [[0, 0], [0, 0], [1, 2], [2, 1]])
