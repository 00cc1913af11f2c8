import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._data.sequences import Sequences
from skrnn._vectors.documents import mean_vectors, weighted_by_rarity

# Two documents without words that both have, and an empty one. -1 is a part of an unknown word.
DOCUMENTS = Sequences.from_lengths(np.array([2, 2, 3, 1, -1], dtype=np.int32), np.array([3, 2, 0]))


def test_rare_words_weigh_more():
    table = weighted_by_rarity(np.ones((4, 1)), DOCUMENTS)
    assert_allclose(table[[1, 2, 3], 0], np.log(3), rtol=1e-6)
    twice = Sequences.from_lengths(np.array([2, 2, 3], dtype=np.int32), np.array([1, 2]))
    assert_allclose(weighted_by_rarity(np.ones((4, 1)), twice)[2:, 0], [0, np.log(2)], rtol=1e-6)


@pytest.mark.parametrize("block_steps", [2**20, 2])
@pytest.mark.parametrize("first", [0, 2])
def test_documents_of_all_parts_and_blocks_count(block_steps, first, monkeypatch):
    monkeypatch.setattr("skrnn._data.sequences.BLOCK_STEPS", block_steps)
    values, lengths = np.array([2, 2, 3, 2, 3, 1], dtype=np.int32), np.array([1, 1, 1, 2, 1])
    parts = Sequences.from_lengths(values, lengths).split_at(first)
    table = weighted_by_rarity(np.ones((4, 1)), *parts)
    assert_allclose(table[2:, 0], np.log([5 / 3, 5 / 2]), rtol=1e-6)


def test_directions_of_means_without_parts():
    table = np.array([[9, 9], [0, 3], [1, 0], [0, 2]], dtype=np.float32)
    (found,) = mean_vectors(DOCUMENTS, table)
    assert found.dtype == np.float32
    assert_allclose(found, [[np.sqrt(0.5), np.sqrt(0.5)], [0, 1], [0, 0]], rtol=1e-6)
