"""Plan: what a fit is going to do, with every "auto" resolved."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import keras
import numpy as np

from .._data.readers import Reader
from .._data.targets import Targets
from .._network.architecture import Architecture
from .._network.build import optimizer_config
from .epochs import Schedule

# The automatic batch size and learning rate.
_BATCH, _RATE = 32, 5e-3

# Automatic epochs of passes with at least so many batches: small data takes more of them to
# come to enough steps.
_EPOCHS = ((100, 10), (30, 15), (0, 30))

# Few sequences of numbers: so many batches a pass, of at least so many samples, until there are
# about so many steps, but in no more than so many epochs. The rate falls with the square root of
# the batch size (Malladi et al., "On the SDEs and Scaling Rules for Adaptive Gradient
# Algorithms", NeurIPS 2022).
_NUMBER_BATCHES, _LEAST_BATCH = 8, 8
_LEAST_STEPS, _MOST_EPOCHS = 800, 200

# Below so many batches a pass has the automatic weight of consistency. Both rules count batches
# of 32 where the batch size is automatic.
_FEW_BATCHES, _CONSISTENCY = 100, 1.0


@dataclass(frozen=True)
class Plan:
    """What a fit is going to do.

    Parameters
    ----------
    layers : dict of str to object
        The fields of `Architecture` that follow from parameters alone.
    batch_size : int
        Samples of a step.
    shuffle : bool
        Whether every epoch has an order of its own.
    horizon : int
        Epochs of a cycle of the schedule.
    first_epoch, last_epoch : int
        Epochs behind the network at the beginning and at the end.
    schedule : Schedule
        The learning rate.
    consistency : float
        Weight of the divergence between two passes of a batch.
    early_stopping : bool
        Whether the held-out data decides about the end.
    patience : int
        For how many epochs early stopping waits.
    """

    layers: dict[str, Any]
    batch_size: int
    shuffle: bool
    horizon: int
    first_epoch: int
    last_epoch: int
    schedule: Schedule
    consistency: float
    early_stopping: bool
    patience: int

    def architecture(self, reader: Reader, targets: Targets) -> Architecture:
        """Return the architecture for what a reader yields and targets need."""
        return Architecture(
            n_outputs=len(targets.classes),
            multilabel=targets.multilabel,
            vocabulary_size=reader.vocabulary_size,
            n_features=reader.n_features,
            n_parts=reader.n_parts,
            n_part_entries=reader.n_part_entries,
            **self.layers,
        )


def make_plan(
    params: Any, *, kind: str, n_samples: int, first_epoch: int, epochs: int | None
) -> Plan:
    """Resolve the parameters of a classifier for a data set.

    Parameters
    ----------
    params : namespace
        The parameters of `LSTMTextClassifier`, each of which is valid by itself.
    kind : {"texts", "token ids", "numbers"}
        What the documents hold.
    n_samples : int
        Samples to train with.
    first_epoch : int
        Epochs that the network has behind it.
    epochs : int or None
        Epochs to train; None means what the parameters say.

    Returns
    -------
    plan : Plan
        What to do.

    Raises
    ------
    ValueError
        Parameters do not fit together.
    """
    layers = _layers(params, kind)
    batch_size = params.batch_size
    if batch_size == "auto":
        batch_size = _BATCH
        if kind == "numbers":
            batch_size = int(np.clip(n_samples // _NUMBER_BATCHES, _LEAST_BATCH, _BATCH))
    counted = _BATCH if params.batch_size == "auto" else batch_size
    n_batches = -(-n_samples // counted)
    horizon = params.epochs
    if horizon == "auto":
        horizon = next(epochs for least, epochs in _EPOCHS if n_batches >= least)
        if kind == "numbers":
            steps_a_pass = -(-n_samples // batch_size)
            horizon = max(horizon, min(-(-_LEAST_STEPS // steps_a_pass), _MOST_EPOCHS))
    consistency = params.consistency
    if consistency == "auto":
        # Without dropout two passes are equal, and a part of a stream is not small data.
        has_dropout = any(rate for name, rate in layers.items() if name.endswith("dropout"))
        pays = n_batches < _FEW_BATCHES and has_dropout and epochs is None
        consistency = _CONSISTENCY if pays else 0.0
    return Plan(
        layers=layers,
        batch_size=int(batch_size),
        shuffle=bool(params.shuffle),
        horizon=int(horizon),
        first_epoch=first_epoch,
        last_epoch=first_epoch + int(horizon if epochs is None else epochs),
        schedule=Schedule(params.schedule, _peak_rate(params, kind, batch_size), int(horizon)),
        consistency=float(consistency),
        early_stopping=bool(params.early_stopping),
        patience=int(params.patience),
    )


def _layers(params: Any, kind: str) -> dict[str, Any]:
    has_tokens = kind != "numbers"
    dropout = params.dropout
    if dropout == "auto":
        dropout = 0.5 if has_tokens else 0.0
    return {
        "units": _units(params.units, params.depth),
        "bidirectional": bool(params.bidirectional),
        "pooling": params.pooling,
        "embedding_dim": params.embedding_dim,
        "normalized": params.normalization == "auto" and not has_tokens,
        "trainable_embeddings": bool(params.trainable_embeddings) or not has_tokens,
        "word_dropout": float(params.word_dropout) if has_tokens else 0.0,
        "embedding_dropout": float(params.embedding_dropout) if has_tokens else 0.0,
        "recurrent_dropout": float(params.recurrent_dropout),
        "dropout": float(dropout),
        "optimizer": optimizer_config(params.optimizer, global_clipnorm=params.global_clipnorm),
        "dtype_policy": keras.config.dtype_policy().name,
    }


def _units(units: Any, depth: int) -> tuple[int, ...]:
    """Return the width of every layer."""
    if isinstance(units, Integral):
        return (int(units),) * depth
    widths = np.asarray(units).tolist()
    if len(widths) != depth or not all(isinstance(w, int) and w > 0 for w in widths):
        raise ValueError(
            f"units must be a positive int or a list of depth={depth} positive ints, got"
            f" {units!r}."
        )
    return tuple(widths)


def _peak_rate(params: Any, kind: str, batch_size: int) -> float | None:
    """Return the learning rate to schedule; None: the optimizer has its own schedule."""
    if isinstance(params.optimizer, str):
        rate = params.learning_rate
        if rate == "auto":
            rate = _RATE
            if kind == "numbers":
                rate *= min(np.sqrt(batch_size / _BATCH), 1.0)
        return float(rate)
    optimizer = getattr(params.optimizer, "inner_optimizer", params.optimizer)
    rate = optimizer.get_config().get("learning_rate")
    return float(rate) if isinstance(rate, float) else None
