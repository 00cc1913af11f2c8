"""Weighted samples: those to train with and those to judge by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from .sequences import Sequences

if TYPE_CHECKING:
    from .._classifier import LSTMTextClassifier

_HELD_OUT = 0.1


class Samples(NamedTuple):
    """Inputs, encoded targets and weights, one of each for every sample.

    ``late_weights`` take the place of ``weights`` at the end of a cycle.
    """

    sequences: Sequences
    targets: np.ndarray
    weights: np.ndarray
    late_weights: np.ndarray

    def take(self, rows: np.ndarray) -> Samples:
        """Return the samples of the given rows, in that order."""
        return Samples(self.sequences.take(rows), *(column[rows] for column in self[1:]))

    def with_weight(self) -> Samples:
        """Return the samples that have a weight."""
        return self if self.weights.all() else self.take(np.flatnonzero(self.weights))

    def with_mean_weight_1(self) -> Samples:
        """Scale the weights so that a batch's mean loss is, on average, the weighted mean."""
        weights, late_weights = (
            (weights * (len(weights) / weights.sum())).astype(np.float32)
            for weights in (self.weights, self.late_weights)
        )
        return self._replace(weights=weights, late_weights=late_weights)


def weighted(
    clf: LSTMTextClassifier,
    sequences: Sequences,
    y: Any,
    sample_weight: Any,
    names: tuple[str, str] = ("y", "sample_weight"),
) -> Samples:
    """Encode y and weigh the samples by ``sample_weight`` and the weight of their class.

    Balancing waits for the end of a cycle [1]_: before that, few samples of large weight
    would make the steps of all classes uneven. It does not wait where training may stop
    before a cycle ends, or knows none.

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

    References
    ----------
    .. [1] K. Cao, C. Wei, A. Gaidon, N. Arechiga and T. Ma, "Learning Imbalanced Datasets
       with Label-Distribution-Aware Margin Loss", NeurIPS 2019.
    """
    targets = clf._targets.encode(y, name=names[0])
    check_consistent_length(sequences, targets)
    weights = _check_sample_weight(
        sample_weight, targets, dtype=np.float64, ensure_non_negative=True, copy=True
    )
    late_weights = weights
    if clf.class_weight is not None:
        labels = targets if clf._targets.multilabel else clf.classes_[targets]
        late_weights = weights * compute_sample_weight(clf.class_weight, labels)
        is_balanced = isinstance(clf.class_weight, str)
        if not (is_balanced and clf.schedule and not clf.early_stopping):
            weights = late_weights
    if not weights.any():
        raise ValueError(
            f"{names[1]} is 0 for every sample: there is nothing to"
            f" {'train on' if names[1] == 'sample_weight' else 'judge by'}."
        )
    return Samples(sequences, targets, weights, late_weights)


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
        samples = merge_equal_samples(samples)
    return samples.with_mean_weight_1()


def merge_equal_samples(samples: Samples) -> Samples:
    """Return every distinct sample once, in sorted order, with the sum of its weights.

    In training with full batches a sample that occurs twice is a sample of twice the
    weight. Merged and sorted, the two are the same also in the last bit.

    Parameters
    ----------
    samples : Samples
        All samples.
    """
    columns = [
        part.reshape(len(samples.targets), -1).astype(np.float64)
        for part in (samples.sequences.padded(), samples.targets)
    ]
    _, first, sample = np.unique(
        np.hstack(columns), axis=0, return_index=True, return_inverse=True
    )
    weights, late_weights = (
        np.bincount(sample.ravel(), weights) for weights in (samples.weights, samples.late_weights)
    )
    return samples.take(first)._replace(weights=weights, late_weights=late_weights)
