"""Weighted samples: those to train with and those to judge by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from numbers import Real
from typing import Any, NamedTuple, cast

import numpy as np
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from .brief import brief
from .masks import check_no_mask
from .seeds import Seeds
from .sequences import Sequences
from .targets import Targets, as_list


class Labels(NamedTuple):
    """Encoded targets and weights of samples, whose inputs need not be read yet.

    ``late_weights`` take the place of ``weights`` at the end of a cycle. Either has one weight
    a sample, or one a sample and label where the two sides of a label are weighed.
    """

    targets: np.ndarray
    weights: np.ndarray
    late_weights: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Whether each sample has a weight other than 0."""
        return self.sums != 0

    @property
    def sums(self) -> np.ndarray:
        """The weight of each sample; of independent labels, the sum of theirs."""
        return self.weights.reshape(len(self.targets), -1).sum(axis=1)

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
            (weights * (weights.size / weights.sum())).astype(np.float32)
            for weights in map(_near_1, self.labels[1:])
        )
        return self._replace(labels=Labels(self.labels.targets, weights, late_weights))

    def merged(self) -> Samples:
        """Return every distinct sample once, in sorted order, with the sum of its weights.

        In training with full batches a sample that occurs twice is a sample of twice the
        weight. Merged and sorted, the two are the same also in the last bit.
        """
        targets = self.labels.targets
        values = self.sequences.values + self.sequences.values.dtype.type(0)  # -0.0 is 0.0
        keys = [
            (values[start:stop].tobytes(), target.tobytes())
            for (start, stop), target in zip(
                pairwise(self.sequences.offsets.tolist()), targets, strict=True
            )
        ]
        places = {key: place for place, key in enumerate(sorted(set(keys)))}
        sample = np.array([places[key] for key in keys])
        _, first = np.unique(sample, return_index=True)
        weights = (
            np.apply_along_axis(lambda column: np.bincount(sample, column), 0, weights)
            for weights in self.labels[1:]
        )
        return Samples(self.sequences.take(first), Labels(targets[first], *weights))


def weigh(
    targets: Targets,
    encoded: np.ndarray,
    sample_weight: Any,
    class_weight: dict | list | str | None,
    *,
    balance_late: bool,
    name: str = "sample_weight",
) -> Labels:
    """Weigh samples by ``sample_weight`` and the weight of their class.

    Parameters
    ----------
    targets : Targets
        The learnt classes.
    encoded : ndarray of shape (n_samples,) or (n_samples, n_labels)
        What `Targets.encode` returns.
    sample_weight : array-like
        As given to `LSTMTextClassifier.fit`.
    class_weight : dict, list of dict, "balanced" or None
        Weights of the classes, see `weights_of_classes`.
    balance_late : bool
        Whether "balanced" weights wait for the end of a cycle [1]_: before that, few
        samples of large weight would make the steps of all classes uneven.
    name : str, default="sample_weight"
        Name of the weights in messages.

    References
    ----------
    .. [1] K. Cao, C. Wei, A. Gaidon, N. Arechiga and T. Ma, "Learning Imbalanced Datasets
       with Label-Distribution-Aware Margin Loss", NeurIPS 2019.
    """
    if len(encoded) == 0:
        raise ValueError("Found array with 0 sample(s) for y while a minimum of 1 is required.")
    check_no_mask(sample_weight, name, "fill it with 0")
    try:
        weights = _check_sample_weight(
            sample_weight, encoded, dtype=np.float64, ensure_non_negative=True, copy=True
        )
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{name} must hold a number for every sample, of which one at least is not 0, got"
            f" {brief(sample_weight)}: {error}"
        ) from error
    labels = weigh_classes(
        targets, encoded, weights, class_weight=class_weight, balance_late=balance_late
    )
    if not all(np.isfinite(product).all() for product in labels[1:]):
        raise ValueError(f"{name} times class_weight is too large for a number.")
    if not labels.weights.any():
        zero = "class_weight" if weights.any() else name
        raise ValueError(
            f"{zero} is 0 for every sample: there is nothing to"
            f" {'judge by' if name == 'sample_weight_val' else 'train on'}."
        )
    return labels


def _near_1(weights: np.ndarray) -> np.ndarray:
    """Multiply with the power of 2 that keeps a sum finite: it moves no bit."""
    return np.ldexp(weights, -np.frexp(weights.max())[1])


def weigh_classes(
    targets: Targets,
    encoded: np.ndarray,
    weights: np.ndarray,
    *,
    class_weight: dict | list | str | None,
    balance_late: bool,
) -> Labels:
    """Return encoded targets with weights that are multiplied by those of the classes."""
    late_weights = weights
    if class_weight is not None:
        factors = weights_of_classes(class_weight, encoded, targets, weights > 0)
        with np.errstate(over="ignore"):  # `weigh` refuses it
            late_weights = (weights if factors.ndim == 1 else weights[:, np.newaxis]) * factors
        if not (class_weight == "balanced" and balance_late):
            weights = late_weights
    return Labels(encoded, weights, late_weights)


