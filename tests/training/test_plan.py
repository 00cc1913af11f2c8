import numpy as np
import pytest

from skrnn import LSTMTextClassifier
from skrnn._training.check import FitData, check_fit
from skrnn._training.plan import fitting_frame_length, make_plan


def plan(n_samples, kind="texts", *, positive_rate=1.0, **params):
    return make_plan(
        LSTMTextClassifier(**params)._parameters(),
        kind=kind,
        n_samples=n_samples,
        first_epoch=0,
        epochs=None,
        frame_length=5,
        positive_rate=positive_rate,
    )


@pytest.mark.parametrize(
    ("n_samples", "epochs", "consistency"),
    [
        (100, 30, 1.0),
        (1000, 19, 1.0),
        (3168, 11, 1.0),
        (3200, 11, 0.0),
        (100_000, 8, 0.0),
    ],
)
def test_automatic_values_follow_the_data(n_samples, epochs, consistency):
    made = plan(n_samples)
    assert made.batch_size == 64
    assert made.schedule.peak == pytest.approx(5e-3 * 2**0.5)
    assert (made.schedule.epochs, made.consistency) == (epochs, consistency)


@pytest.mark.parametrize(
    ("n_samples", "positive_rate", "epochs"),
    [(1000, 0.125, 19), (1000, 0.5, 19), (1000, 0.06, 28), (1000, 0.0, 40), (100_000, 0.01, 8)],
)
def test_rare_positives_take_more_passes(n_samples, positive_rate, epochs):
    made = plan(n_samples, positive_rate=positive_rate)
    assert made.schedule.epochs == epochs
    assert made.consistency == float(positive_rate >= 0.125)


@pytest.mark.parametrize(
    ("kind", "positive_rate", "params", "share"),
    [
        ("texts", 1.0, {}, 0.05),
        ("token ids", 1.0, {}, 0.05),
        ("texts", 0.125, {}, 0.05),
        ("texts", 0.12, {}, 0.0),
        ("numbers", 1.0, {"embedding_dim": None}, 0.0),
        ("texts", 1.0, {"label_smoothing": 0.0}, 0.0),
        ("texts", 0.12, {"label_smoothing": 0.1}, 0.1),
    ],
)
def test_targets_of_tokens_are_smoothed_unless_positives_are_rare(
    kind, positive_rate, params, share
):
    assert plan(100, kind, positive_rate=positive_rate, **params).label_smoothing == share


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
        (100_000, 32, 5e-3, 8),
    ],
)
def test_few_numbers_have_enough_steps(n_samples, batch_size, rate, epochs):
    made = plan(n_samples, "numbers", embedding_dim=None)
    assert (made.batch_size, made.schedule.epochs) == (batch_size, epochs)
    assert made.schedule.peak == pytest.approx(rate)


def test_automatic_values_follow_a_batch_size_that_is_given():
    made = plan(3200, batch_size=50)
    assert (made.schedule.epochs, made.consistency) == (14, 1.0)
    for batch_size, rate in ((8, 2.5e-3), (32, 5e-3), (128, 1e-2), (1000, 1e-2)):
        assert plan(3200, batch_size=batch_size).schedule.peak == pytest.approx(rate)
    assert plan(3200, learning_rate=1e-3).schedule.peak == 1e-3


def test_texts_are_read_in_part_in_the_first_half_of_a_cycle():
    schedule = plan(3200, epochs=4).schedule
    assert [epoch for epoch in range(6) if schedule.is_early(epoch)] == [0, 1, 4, 5]
    assert not plan(3200, epochs=1).schedule.is_early(0)
    assert plan(3200).window == 96
    assert plan(3200, schedule=None).window is None
    assert plan(3200, "numbers", embedding_dim=None).window is None


@pytest.mark.parametrize(
    ("params", "frame_length"),
    [
        ({}, 5),
        ({"normalization": None}, 1),  # numbers as they are
        ({"frame_length": 7}, 7),
        ({"normalization": None, "frame_length": 7}, 7),
    ],
)
def test_who_decides_about_frames(params, frame_length):
    made = plan(100, "numbers", embedding_dim=None, **params)
    assert made.layers["frame_length"] == frame_length
    assert plan(100, "texts", **params).layers["frame_length"] == 1


@pytest.mark.parametrize(
    ("lengths", "n_features", "frame_length"),
    [
        ([95, 95, 10_000], 1, 1),  # the median counts
        ([96, 96, 96], 1, 2),
        ([427] * 3, 1, 8),
        ([100_000], 1, 64),
        ([100], 30, 2),
        ([100], 300, 1),
    ],
)
def test_frames_follow_the_length_and_the_width(lengths, n_features, frame_length):
    assert fitting_frame_length(np.array(lengths), n_features) == frame_length


def test_only_labels_to_train_with_are_rare_or_not():
    params = LSTMTextClassifier()._parameters()
    y = np.concatenate([np.eye(40, 3), np.ones((10, 3))])  # 3 of 120 have a weight
    data = FitData(["wheat", "rates"] * 25, y, np.repeat([1, 0], [40, 10]))
    assert check_fit(params, data, "it", None, None).plan.schedule.epochs == 40
