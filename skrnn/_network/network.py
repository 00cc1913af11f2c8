"""A compiled Keras model with the functions that train it and predict with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .._data.seeds import Seeds
from .architecture import Architecture, build_model
from .strategies import outside_of_strategies


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

    def train_step(
        self, steps: np.ndarray, targets: np.ndarray, weights: np.ndarray, consistency: float
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Take one step of the optimizer.

        Parameters
        ----------
        steps, targets, weights : ndarray
            A right-padded batch.
        consistency : float
            The weight of `disagreement`; with any other than 0 the batch is read twice.

        Returns
        -------
        loss, accuracy : tensor
            Of the batch, without the disagreement.
        """
        step = self._train_step_twice if consistency else self._train_step_once
        return step(steps, targets, weights, consistency)

    @cached_property
    def _train_step_once(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        return self._compile_train_step(twice=False)

    @cached_property
    def _train_step_twice(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        return self._compile_train_step(twice=True)

    def _compile_train_step(self, *, twice: bool) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        targets_spec = (
            tf.TensorSpec((None, self.architecture.n_outputs), tf.float32)
            if self.architecture.multilabel
            else tf.TensorSpec((None,), tf.int32)
        )
        return self._compile(
            lambda *batch: self._descend(*batch, twice=twice),
            self._steps_spec,
            targets_spec,
            tf.TensorSpec((None,)),
            tf.TensorSpec(()),
        )

    def _descend(
        self,
        steps: Any,
        targets: Any,
        weights: Any,
        consistency: Any,
        share: Any = None,
        *,
        twice: bool,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Take a step of the optimizer for a batch, or for a share of one."""
        model, optimizer = self.model, self.model.optimizer
        weights_once = weights
        if twice:
            steps, targets, weights = (tf.concat([x, x], 0) for x in (steps, targets, weights))
        with tf.GradientTape() as tape:
            probabilities = model(steps, training=True)
            objective = loss = model.loss(targets, probabilities, sample_weight=weights)
            if twice:
                apart = disagreement(probabilities, self.architecture.multilabel)
                objective += consistency * tf.reduce_mean(apart * weights_once)
            if share is not None:
                objective *= share
            scaled = optimizer.scale_loss(objective)
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(scaled, variables), variables)
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


def disagreement(probabilities: Any, multilabel: bool) -> tf.Tensor:
    """Return how far two answers to each sample are apart, as in R-Drop [1]_.

    Parameters
    ----------
    probabilities : tensor of shape (2 * n_samples, n_outputs)
        All first answers, then all second ones.
    multilabel : bool
        Whether every column is a distribution of its own; their mean is taken then, as
        in the loss.

    Returns
    -------
    apart : tensor of shape (n_samples,)
        The mean of the Kullback-Leibler divergences in both directions.

    References
    ----------
    .. [1] X. Liang, L. Wu, J. Li, Y. Wang, Q. Meng, T. Qin, W. Chen, M. Zhang and T.-Y.
       Liu, "R-Drop: Regularized Dropout for Neural Networks", NeurIPS 2021.
    """
    first, second = tf.split(tf.clip_by_value(probabilities, _TINY, 1 - _TINY), 2)
    terms = (first - second) * tf.math.log(first / second)
    if multilabel:
        terms += (first - second) * tf.math.log((1 - second) / (1 - first))
        return tf.reduce_mean(terms, axis=1) / 2
    return tf.reduce_sum(terms, axis=1) / 2


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


# Where a probability is cut for its logarithm, as in Keras' losses.
_TINY = 1e-7

# A logit whose softmax and whose gradient are exactly 0.
_NEVER = -1e9

_INITIALIZERS = {
    "kernel": keras.initializers.GlorotUniform,
    "recurrent_kernel": keras.initializers.Orthogonal,
    "embeddings": keras.initializers.RandomUniform,
}
