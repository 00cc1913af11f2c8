"""Weighted samples: those to train with and those to judge by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from ._batching import merge_equal_samples
from ._sequences import Sequences

if TYPE_CHECKING:
    from ._classifier import LSTMTextClassifier

_HELD_OUT = 0.1


class Samples(NamedTuple):
    """Inputs, encoded targets and weights, one of each for every sample."""

    sequences: Sequences
    targets: np.ndarray
    weights: np.ndarray

    def take(self, rows: np.ndarray) -> Samples:
        """Return the samples of the given rows, in that order."""
        return Samples(self.sequences.take(rows), self.targets[rows], self.weights[rows])

    def with_weight(self) -> Samples:
        """Return the samples that have a weight."""
        return self if self.weights.all() else self.take(np.flatnonzero(self.weights))

    def with_mean_weight_1(self) -> Samples:
        """Scale the weights so that a batch's mean loss is, on average, the weighted mean."""
        scale = len(self.weights) / self.weights.sum()
        return self._replace(weights=(self.weights * scale).astype(np.float32))


def weighted(
    clf: LSTMTextClassifier,
    sequences: Sequences,
    y: Any,
    sample_weight: Any,
    names: tuple[str, str] = ("y", "sample_weight"),
) -> Samples:
    """Encode y and weigh the samples by ``sample_weight`` and the weight of their class.

    Parameters
    ----------
    clf : LSTMTextClassifier
        Has learnt the classes.
    sequences : Sequences
        The inputs.
    y, sample_weight : array-like
        As given to `LSTMTextClassifier.fit`.
    names : tuple of two str, default=("y", "sample_weight")
        What messages call the two.
    """
    targets = clf._targets.encode(y, name=names[0])
    check_consistent_length(sequences, targets)
    weights = _check_sample_weight(
        sample_weight, targets, dtype=np.float64, ensure_non_negative=True, copy=True
    )
    if clf.class_weight is not None:
        labels = targets if clf._targets.multilabel else clf.classes_[targets]
        weights *= compute_sample_weight(clf.class_weight, labels)
    if not weights.any():
        raise ValueError(
            f"{names[1]} is 0 for every sample: there is nothing to"
            f" {'train on' if names[1] == 'sample_weight' else 'judge by'}."
        )
    return Samples(sequences, targets, weights)


def split(clf: LSTMTextClassifier, samples: Samples) -> tuple[Samples, Samples | None]:
    """Return the samples to train with and a stratified share of samples to judge by.

    Rows are sorted by class, in random order within it, and taken at even distances:
    every class is represented to within one row, whatever its size. The only row of a
    class is not held out.

    Parameters
    ----------
    clf : LSTMTextClassifier
        Knows how much to hold out.
    samples : Samples
        All samples.
    """
    targets = samples.targets
    share = clf.validation_split or (_HELD_OUT if clf.early_stopping else 0.0)
    if not share:
        return samples, None
    order = clf._seeds.generator("split").permutation(len(targets))
    if targets.ndim == 1:
        order = order[np.argsort(targets[order], kind="stable")]
        order = order[np.bincount(targets)[targets[order]] > 1]
    size = round(share * len(targets))
    if size == 0 or size > len(order) or size == len(targets):
        raise ValueError(
            f"validation_split={share} of {len(targets)} samples leaves nothing to train on or"
            " nothing to hold out."
        )
    held_out = order[((np.arange(size) + 0.5) * len(order) / size).astype(np.intp)]
    return samples.take(np.delete(np.arange(len(targets)), held_out)), samples.take(
        np.sort(held_out)
    )


def for_training(clf: LSTMTextClassifier, samples: Samples) -> Samples:
    """Merge equal samples where all are in one batch, and scale the weights."""
    if len(samples.targets) <= clf.batch_size and clf.shuffle:
        samples = Samples(*merge_equal_samples(*samples))
    return samples.with_mean_weight_1()
