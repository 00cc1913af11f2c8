"""Pseudo-labels: what a model predicts for unlabelled samples, to train with."""

from __future__ import annotations

from typing import Any

import numpy as np

from .samples import Samples, weigh_classes
from .sequences import Sequences
from .targets import Targets

# How the labelled samples weigh, all together, beside the pseudo-labelled ones at full
# confidence: a few labels are not lost among many guesses.
_LABELED_SHARE = 0.5

# The power of a probability that is a weight: of two classes, a guess weighs a sixteenth of what
# a sure answer does.
_SHARPNESS = 4


def add_pseudo_labels(
    labeled: Samples,
    unlabeled: Sequences,
    probabilities: np.ndarray,
    targets: Targets,
    **weighing: Any,
) -> Samples:
    """Return labelled and unlabelled samples together, to train with [1]_.

    Parameters
    ----------
    labeled : Samples
        With a mean weight of 1.
    unlabeled : Sequences
        The others.
    probabilities : ndarray of shape (n_unlabeled, n_outputs)
        What is predicted for them. The most probable label becomes theirs, and the
        fourth power of its probability their weight among those of the same label, so
        that a guess counts for little. All of a label weigh as much as the sum of their
        probabilities: of rare classes the predictions are less sure.
    targets : Targets
        The labels of the fit.
    **weighing : dict
        See `weigh_classes`.

    Returns
    -------
    samples : Samples
        The labelled ones first, with a mean weight of 1.

    References
    ----------
    .. [1] D.-H. Lee, "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning
       Method for Deep Neural Networks", ICML Workshop on Challenges in Representation
       Learning, 2013.
    """
    if targets.multilabel:
        encoded = (probabilities > 0.5).astype(np.float32)
        confidence = np.maximum(probabilities, 1 - probabilities).mean(axis=1)
    else:
        encoded = probabilities.argmax(axis=1).astype(np.int32)
        confidence = probabilities.max(axis=1)
    factor = max(1.0, _LABELED_SHARE * len(unlabeled) / len(labeled.sequences))
    weights = _sharpened(confidence.astype(np.float64), encoded)
    pseudo = weigh_classes(targets, encoded, weights, **weighing)
    return Samples.concatenate(
        [
            Samples(labeled.sequences, labeled.labels.times(factor)),
            Samples(unlabeled, pseudo),
        ]
    ).with_mean_weight_1()


def _sharpened(confidence: np.ndarray, encoded: np.ndarray) -> np.ndarray:
    """Return weights that favour sure predictions within each label."""
    labels = encoded if encoded.ndim == 1 else np.zeros(len(encoded), dtype=np.int32)
    weights = confidence**_SHARPNESS
    sums = np.bincount(labels, confidence), np.bincount(labels, weights)
    return weights * np.divide(*sums, where=sums[1] > 0, out=np.zeros(len(sums[0])))[labels]
