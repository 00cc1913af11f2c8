"""From parameters and data shapes to a compiled Keras model."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state

from ._adam import LazyAdam
from ._seeds import Seeds
from ._sequences import UNKNOWN
from ._strategies import outside_of_strategies
from .layers import FusedLSTM, MaskedMaxPooling1D, WordDropout


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
    pooling : {"last", "max", "mean", "max+mean"}
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
    if len(pooled) > 1:
        return keras.layers.Concatenate(dtype=dtype, name="max_mean")(pooled)
    return pooled[0] if pooled else steps


class Network:
    """A model with the compiled functions that train it and predict with it.

    Parameters
    ----------
    architecture : Architecture
        What to build.

    Attributes
    ----------
    model : keras.Model
        The compiled model.
    """

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        self.model = build_model(architecture)
        self._optimizer_start = [
            (variable.shape, _as_scalar(variable.numpy()))
            for variable in self.model.optimizer.variables
        ]
        self._lock = threading.RLock()

    def reset(self, seeds: Seeds, used: Architecture) -> None:
        """Draw new weights and put everything else back to where a new model starts.

        Parameters
        ----------
        seeds : Seeds
            Where the weights and the state of the dropout layers come from.
        used : Architecture
            The architecture without room.
        """
        for index, variable in enumerate(self.model.variables):
            variable.assign(_draw(variable, seeds, index, used))
        start = zip(self.model.optimizer.variables, self._optimizer_start, strict=True)
        for variable, (shape, value) in start:
            variable.assign(np.broadcast_to(value, shape))
        self.model.stop_training = False

    def get_state(self) -> list[np.ndarray]:
        """Copy weights, random generators and optimizer."""
        return [variable.numpy() for variable in _variables(self.model)]

    def set_state(self, state: list[np.ndarray]) -> None:
        """Put a copied state back."""
        for variable, value in zip(_variables(self.model), state, strict=True):
            variable.assign(value)

    def copy_model(self, used: Architecture) -> keras.Model:
        """Return a compiled copy of the model without room."""
        model = outside_of_strategies(build_model, used)
        for variable, value in zip(_variables(model), self.get_state(), strict=True):
            variable.assign(value[tuple(map(slice, variable.shape))])
        return model

    @property
    def width_multiple(self) -> int:
        """What the width of a padded batch is rounded up to: cuDNN likes to see few shapes."""
        has_mask = self.architecture.embedding_dim is not None
        return 16 if has_mask and tf.config.list_physical_devices("GPU") else 1

    @property
    def _steps_spec(self) -> tf.TensorSpec:
        if self.architecture.embedding_dim is None:
            return tf.TensorSpec((None, None, self.architecture.n_features), tf.float32)
        return tf.TensorSpec((None, None), tf.int32)

    @cached_property
    def train_step(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        """One step of the optimizer: (steps, targets, weights) to (loss, accuracy)."""
        targets_spec = (
            tf.TensorSpec((None, self.architecture.n_outputs), tf.float32)
            if self.architecture.multilabel
            else tf.TensorSpec((None,), tf.int32)
        )

        return self._compile(
            lambda *batch: self._descend(*batch),  # TensorFlow would want the share given
            self._steps_spec,
            targets_spec,
            tf.TensorSpec((None,)),
        )

    def _descend(
        self, steps: Any, targets: Any, weights: Any, share: Any = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Take a step of the optimizer for a batch, or for a share of one."""
        model, optimizer = self.model, self.model.optimizer
        with tf.GradientTape() as tape:
            probabilities = model(steps, training=True)
            loss = model.loss(targets, probabilities, sample_weight=weights)
            scaled_loss = optimizer.scale_loss(loss if share is None else loss * share)
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        return loss, _accuracy(targets, probabilities, weights, self.architecture.multilabel)

    @cached_property
    def probabilities(self) -> Callable[..., tf.Tensor]:
        """Class probabilities of a right-padded batch."""
        return self._compile(lambda steps: self.model(steps, training=False), self._steps_spec)

    def evaluate(
        self, probabilities: np.ndarray, targets: np.ndarray, weights: np.ndarray
    ) -> tuple[float, float]:
        """Return loss and accuracy of probabilities."""
        loss = self.model.loss(targets, probabilities, sample_weight=weights)
        accuracy = _accuracy(targets, probabilities, weights, self.architecture.multilabel)
        return float(loss), float(accuracy)

    def _compile(self, function: Callable, *signature: tf.TensorSpec) -> Callable:
        # One signature, traced once and under a lock: Keras' recurrent layers keep
        # dropout masks on the layer while a trace runs.
        with self._lock:
            traced = tf.function(function, autograph=False)
            return outside_of_strategies(traced.get_concrete_function, *signature)


def _accuracy(targets: Any, probabilities: Any, weights: Any, multilabel: bool) -> tf.Tensor:
    if multilabel:
        hits = tf.equal(targets > 0.5, probabilities > 0.5)
        hits = tf.reduce_mean(tf.cast(hits, tf.float32), axis=1)
    else:
        hits = tf.equal(tf.argmax(probabilities, axis=1, output_type=tf.int32), targets)
        hits = tf.cast(hits, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(hits * weights), tf.reduce_sum(weights))


def _as_scalar(value: np.ndarray) -> np.ndarray:
    """Shrink an array of one repeated value to that value."""
    return value.flat[0] if value.size and (value == value.flat[0]).all() else value


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def _draw(variable: keras.Variable, seeds: Seeds, index: int, used: Architecture) -> Any:
    """Draw a variable as Keras' layers do by default; room beyond what is used is inert."""
    owner, _, kind = variable.path.rpartition("/")
    if kind == "seed_generator_state":
        return np.array([seeds.integer("dropout", index), 0])
    shape, fill = list(variable.shape), 0.0
    if owner == "output":
        shape[-1] = used.n_outputs
        fill = _NEVER if kind == "bias" else 0.0
    elif owner == "embedding":
        shape[0] = used.vocabulary_size
    value = np.full(variable.shape, fill, dtype=variable.dtype)
    value[tuple(map(slice, shape))] = (
        _draw_bias(owner, shape[0])
        if kind == "bias"
        else _INITIALIZERS[kind](seed=seeds.integer("weights", index))(shape)
    )
    return value


def _draw_bias(owner: str, size: int) -> np.ndarray:
    bias = np.zeros(size)
    if owner.endswith("lstm_cell"):
        bias[size // 4 : size // 2] = 1.0  # the forget gate starts open
    return bias


# A logit whose softmax and whose gradient are exactly 0.
_NEVER = -1e9

_INITIALIZERS = {
    "kernel": keras.initializers.GlorotUniform,
    "recurrent_kernel": keras.initializers.Orthogonal,
    "embeddings": keras.initializers.RandomUniform,
}
