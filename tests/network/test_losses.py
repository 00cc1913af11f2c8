import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import entropy

from skrnn import LSTMTextClassifier
from skrnn._network.losses import divergence, uniform_loss


def both_ways(p, q):
    return (entropy(p, q) + entropy(q, p)) / 2


def test_divergence_of_classes():
    rng = np.random.default_rng(0)
    first, second = rng.dirichlet(np.ones(4), size=(2, 5)).astype("float32")
    apart = divergence(np.concatenate([first, second]), multilabel=False)
    expected = [both_ways(p, q) for p, q in zip(first, second, strict=True)]
    np.testing.assert_allclose(apart, expected, rtol=1e-4)


def test_divergence_of_labels():
    rng = np.random.default_rng(0)
    first, second = rng.uniform(0.01, 0.99, size=(2, 5, 3)).astype("float32")
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


def test_smoothed_loss_of_classes_is_that_of_keras():
    rng = np.random.default_rng(0)
    targets, weights = np.array([0, 2, 1, 1, 0]), rng.uniform(size=5).astype("float32")
    probabilities = rng.dirichlet(np.ones(3), size=5).astype("float32")
    plain, smoothed = (
        keras.losses.CategoricalCrossentropy(label_smoothing=share)(
            np.eye(3)[targets], probabilities, sample_weight=weights
        )
        for share in (0.0, 0.2)
    )
    # A class that is not in use has the probability 0 and no share.
    room = tf.constant(np.pad(probabilities, ((0, 0), (0, 2))))
    uniform = uniform_loss(room, tf.constant(weights), multilabel=False)
    np.testing.assert_allclose(0.8 * plain + 0.2 * uniform, smoothed, rtol=1e-5)


@pytest.mark.parametrize("shape", [(5,), (5, 3)], ids=["samples", "labels"])
def test_smoothed_loss_of_labels_is_that_of_keras(shape):
    rng = np.random.default_rng(0)
    targets, weights = rng.integers(2, size=(5, 3)), rng.uniform(size=shape).astype("float32")
    probabilities = rng.uniform(0.01, 0.99, size=(5, 3)).astype("float32")
    # Keras takes the mean over the last axis before it weighs.
    columns = [np.reshape(values, (*shape, -1)) for values in (targets, probabilities)]
    plain, smoothed = (
        keras.losses.BinaryCrossentropy(label_smoothing=share)(*columns, sample_weight=weights)
        for share in (0.0, 0.2)
    )
    uniform = uniform_loss(tf.constant(probabilities), tf.constant(weights), multilabel=True)
    np.testing.assert_allclose(0.8 * plain + 0.2 * uniform, smoothed, rtol=1e-5)


def test_weights_of_labels_leave_a_gradient_where_a_probability_is_certain():
    rng = np.random.default_rng(0)
    X, y = [["wheat", "rose"], ["bank"]] * 10, rng.integers(0, 2, size=(20, 3))
    params = {"units": 8, "embedding_dim": 8, "epochs": 8, "learning_rate": 0.5}
    losses = [
        LSTMTextClassifier(
            **params, consistency=0.0, dropout=0.0, random_state=0, class_weight=class_weight
        )
        .fit(X, y)
        .history_["loss"]
        for class_weight in (None, {0: 1.0})
    ]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-3)


@pytest.mark.parametrize(("consistency", "label_smoothing"), [(5.0, 0.0), (0.0, 0.5)])
def test_a_sample_without_weight_has_no_say_in_any_term(consistency, label_smoothing):
    X = np.random.default_rng(0).normal(size=(2, 3, 1)).astype("float32")
    params = {"embedding_dim": None, "units": 3, "dropout": 0.5, "random_state": 0}
    network = LSTMTextClassifier(**params).initialize(X, [0, 1])._model.loan.network
    network.model.optimizer.learning_rate = 0.1
    state, ends = network.get_state(), []
    for shift in (0, 5):
        network.set_state(state)
        steps = X + np.array([0, shift], dtype="float32")[:, np.newaxis, np.newaxis]
        batch = steps, np.array([0, 1], dtype=np.int32), np.array([2, 0], dtype=np.float32)
        network.train_step(*batch, consistency, label_smoothing)
        ends.append(network.get_weights())
    assert any((value != 0).any() for value in ends[0].values())
    for path, value in ends[0].items():
        np.testing.assert_allclose(ends[1][path], value, rtol=1e-5, err_msg=path)
