import numpy as np
import pytest
from scipy.stats import entropy

from skrnn._network.network import divergence

RNG = np.random.default_rng(0)


def both_ways(p, q):
    return (entropy(p, q) + entropy(q, p)) / 2


def test_divergence_of_classes():
    first, second = RNG.dirichlet(np.ones(4), size=(2, 5)).astype("float32")
    apart = divergence(np.concatenate([first, second]), multilabel=False)
    expected = [both_ways(p, q) for p, q in zip(first, second, strict=True)]
    np.testing.assert_allclose(apart, expected, rtol=1e-4)


def test_divergence_of_labels():
    first, second = RNG.uniform(0.01, 0.99, size=(2, 5, 3)).astype("float32")
    apart = divergence(np.concatenate([first, second]), multilabel=True)
    expected = np.mean(
        [
            [both_ways([p, 1 - p], [q, 1 - q]) for p, q in zip(*columns, strict=True)]
            for columns in zip(first.T, second.T, strict=True)
        ],
        axis=0,
    )
    np.testing.assert_allclose(apart, expected, rtol=1e-3)


@pytest.mark.parametrize("multilabel", [False, True])
def test_certain_outputs_have_a_finite_divergence(multilabel):
    answers = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], dtype="float32")
    apart = np.asarray(divergence(answers, multilabel))
    assert apart[0] == 0.0
    assert 10 < apart[1] < 20
