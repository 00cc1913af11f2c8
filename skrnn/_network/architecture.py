"""From parameters and data shapes to a compiled Keras model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import keras
from keras.src.backend.common import global_state

from .._data.sequences import UNKNOWN
from ..layers import AttentionPooling1D, FusedLSTM, MaskedMaxPooling1D, WordDropout
from .adam import LazyAdam

# More heads than these hardly add to the accuracy.
ATTENTION_HEADS = 4


@dataclass(frozen=True)
class Architecture:
    """All that shapes the graph of a network; two that are equal can share one.

    The learning rate, the batch size and the weights are not part of it.

    Parameters
    ----------
    n_outputs : int
        Classes, or labels of a multi-label target.
    multilabel : bool
        Independent sigmoids instead of a softmax.
    units : tuple of int
        Width of every LSTM layer, from the input to the output.
    bidirectional : bool
        Whether the layers read in both directions.
    pooling : str
        How the last layer's outputs become one vector.
    vocabulary_size, embedding_dim : int or None
        Rows and columns of the embedding; None where steps are numeric.
    trainable_embeddings : bool
        Whether training changes the embedding.
    n_features : int or None
        Width of a numeric step; None where steps are token ids.
    word_dropout, embedding_dropout, recurrent_dropout, dropout : float
        Dropout of tokens, of embedding columns, inside the recurrence, and before the
        output.
    optimizer : str
        The optimizer's configuration as JSON, without its learning rate.
    dtype_policy : str
        Keras' dtype policy.
    """

    n_outputs: int
    multilabel: bool
    units: tuple[int, ...]
    bidirectional: bool
    pooling: str
    vocabulary_size: int | None
    embedding_dim: int | None
    trainable_embeddings: bool
    n_features: int | None
    word_dropout: float
    embedding_dropout: float
    recurrent_dropout: float
    dropout: float
    optimizer: str
    dtype_policy: str

    @property
    def has_dropout(self) -> bool:
        """Whether two passes of the same batch give different answers in training."""
        return any(
            (self.word_dropout, self.embedding_dropout, self.recurrent_dropout, self.dropout)
        )

    def with_room(self) -> Architecture:
        """Return the same with room for more tokens and classes, which is never used.

        Folds of a cross-validation differ by some words and by rare classes; with their
        numbers rounded up they share an architecture.
        """
        return replace(
            self,
            n_outputs=self.n_outputs if self.multilabel else _rounded_up(self.n_outputs, 1),
            vocabulary_size=self.vocabulary_size and _rounded_up(self.vocabulary_size, 4),
        )


def _rounded_up(size: int, significant_bits: int) -> int:
    """Round up to a number of that many leading bits; up to 8 nothing changes."""
    unit = 1 << max((size - 1).bit_length() - significant_bits, 0)
    return size if size <= 8 else -(-size // unit) * unit


@contextmanager
def _names_from_the_start() -> Iterator[None]:
    """Let Keras count its automatic names from the start, in this thread only.

    The user's count goes on as if nothing had been built. And the names are the same for
    every network: TensorFlow keeps a kernel for every name that a variable ever had.
    """
    of_the_user = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", of_the_user)


@_names_from_the_start()
def optimizer_config(optimizer: str | keras.optimizers.Optimizer, **settings: Any) -> str:
    """Describe an optimizer as JSON; ``settings`` apply where it is given by name."""
    if isinstance(optimizer, str) and optimizer.lower() == "adam":
        optimizer = LazyAdam(**settings)
    elif isinstance(optimizer, str):
        try:
            optimizer = keras.optimizers.get({"class_name": optimizer, "config": settings})
        except (TypeError, ValueError):
            raise ValueError(
                "optimizer must be the name of a Keras optimizer or an instance, got"
                f" {optimizer!r}."
            ) from None
    config = keras.optimizers.serialize(optimizer)
    config["config"]["name"] = "optimizer"  # Keras' own names may count up
    if isinstance(config["config"]["learning_rate"], float):
        config["config"]["learning_rate"] = 0.0
    return json.dumps(config, sort_keys=True)


@_names_from_the_start()
def build_model(architecture: Architecture) -> keras.Model:
    """Build and compile the model of an architecture; its weights mean nothing yet."""
    a = architecture
    # Every name and seed is given: Keras would take them from global counters and
    # from Python's global random generator.
    if a.embedding_dim is None:
        inputs = steps = keras.Input((None, a.n_features), name="steps")
    else:
        inputs = steps = keras.Input((None,), dtype="int32", name="ids")
        if a.word_dropout:
            steps = WordDropout(a.word_dropout, UNKNOWN, seed=0, name="word_dropout")(steps)
        steps = keras.layers.Embedding(
            a.vocabulary_size,
            a.embedding_dim,
            embeddings_initializer=keras.initializers.RandomUniform(seed=0),
            mask_zero=True,
            trainable=a.trainable_embeddings,
            dtype=a.dtype_policy,
            name="embedding",
        )(steps)
    if a.embedding_dropout:
        steps = keras.layers.SpatialDropout1D(
            a.embedding_dropout, seed=0, dtype=a.dtype_policy, name="step_dropout"
        )(steps)
    for index, units in enumerate(a.units):
        is_last = index == len(a.units) - 1
        steps = _lstm_layer(a, index, units, not is_last or a.pooling != "last")(steps)
    pooled = _pool(steps, a)
    if a.dropout:
        pooled = keras.layers.Dropout(a.dropout, seed=0, dtype=a.dtype_policy, name="dropout")(
            pooled
        )
    outputs = keras.layers.Dense(
        a.n_outputs,
        activation="sigmoid" if a.multilabel or a.n_outputs == 1 else "softmax",
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        dtype="float32",
        name="output",
    )(pooled)
    if a.n_outputs == 1 and not a.multilabel:
        # The only class has probability 1; Keras warns about a softmax of one column.
        outputs = keras.layers.UnitNormalization(dtype="float32", name="certain")(outputs)
    model = keras.Model(inputs, outputs, name="skrnn")
    # Weights have a mean of 1 over all samples, not over each batch: divided by the sum
    # of its weights, a batch of one sample would not feel its weight at all.
    loss = (
        keras.losses.BinaryCrossentropy()
        if a.multilabel
        else keras.losses.SparseCategoricalCrossentropy()
    )
    optimizer = keras.optimizers.deserialize(json.loads(a.optimizer))
    if a.dtype_policy == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    model.compile(optimizer, loss, weighted_metrics=["accuracy"], auto_scale_loss=False)
    model.optimizer.build(model.trainable_variables)
    return model


def _lstm_layer(a: Architecture, index: int, units: int, return_sequences: bool) -> Any:
    layer = FusedLSTM(
        units,
        return_sequences=return_sequences,
        recurrent_dropout=a.recurrent_dropout,
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        recurrent_initializer=keras.initializers.Orthogonal(seed=0),
        right_padded=True,
        seed=0,
        dtype=a.dtype_policy,
        name=f"lstm_{index}",
    )
    if not a.bidirectional:
        return layer
    return keras.layers.Bidirectional(layer, dtype=a.dtype_policy, name=f"bidirectional_{index}")


def _pool(steps: Any, a: Architecture) -> Any:
    dtype, pooled = a.dtype_policy, []
    if "max" in a.pooling:
        pooled.append(MaskedMaxPooling1D(dtype=dtype, name="max")(steps))
    if "mean" in a.pooling:
        pooled.append(keras.layers.GlobalAveragePooling1D(dtype=dtype, name="mean")(steps))
    if "attention" in a.pooling:
        attention = AttentionPooling1D(
            ATTENTION_HEADS,
            kernel_initializer=keras.initializers.GlorotUniform(seed=0),
            dtype=dtype,
            name="attention",
        )
        pooled.append(attention(steps))
    if len(pooled) > 1:
        return keras.layers.Concatenate(dtype=dtype, name="pooled")(pooled)
    return pooled[0] if pooled else steps
