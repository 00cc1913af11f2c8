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
from .._network.build import optimizer_config, rate_of
from .schedule import Schedule

# The automatic batch size of tokens.
_BATCH = 64

# The automatic learning rate of batches of so many samples. It grows with the square root of
# the batch size (Malladi et al., "On the SDEs and Scaling Rules for Adaptive Gradient Algorithms",
# NeurIPS 2022) up to batches of so many samples.
_RATE, _RATE_BATCH, _MOST_RATE_BATCH = 5e-3, 32, 128

# Automatic epochs: inversely proportional to the square root of the batches of a pass, within
# bounds. Small data takes more passes to come to enough steps.
_EPOCHS, _LEAST_EPOCHS, _MOST_EPOCHS = 110, 8, 30

# Of independent labels with fewer positives than this share a pass counts for less, and there may
# be more of them, each with one draw of dropout: otherwise the network learns little but how rare
# they are.
_SPARSE, _MOST_SPARSE_EPOCHS = 1 / 8, 40

# Below so many batches a pass has the automatic weight of consistency. Both rules count batches
# of 32 samples where the batch size is automatic.
_FEW_BATCHES, _CONSISTENCY = 100, 1.0
_COUNTED_BATCH = 32

# The automatic share of the targets of tokens that goes to all classes: without it the network is
# too sure where classes are hard to tell apart.
_SMOOTHING = 0.05

# In the first half of a cycle so many steps are read of a text.
_WINDOW = 96

# Few sequences of numbers: so many batches a pass, of so many samples, until there are about
# so many steps, but in no more than so many epochs.
_NUMBER_BATCHES, _LEAST_NUMBER_BATCH, _MOST_NUMBER_BATCH = 8, 8, 32
_LEAST_STEPS, _MOST_NUMBER_EPOCHS = 800, 200

# Numbers are framed so that a sequence of median length has about so many frames, of no more than
# so many numbers each.
_FRAMES, _MOST_IN_A_FRAME = 48, 64

