"""Terms of the objective beside Keras' losses, and the accuracy of a batch."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

# Where a probability is cut for its logarithm, as in Keras' losses.
_EPSILON = 1e-7


def divergence(probabilities: Any, multilabel: bool) -> tf.Tensor:
    """Return the divergence between two passes of each sample, as in R-Drop [1]_.

    Parameters
    ----------
    probabilities : tensor of shape (2 * n_samples, n_outputs)
        All outputs of the first pass, then all of the second one.
    multilabel : bool
        Whether every column is a distribution of its own; their mean is taken then, as
        in the loss.

    Returns
    -------
    apart : tensor of shape (n_samples,)
        The mean of the Kullback-Leibler divergences in both directions.

    References
    ----------
    .. [1] X. Liang, L. Wu, J. Li, Y. Wang, Q. Meng, T. Qin, W. Chen, M. Zhang and T.-Y.
       Liu, "R-Drop: Regularized Dropout for Neural Networks", NeurIPS 2021.
    """
    first, second = tf.split(tf.clip_by_value(probabilities, _EPSILON, 1 - _EPSILON), 2)
    terms = (first - second) * tf.math.log(first / second)
    if multilabel:
        terms += (first - second) * tf.math.log((1 - second) / (1 - first))
        return tf.reduce_mean(terms, axis=1) / 2
    return tf.reduce_sum(terms, axis=1) / 2


def uniform_loss(probabilities: Any, weights: Any, multilabel: bool) -> tf.Tensor:
    """Return the loss of targets that are equal for all classes, for label smoothing [1]_.

    Parameters
    ----------
    probabilities : tensor of shape (n_samples, n_outputs)
        A softmax has 0 for classes that are not in use.
    weights : tensor of shape (n_samples,) or (n_samples, n_outputs)
        Weights of samples, or of their labels.
    multilabel : bool
        Whether every column is a distribution of its own.

    Returns
    -------
    loss : tensor
        The mean over the samples.

    References
    ----------
    .. [1] C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the
       Inception Architecture for Computer Vision", CVPR 2016.
    """
    likely = tf.clip_by_value(probabilities, _EPSILON, 1 - _EPSILON)
    if multilabel:
        terms = -(tf.math.log(likely) + tf.math.log(1 - likely)) / 2
        if weights.shape.rank == 1:
            terms = tf.reduce_mean(terms, axis=1)
    else:
        in_use = tf.cast(probabilities > 0, probabilities.dtype)
        sums = tf.reduce_sum(tf.math.log(likely) * in_use, axis=1)
        terms = -sums / tf.reduce_sum(in_use, axis=1)
    return tf.reduce_mean(terms * weights)


def weighted_accuracy(
    targets: Any, probabilities: Any, weights: Any, multilabel: bool
) -> tf.Tensor:
    if multilabel:
        hits = tf.equal(targets > 0.5, probabilities > 0.5)
    else:
        hits = tf.equal(tf.argmax(probabilities, axis=1, output_type=tf.int32), targets)
    hits = tf.cast(hits, tf.float32)
    if multilabel and len(weights.shape) == 1:
        hits = tf.reduce_mean(hits, axis=1)
    return tf.math.divide_no_nan(tf.reduce_sum(hits * weights), tf.reduce_sum(weights))
