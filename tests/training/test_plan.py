from types import SimpleNamespace

import pytest

from skrnn import LSTMTextClassifier
from skrnn._training.plan import make_plan


def plan(n_samples, kind="texts", **params):
    params = SimpleNamespace(**LSTMTextClassifier(**params).get_params(deep=False))
    return make_plan(params, kind=kind, n_samples=n_samples, first_epoch=0, epochs=None)


@pytest.mark.parametrize(
    ("n_samples", "batch_size", "rate", "epochs", "consistency"),
    [
        (900, 32, 5e-3, 30, 1.0),
        (1000, 32, 5e-3, 15, 1.0),
        (3168, 32, 5e-3, 15, 1.0),
        (3200, 32, 5e-3, 10, 0.0),
        (100_000, 32, 5e-3, 10, 0.0),
    ],
)
def test_automatic_values_follow_the_data(n_samples, batch_size, rate, epochs, consistency):
    made = plan(n_samples)
    assert (made.batch_size, made.schedule.peak) == (batch_size, rate)
    assert (made.horizon, made.consistency) == (epochs, consistency)


def test_numbers_have_small_batches():
    made = plan(100_000, "numbers", embedding_dim=None)
    assert (made.batch_size, made.schedule.peak) == (32, 5e-3)


@pytest.mark.parametrize(
    ("n_samples", "batch_size", "rate", "epochs"),
    [
        (4, 8, 2.5e-3, 200),
        (36, 8, 2.5e-3, 160),
        (128, 16, 5e-3 / 2**0.5, 100),
        (800, 32, 5e-3, 32),
        (1000, 32, 5e-3, 25),
        (100_000, 32, 5e-3, 10),
    ],
)
def test_few_numbers_have_enough_steps(n_samples, batch_size, rate, epochs):
    made = plan(n_samples, "numbers", embedding_dim=None)
    assert (made.batch_size, made.horizon) == (batch_size, epochs)
    assert made.schedule.peak == pytest.approx(rate)


def test_automatic_values_follow_a_batch_size_that_is_given():
    made = plan(3200, batch_size=64)
    assert (made.schedule.peak, made.horizon, made.consistency) == (5e-3, 15, 1.0)
    assert plan(3200, batch_size=16).schedule.peak == 5e-3
    assert plan(3200, learning_rate=1e-3).schedule.peak == 1e-3