# Of Keras' other policies TensorFlow lacks some ops.
_DTYPE_POLICIES = "float32", "mixed_float16", "mixed_bfloat16"


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
    last_epoch : int
        Epochs behind the network at the end.
    schedule : Schedule
        The learning rate, and what else changes with the progress through a cycle.
    window : int or None
        Of longer sequences so many steps are read in the first half of a cycle; None reads
        all of them.
    consistency : float
        Weight of the divergence between two passes of a batch.
    label_smoothing : float
        Share of every target that is spread over all classes.
    early_stopping : bool
        Whether the held-out data decides about the end.
    patience : int
        For how many epochs early stopping waits.
    """

    layers: dict[str, Any]
    batch_size: int
    shuffle: bool
    last_epoch: int
    schedule: Schedule
    window: int | None
    consistency: float
    label_smoothing: float
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
    params: Any,
    *,
    kind: str,
    n_samples: int,
    first_epoch: int,
    epochs: int | None,
    frame_length: int,
    positive_rate: float = 1.0,
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
    frame_length : int
        How many steps of numbers become one where the parameters leave it open.
    positive_rate : float, default=1.0
        Share of the positives among independent labels.

    Returns
    -------
    plan : Plan
        What to do.

    Raises
    ------
    ValueError
        Parameters do not fit together.
    """
    layers = _layers(params, kind, frame_length)
    batch_size = params.batch_size
    if batch_size == "auto":
        batch_size = _BATCH
        if kind == "numbers":
            share = n_samples // _NUMBER_BATCHES
            batch_size = int(np.clip(share, _LEAST_NUMBER_BATCH, _MOST_NUMBER_BATCH))
    counted = _COUNTED_BATCH if params.batch_size == "auto" else batch_size
    n_batches = -(-n_samples // counted)
    density = min(positive_rate / _SPARSE, 1.0)
    cycle = params.epochs
    if cycle == "auto":
        most = _MOST_EPOCHS if density == 1 else _MOST_SPARSE_EPOCHS
        passes = _EPOCHS / np.sqrt(n_batches * density) if density else np.inf
        cycle = round(float(np.clip(passes, _LEAST_EPOCHS, most)))
        if kind == "numbers":
            steps_a_pass = -(-n_samples // batch_size)
            cycle = max(cycle, min(-(-_LEAST_STEPS // steps_a_pass), _MOST_NUMBER_EPOCHS))
    consistency = params.consistency
    if consistency == "auto":
        # Without dropout two passes are equal, and a part of a stream is not small data.
        has_dropout = any(rate for name, rate in layers.items() if name.endswith("dropout"))
        pays = n_batches < _FEW_BATCHES and has_dropout and epochs is None and density == 1
        consistency = _CONSISTENCY if pays else 0.0
    label_smoothing = params.label_smoothing
    if label_smoothing == "auto":
        label_smoothing = _SMOOTHING if kind != "numbers" and density == 1 else 0.0
    peak = _peak_rate(params, kind, batch_size)
    return Plan(
        layers=layers,
        batch_size=int(batch_size),
        shuffle=bool(params.shuffle),
        last_epoch=first_epoch + int(cycle if epochs is None else epochs),
        schedule=Schedule(params.schedule, peak, int(cycle), first_epoch if epochs is None else 0),
        window=_WINDOW if params.schedule is not None and kind != "numbers" else None,
        consistency=float(consistency),
        label_smoothing=float(label_smoothing),
        early_stopping=bool(params.early_stopping),
        patience=int(params.patience),
    )


def fitting_frame_length(lengths: np.ndarray, n_features: int) -> int:
    """Return how many steps of numbers become one where the user leaves it open."""
    return max(1, min(int(np.median(lengths)) // _FRAMES, _MOST_IN_A_FRAME // n_features))


def _layers(params: Any, kind: str, frame_length: int) -> dict[str, Any]:
    policy = keras.config.dtype_policy().name
    if policy not in _DTYPE_POLICIES:
        raise ValueError(
            f"keras.config.dtype_policy() is {policy!r}, and networks compute in one of"
            f" {', '.join(_DTYPE_POLICIES)}: call keras.config.set_dtype_policy('float32')."
        )
    if keras.config.floatx() != "float32":
        raise ValueError(
            f"keras.config.floatx() is {keras.config.floatx()!r}, and networks have variables of"
            " float32: call keras.config.set_floatx('float32')."
        )
    has_tokens = kind != "numbers"
    if params.frame_length != "auto":
        frame_length = int(params.frame_length)
    elif params.normalization is None:
        frame_length = 1  # numbers as they are
    dropout = params.dropout
    if dropout == "auto":
        dropout = 0.5 if has_tokens else 0.0
    return {
        "units": _units(params.units, params.depth),
        "bidirectional": bool(params.bidirectional),
        "pooling": params.pooling,
        "embedding_dim": None if params.embedding_dim is None else int(params.embedding_dim),
        "normalized": params.normalization == "auto" and not has_tokens,
        "frame_length": 1 if has_tokens else frame_length,
        "trainable_embeddings": bool(params.trainable_embeddings) or not has_tokens,
        "word_dropout": float(params.word_dropout) if has_tokens else 0.0,
        "embedding_dropout": float(params.embedding_dropout) if has_tokens else 0.0,
        "recurrent_dropout": float(params.recurrent_dropout),
        "dropout": float(dropout),
        "optimizer": optimizer_config(params.optimizer, global_clipnorm=params.global_clipnorm),
        "dtype_policy": policy,
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
            most = _MOST_NUMBER_BATCH if kind == "numbers" else _MOST_RATE_BATCH
            rate = _RATE * np.sqrt(min(batch_size, most) / _RATE_BATCH)
        return float(rate)
    return rate_of(params.optimizer)
