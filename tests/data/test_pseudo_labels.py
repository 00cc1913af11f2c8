"""Pseudo-labels: targets and weights of samples that nobody has labelled."""

import numpy as np

from skrnn._data.pseudo_labels import add_pseudo_labels
from skrnn._data.samples import Labels, Samples
from skrnn._data.sequences import Sequences
from skrnn._data.targets import Targets


def ids(*lengths):
    return Sequences.from_lengths(
        np.arange(2, 2 + sum(lengths), dtype=np.int32), np.array(lengths)
    )


def labeled(targets):
    weights = np.ones(len(targets), dtype=np.float32)
    return Samples(ids(*[1] * len(targets)), Labels(np.array(targets), weights, weights))


def test_the_most_probable_class_becomes_the_label_and_sure_ones_weigh_more():
    targets = Targets.learn(["a", "b", "c"], "auto")
    probabilities = np.array([[0.1, 0.8, 0.1], [0.4, 0.3, 0.3], [0.2, 0.4, 0.4]], dtype=np.float32)
    samples = add_pseudo_labels(
        labeled([0, 1, 2, 0]),
        ids(2, 3, 1),
        probabilities,
        targets,
        class_weight=None,
        balance_late=True,
    )
    assert samples.labels.targets.tolist() == [0, 1, 2, 0, 1, 0, 1]
    weights = samples.labels.weights
    np.testing.assert_allclose(weights.mean(), 1, rtol=1e-6)
    # The two of class 1 weigh 0.8 + 0.4 together.
    sharp = np.array([0.8, 0.4]) ** 4
    expected = 1.2 * sharp / sharp.sum()
    np.testing.assert_allclose(weights[[4, 6]] / weights[0], expected, rtol=1e-5)
    np.testing.assert_allclose(weights[5] / weights[0], 0.4, rtol=1e-5)
    assert samples.sequences.lengths.tolist() == [1, 1, 1, 1, 2, 3, 1]


def test_a_few_labelled_samples_weigh_half_as_much_as_all_others():
    targets = Targets.learn([0, 1], "auto")
    probabilities = np.tile(np.array([[0.0, 1.0]], dtype=np.float32), (40, 1))
    samples = add_pseudo_labels(
        labeled([0, 1]),
        ids(*[1] * 40),
        probabilities,
        targets,
        class_weight=None,
        balance_late=True,
    )
    weights = samples.labels.weights
    np.testing.assert_allclose(weights[:2].sum() / weights[2:].sum(), 0.5, rtol=1e-6)
    np.testing.assert_array_equal(samples.labels.late_weights, weights)


def test_weights_of_classes_count_for_pseudo_labels():
    targets = Targets.learn([0, 1], "auto")
    probabilities = np.array([[0.9, 0.1], [0.1, 0.9]], dtype=np.float32)
    samples = add_pseudo_labels(
        labeled([0, 1]),
        ids(1, 1),
        probabilities,
        targets,
        class_weight={0: 1.0, 1: 3.0},
        balance_late=True,
    )
    pseudo = samples.labels.weights[2:]
    np.testing.assert_allclose(pseudo[1] / pseudo[0], 3, rtol=1e-6)


def test_independent_labels_are_guessed_one_by_one():
    targets = Targets.learn(np.array([[1, 1, 0], [0, 0, 0]]), "auto")
    probabilities = np.array([[0.9, 0.2, 0.6]], dtype=np.float32)
    samples = add_pseudo_labels(
        labeled(np.array([[1, 1, 0], [0, 0, 0]], dtype=np.float32)),
        ids(1),
        probabilities,
        targets,
        class_weight=None,
        balance_late=True,
    )
    assert samples.labels.targets[2].tolist() == [1, 0, 1]
    weights = samples.labels.weights
    np.testing.assert_allclose(weights[2] / weights[0], (0.9 + 0.8 + 0.6) / 3, rtol=1e-6)


def test_of_independent_labels_sure_guesses_weigh_more_too():
    targets = Targets.learn(np.array([[1, 1], [0, 0]]), "auto")
    samples = add_pseudo_labels(
        labeled(np.array([[1, 1], [0, 0]], dtype=np.float32)),
        ids(1, 1),
        np.array([[1.0, 0.0], [0.5, 0.5]], dtype=np.float32),
        targets,
        class_weight=None,
        balance_late=True,
    )
    weights = samples.labels.weights
    # The two weigh 1 + 0.5 together, and a guess a sixteenth of what a sure answer does.
    expected = 1.5 * np.array([16, 1]) / 17
    np.testing.assert_allclose(weights[2:] / weights[0], expected, rtol=1e-6)
