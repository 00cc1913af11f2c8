"""Two answers made one: a product of probabilities, and the exponents that suit held-out data."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit, log_softmax, softmax

# Where the exponents are before any data speaks, and how many texts' worth that is.
PRIOR = (0.5, 2.0)
_SPREAD = (0.25, 1.0)


def product(
    deep: np.ndarray, wide: np.ndarray, weights: tuple[float, float], *, multilabel: bool
) -> np.ndarray:
    """Return the probabilities of a logarithmic opinion pool.

    Parameters
    ----------
    deep, wide : ndarray of shape (n_samples, n_classes)
        What each of the two says of the classes: logarithms of probabilities, up to a
        constant for each sample; for independent labels logits.
    weights : tuple of two floats
        The factors of the two.
    multilabel : bool
        Whether the labels are independent.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float64
        Rows sum to 1 unless the labels are independent.
    """
    logits = weights[0] * deep + weights[1] * wide
    return expit(logits) if multilabel else softmax(logits, axis=1)


def fit_weights(
    deep: np.ndarray,
    wide: np.ndarray,
    targets: np.ndarray,
    sample_weight: np.ndarray,
) -> tuple[float, float]:
    """Return the factors with the least cross-entropy, drawn towards `PRIOR`.

    The penalty weighs as much as a few samples, so that little data changes little.

    Parameters
    ----------
    deep, wide : ndarray of shape (n_samples, n_classes)
        See `product`; of samples that neither has learnt from.
    targets : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Indices of the classes; indicators for independent labels.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    weights : tuple of two floats
        At least 0.
    """
    evidence = np.stack([deep, wide])
    rows = np.arange(len(targets))
    prior, spread = np.array(PRIOR), np.array(_SPREAD)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = np.tensordot(weights, evidence, axes=1)
        if targets.ndim == 2:
            losses = -(targets * log_expit(logits) + (1 - targets) * log_expit(-logits)).sum(
                axis=1
            )
            slopes = ((expit(logits) - targets) * evidence).sum(axis=2)
        else:
            log_p = log_softmax(logits, axis=1)
            losses = -log_p[rows, targets]
            slopes = (np.exp(log_p) * evidence).sum(axis=2) - evidence[:, rows, targets]
        away = (weights - prior) / spread
        value = losses @ sample_weight + away @ away / 2
        return value, slopes @ sample_weight + away / spread

    result = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0, None)] * 2)
    return float(result.x[0]), float(result.x[1])
