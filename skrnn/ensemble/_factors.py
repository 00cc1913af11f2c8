"""Factors of logits and an intercept, chosen by the cross-entropy on held-out data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit, log_softmax

from .._data.samples import Labels, rows_to_hold_out
from .._data.seeds import Seeds

# Of a factor of 0 it would be forgotten which class is the most likely one.
_LEAST_FACTOR = 1e-3

# Standard deviation of the prior of the intercept, whose mean is 0.
_INTERCEPT_SPREAD = 2.0

# What is chosen is chosen with a tenth of the texts, from so many texts on.
_LEAST_TEXTS, _HELD_OUT = 100, 0.1


def rows_to_judge_by(
    labels: Labels, copies: np.ndarray, seeds: Seeds
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a tenth of the distinct documents that have a weight, and where copies of them are.

    The documents are rows, each once; where they and their copies are is a mask. None where
    there are too few of them, or too few whose class has others.

    Parameters
    ----------
    labels : Labels
        Of all samples.
    copies : ndarray of shape (n_samples,)
        What `Documents.copies` returns: copies of a document that was learnt say nothing.
    seeds : Seeds
        Where the choice comes from.
    """
    rows = np.flatnonzero(labels.counts)
    rows = rows[np.sort(np.unique(copies[rows], return_index=True)[1])]
    if len(rows) < _LEAST_TEXTS:
        return None
    held_out = rows_to_hold_out(labels.take(rows), _HELD_OUT, seeds)
    if held_out is None:
        return None
    return rows[held_out], np.isin(copies, copies[rows[held_out]])


def fit_factors(
    evidence: list[np.ndarray],
    targets: np.ndarray,
    sample_weight: np.ndarray,
    prior: Sequence[float],
    spread: float,
) -> tuple[list[float], float]:
    """Return the factors and the intercept that make the best logits of the evidence.

    The logits are the sum of factors times evidence, and of the intercept. They have the least
    sum of cross-entropy and of a quadratic penalty, which draws factors and intercept to the
    prior: a few samples change little. Independent labels have an intercept, the same one for
    all: machines of rare labels hardly ever say yes, and a factor cannot change that.

    Parameters
    ----------
    evidence : list of ndarray of shape (n_samples, n_classes)
        What is said of the classes, such as logarithms of probabilities.
    targets : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Indices of the classes; indicators for independent labels.
    sample_weight : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Weights of the samples, or of their independent labels.
    prior : sequence of float
        Mean of the prior: the factors without data.
    spread : float
        Standard deviation of the prior.

    Returns
    -------
    factors : list of float
        One for every array, above 0.
    intercept : float
        What is added to all logits; 0 for classes, of which it would tell nothing.
    """
    usual, spreads = np.asarray(prior, dtype=np.float64), np.full(len(evidence), spread)
    bounds: list[tuple[float | None, None]] = [(_LEAST_FACTOR, None)] * len(evidence)
    if targets.ndim == 2:
        evidence = [*evidence, np.ones_like(evidence[0])]
        usual, spreads = np.append(usual, 0.0), np.append(spreads, _INTERCEPT_SPREAD)
        bounds.append((None, None))
    parts = np.stack(evidence)
    rows = np.arange(len(targets))
    weights = sample_weight.reshape(len(targets), -1)

    def loss(factors: np.ndarray) -> tuple[float, np.ndarray]:
        logits = np.tensordot(factors, parts, axes=1)
        if targets.ndim == 2:
            losses = -(targets * log_expit(logits) + (1 - targets) * log_expit(-logits))
            slopes = (expit(logits) - targets) * parts
        else:
            log_p = log_softmax(logits, axis=1)
            losses = -log_p[rows, targets, np.newaxis]
            slopes = (np.exp(log_p) * parts).sum(axis=2) - parts[:, rows, targets]
            slopes = slopes[:, :, np.newaxis]
        away = (factors - usual) / spreads
        return (
            (losses * weights).sum() + away @ away / 2,
            (slopes * weights).sum(axis=(1, 2)) + away / spreads,
        )

    best = minimize(loss, usual, jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    return best[: len(prior)], best[len(prior)] if targets.ndim == 2 else 0.0
