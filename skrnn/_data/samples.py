"""Weighted samples: those to train with and those to judge by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from .seeds import Seeds
from .sequences import Sequences
from .targets import Targets


class Labels(NamedTuple):
    """Encoded targets and weights of samples, whose inputs need not be read yet.

    ``late_weights`` take the place of ``weights`` at the end of a cycle.
    """

    targets: np.ndarray
    weights: np.ndarray
    late_weights: np.ndarray

    def take(self, rows: np.ndarray) -> Labels:
        """Return the labels of the given rows, in that order."""
        return Labels(*(column[rows] for column in self))

    def times(self, factor: float) -> Labels:
        """Return the labels with their weights multiplied."""
        return Labels(self.targets, self.weights * factor, self.late_weights * factor)


class Samples(NamedTuple):
    """Inputs and labels, one of each for every sample."""

    sequences: Sequences
    labels: Labels

    @classmethod
    def concatenate(cls, parts: Iterable[Samples]) -> Samples:
        """Put samples one after the other."""
        sequences, labels = zip(*parts, strict=True)
        columns = (np.concatenate(column) for column in zip(*labels, strict=True))
        return cls(Sequences.concatenate(sequences), Labels(*columns))

    def with_mean_weight_1(self) -> Samples:
        """Scale the weights so that a batch's mean loss is, on average, the weighted mean."""
        weights, late_weights = (
            (weights * (len(weights) / weights.sum())).astype(np.float32)
            for weights in self.labels[1:]
        )
        return self._replace(labels=Labels(self.labels.targets, weights, late_weights))

    def merged(self) -> Samples:
        """Return every distinct sample once, in sorted order, with the sum of its weights.

        In training with full batches a sample that occurs twice is a sample of twice the
        weight. Merged and sorted, the two are the same also in the last bit.
        """
        targets = self.labels.targets
        columns = [
            part.reshape(len(targets), -1).astype(np.float64)
            for part in (self.sequences.padded(), targets)
        ]
        _, first, sample = np.unique(
            np.hstack(columns), axis=0, return_index=True, return_inverse=True
        )
        weights = (np.bincount(sample.ravel(), weights) for weights in self.labels[1:])
        return Samples(self.sequences.take(first), Labels(targets[first], *weights))


def weigh(
    targets: Targets,
    y: Any,
    sample_weight: Any,
    class_weight: dict | str | None,
    *,
    balance_late: bool,
    names: tuple[str, str] = ("y", "sample_weight"),
) -> Labels:
    """Encode y and weigh the samples by ``sample_weight`` and the weight of their class.

    Parameters
    ----------
    targets : Targets
        The learnt classes.
    y, sample_weight : array-like
        As given to `LSTMTextClassifier.fit`.
    class_weight : dict, "balanced" or None
        Weights of the classes.
    balance_late : bool
        Whether "balanced" weights wait for the end of a cycle [1]_: before that, few
        samples of large weight would make the steps of all classes uneven.
    names : tuple of two str, default=("y", "sample_weight")
        What messages call the two.

    References
    ----------
    .. [1] K. Cao, C. Wei, A. Gaidon, N. Arechiga and T. Ma, "Learning Imbalanced Datasets
       with Label-Distribution-Aware Margin Loss", NeurIPS 2019.
    """
    encoded = targets.encode(y, name=names[0])
    weights = _check_sample_weight(
        sample_weight, encoded, dtype=np.float64, ensure_non_negative=True, copy=True
    )
    labels = weigh_classes(
        targets, encoded, weights, class_weight=class_weight, balance_late=balance_late
    )
    if not labels.weights.any():
        raise ValueError(
            f"{names[1]} is 0 for every sample: there is nothing to"
            f" {'train on' if names[1] == 'sample_weight' else 'judge by'}."
        )
    return labels


def weigh_classes(
    targets: Targets,
    encoded: np.ndarray,
    weights: np.ndarray,
    *,
    class_weight: dict | str | None,
    balance_late: bool,
) -> Labels:
    """Return encoded targets with weights that are multiplied by those of the classes."""
    late_weights = weights
    if class_weight is not None:
        labels = encoded if targets.multilabel else targets.classes[encoded]
        late_weights = weights * compute_sample_weight(class_weight, labels)
        if not (class_weight == "balanced" and balance_late):
            weights = late_weights
    return Labels(encoded, weights, late_weights)


def split(labels: Labels, share: float, seeds: Seeds) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train with and a stratified share of rows to judge by.

    Rows are sorted by class, in random order within it, and taken at even distances:
    every class is represented to within one row, whatever its size. The only row of a
    class is not held out.

    Parameters
    ----------
    labels : Labels
        Of all samples.
    share : float
        How much to hold out, in (0, 1).
    seeds : Seeds
        Where the random order comes from.
    """
    targets = labels.targets
    order = seeds.generator("split").permutation(len(targets))
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
    return np.delete(np.arange(len(targets)), held_out), np.sort(held_out)