def weights_of_classes(
    class_weight: dict | list | str, encoded: np.ndarray, targets: Targets, counts: np.ndarray
) -> np.ndarray:
    """Return what ``class_weight`` makes of every sample's weight.

    Parameters
    ----------
    class_weight : dict, list of dict or "balanced"
        By label. For independent labels: a dict from columns to the weight of a column's
        positives, or to a dict of the weights of its two sides; or a list of such
        dicts, one a column. "balanced" gives the sides of a column the same sum.
    encoded : ndarray of shape (n_samples,) or (n_samples, n_labels)
        What `Targets.encode` returns.
    targets : Targets
        The learnt classes.
    counts : ndarray of shape (n_samples,), dtype=bool
        Which samples "balanced" counts: one without a weight might as well not be there.

    Returns
    -------
    weights : ndarray of the shape of ``encoded``
        For independent labels every label has weights of its own: multiplied over
        labels, few rows would outweigh all others.
    """
    if not targets.multilabel:
        if isinstance(class_weight, list):
            raise ValueError(
                "class_weight is a list, which is for a multi-label y: give a dict by label."
            )
        if class_weight == "balanced":
            return _balanced(encoded, counts)
        _check_weights(cast(Mapping, class_weight), "class_weight")
        return _by_label(cast(Mapping, class_weight), targets.classes)[encoded]
    if class_weight == "balanced":
        columns = [_balanced(column, counts) for column in encoded.T]
        return np.stack(columns, axis=1)
    sides = np.ones((2, encoded.shape[1]))
    for column, weight in _by_column(class_weight, targets.classes):
        if isinstance(weight, Mapping):
            _check_weights(weight, f"class_weight[{brief(column)}]")
            unknown = [side for side in weight if side not in (0, 1)]
            if unknown:
                raise ValueError(
                    f"class_weight[{brief(column)}] weighs the sides 0 and 1 of a column, got"
                    f" {brief(unknown[0])}."
                )
            weight = [weight.get(0, 1), weight.get(1, 1)]
        else:
            _check_weights({column: weight}, "class_weight")
            weight = [1, weight]
        sides[:, targets.classes == column] = np.reshape(weight, (2, 1))
    return np.where(encoded > 0.5, sides[1], sides[0])


def _balanced(encoded: np.ndarray, counts: np.ndarray) -> np.ndarray:
    weights = np.ones(len(encoded))
    weights[counts] = compute_sample_weight("balanced", encoded[counts])
    return weights


def _by_label(class_weight: Mapping, classes: np.ndarray) -> np.ndarray:
    """Return the weight of every class.

    As in scikit-learn a class without a weight has 1, unless a weight is of no class. A part of
    the data may lack a class that has one.
    """
    labels = as_list(classes)
    missing = [label for label in labels if label not in class_weight]
    if missing and len(labels) - len(missing) < len(class_weight):
        raise ValueError(
            f"The classes, {brief(missing)}, are not in class_weight, which has weights of"
            f" {brief(list(class_weight))}."
        )
    return np.array([float(class_weight.get(label, 1)) for label in labels])


def _by_column(class_weight: Any, columns: np.ndarray) -> list[tuple[Any, Any]]:
    """Return pairs of a column and its weights."""
    if isinstance(class_weight, Mapping):
        unknown = [column for column in class_weight if column not in columns.tolist()]
        if unknown:
            raise ValueError(
                f"class_weight names {brief(unknown[0])}, but y has the columns"
                f" {brief(columns.tolist())}. With a multi-label y the keys are columns."
            )
        return list(class_weight.items())
    if len(class_weight) != len(columns) or not all(isinstance(w, Mapping) for w in class_weight):
        raise ValueError(
            f"class_weight must be a list of {len(columns)} dicts, one for every column of y, got"
            f" {brief(class_weight)}."
        )
    return list(zip(columns.tolist(), class_weight, strict=True))


def _check_weights(weights: Mapping, name: str) -> None:
    for label, weight in weights.items():
        if not isinstance(weight, Real) or not 0 <= float(weight) < float("inf"):
            raise ValueError(
                f"{name}[{brief(label)}] must be a finite number that is not negative, got"
                f" {brief(weight)}."
            )


def split(
    labels: Labels, share: float, seeds: Seeds, *, asked: str = ""
) -> tuple[np.ndarray, np.ndarray]:
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
    asked : str, default=""
        What the user asked for, for a message.
    """
    n_samples = len(labels.targets)
    held_out = rows_to_hold_out(labels, share, seeds)
    if held_out is None:
        raise ValueError(
            f"{asked or f'validation_split={share}'} of {n_samples} samples leaves nothing to"
            " train on or nothing to hold out. X_val and y_val are judged by without a split."
        )
    return np.delete(np.arange(n_samples), held_out), held_out


def rows_to_hold_out(labels: Labels, share: float, seeds: Seeds) -> np.ndarray | None:
    """Return the rows that `split` holds out; None where nothing can be or all would be."""
    targets = labels.targets
    order = seeds.generator("split").permutation(len(targets))
    if targets.ndim == 1:
        order = order[np.argsort(targets[order], kind="stable")]
        order = order[np.bincount(targets)[targets[order]] > 1]
    size = round(share * len(targets))
    if size == 0 or size > len(order) or size == len(targets):
        return None
    return np.sort(order[((np.arange(size) + 0.5) * len(order) / size).astype(np.intp)])
