import numpy as np
import pytest

from skrnn._data.seeds import Seeds


@pytest.mark.parametrize("seed", [3, np.int64(3), np.uint8(3)])
def test_every_integer_is_the_same_seed(seed):
    assert Seeds.from_random_state(seed) == Seeds(3)


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_a_generator_gives_a_number_and_moves_on(make):
    generator = make(0)
    first, second = (Seeds.from_random_state(generator) for _ in range(2))
    assert first != second
    assert Seeds.from_random_state(make(0)) == first


def test_none_leaves_the_global_generator_alone():
    state = np.random.get_state()  # noqa: NPY002
    first, second = (Seeds.from_random_state(None) for _ in range(2))
    assert first != second
    np.testing.assert_array_equal(np.random.get_state()[1], state[1])  # noqa: NPY002
    assert np.random.get_state()[2] == state[2]  # noqa: NPY002


def test_purposes_and_keys_are_independent():
    seeds = Seeds(0)
    drawn = [
        seeds.integer(purpose, *key)
        for purpose in ("weights", "dropout", "embeddings", "split", "shuffle")
        for key in ((), (0,), (1,))
    ]
    assert len(set(drawn)) == len(drawn)
    assert all(0 <= number < 2**31 for number in drawn)
    assert seeds.generator("split").integers(10**9) == Seeds(0).generator("split").integers(10**9)
