"""A compiled Keras model with the functions that train it and predict with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from .._data.seeds import Seeds
from .._data.sequences import Sequences
from .._vectors.parts import mean_of_parts
from .architecture import Architecture
from .build import build_model
from .stages import weight_shapes
from .strategies import outside_of_strategies


class Network:
    """A model with the compiled functions that train it and predict with it.

    The model has room for a few more tokens and classes than the architecture says, so
    that another architecture of nearly the same sizes can take it over. The room never
    shows: it is inert, and what leaves the network is without it.

    Parameters
    ----------
    architecture : Architecture
        What to build.

    Attributes
    ----------
    architecture : Architecture
        What the network is now, without room.
    model : keras.Model
        The compiled model, with room.
    """

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        self._padded = architecture.padded()
        # In full blocks of rows a matrix product gives a row the same bits wherever it stands.
        # One row of a text would cost several times more in such a block.
        self._row_multiple = 1 if architecture.n_features is None else 16
        self.model = build_model(self._padded)
        self._optimizer_start = [
            (variable.shape, _as_scalar(variable.numpy()))
            for variable in self.model.optimizer.variables
        ]
        self._weight_slots = _slots_that_start_as_weights(self.model)
        self._train_steps: dict[tuple[bool, int], Callable[..., tuple[tf.Tensor, tf.Tensor]]] = {}
        self._lock = threading.RLock()

    def can_become(self, architecture: Architecture) -> bool:
        """Return whether the model has the sizes of an architecture, room included."""
        return self._padded == architecture.padded()

    def reset(self, seeds: Seeds) -> None:
        """Draw new weights and put everything else back to where a new model starts.

        Parameters
        ----------
        seeds : Seeds
            Where the weights and the state of the dropout layers come from.
        """
        for index, variable in enumerate(self.model.variables):
            variable.assign(_draw(variable, seeds, index, self.architecture))
        start = zip(self.model.optimizer.variables, self._optimizer_start, strict=True)
        for variable, (shape, value) in start:
            variable.assign(np.broadcast_to(value, shape))
        self.model.stop_training = False

    def start_optimizer(self) -> None:
        """Let what an optimizer keeps of the weights be what they are now."""
        for slot, variable in self._weight_slots:
            slot.assign(variable)

    def get_state(self) -> list[np.ndarray]:
        """Copy weights, random generators and optimizer."""
        return [variable.numpy() for variable in _variables(self.model)]

    def set_state(self, state: list[np.ndarray]) -> None:
        """Put a copied state back."""
        for variable, value in zip(_variables(self.model), state, strict=True):
            variable.assign(value)

    @contextmanager
    def unchanged_on_error(self) -> Iterator[None]:
        """Put state and architecture back where the block raises anything."""
        architecture, state = self.architecture, self.get_state()
        try:
            yield
        except BaseException:
            self.architecture = architecture
            self.set_state(state)
            raise

    def get_weights(self) -> dict[str, np.ndarray]:
        """Copy the weights by path, without room."""
        values = {variable.path: variable.numpy() for variable in self.model.variables}
        return {
            path: values[path][tuple(map(slice, shape))]
            for path, shape in weight_shapes(self.architecture).items()
        }

    def set_weights(self, weights: dict[str, np.ndarray]) -> None:
        """Put weights of some paths into place; the room stays as it is."""
        for variable in self.model.variables:
            if variable.path in weights:
                value = variable.numpy()
                value[tuple(map(slice, weights[variable.path].shape))] = weights[variable.path]
                variable.assign(value)

    def stock_weights(self) -> dict[str, np.ndarray]:
        """Copy the weights for stock layers: the vector of an id is that with its parts."""
        weights = self.get_weights()
        if "parts/embeddings" in weights:
            layer, n_ids = self.model.get_layer("parts"), len(weights["embedding/embeddings"])
            of_ids = Sequences(layer.values.numpy(), layer.offsets.numpy()[: n_ids + 1])
            of_ids = Sequences(of_ids.values[: of_ids.offsets[-1]], of_ids.offsets)
            means = mean_of_parts(weights["parts/embeddings"], of_ids)
            table = weights["embedding/embeddings"].astype(np.float32) + means
            # Stock layers take a vector of zeros for padding.
            table[~table.any(axis=1), 0] = np.finfo(np.float32).tiny
            weights["embedding/embeddings"] = table
        return weights

    def set_parts(self, of_ids: Sequences) -> None:
        """Put into place which parts each word has; ids in the room have none."""
        n_ids = self.model.get_layer("parts").n_words
        offsets = np.full(n_ids + 1, of_ids.offsets[-1], dtype=np.int32)
        offsets[: len(of_ids.offsets)] = of_ids.offsets
        self.set_weights({"parts/values": of_ids.values, "parts/offsets": offsets})

    def training_variables(self) -> list[keras.Variable]:
        """Return what only training needs: the random generators and the optimizer."""
        paths = weight_shapes(self.architecture)
        return [variable for variable in _variables(self.model) if variable.path not in paths]

    def copy_model(self) -> keras.Model:
        """Return a compiled copy of the model without room."""
        model = outside_of_strategies(build_model, self.architecture)
        for variable, value in zip(_variables(model), self.get_state(), strict=True):
            variable.assign(value[tuple(map(slice, variable.shape))])
        return model

    @property
    def width_multiple(self) -> int:
        """What the width of a padded batch is rounded up to: cuDNN likes to see few shapes."""
        return 16 if tf.config.list_physical_devices("GPU") else 1

    @cached_property
    def steps_spec(self) -> tf.TensorSpec:
        """What a right-padded batch looks like."""
        (steps,) = self.model.inputs
        return tf.TensorSpec(steps.shape, steps.dtype)

    def train_step(
        self,
        steps: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray,
        consistency: float,
        label_smoothing: float,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Take one step of the optimizer.

        Parameters
        ----------
        steps, targets, weights : ndarray
            A right-padded batch. The weights are those of samples, or of their labels.
        consistency : float
            The weight of `divergence`; with any other than 0 the batch passes the network
            twice.
        label_smoothing : float
            The weight of `uniform_loss`; the loss of the targets has the rest.

        Returns
        -------
        loss, accuracy : tensor
            Of the batch and its targets, without the divergence and the uniform loss.
        """
        kind = bool(consistency), weights.ndim
        if kind not in self._train_steps:
            twice, weights_ndim = kind
            self._train_steps[kind] = self._compile_train_step(twice, weights_ndim)
        return self._train_steps[kind](steps, targets, weights, consistency, label_smoothing)

    def _compile_train_step(
        self, twice: bool, weights_ndim: int
    ) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        targets_spec = (
            tf.TensorSpec((None, self._padded.n_outputs), tf.float32)
            if self._padded.multilabel
            else tf.TensorSpec((None,), tf.int32)
        )
        return self.compile(
            lambda *batch: self._descend(*batch, twice=twice),
            self.steps_spec,
            targets_spec,
            tf.TensorSpec((None, self._padded.n_outputs)[:weights_ndim]),
            tf.TensorSpec(()),
            tf.TensorSpec(()),
        )

    def _descend(
        self,
        steps: Any,
        targets: Any,
        weights: Any,
        consistency: Any,
        label_smoothing: Any,
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
            loss = self._loss(targets, probabilities, weights)
            uniform = uniform_loss(probabilities, weights, self.architecture.multilabel)
            objective = loss + label_smoothing * (uniform - loss)
            if twice:
                apart = divergence(probabilities, self.architecture.multilabel)
                if weights_once.shape.rank == 2:
                    weights_once = tf.reduce_mean(weights_once, axis=1)
                objective += consistency * tf.reduce_mean(apart * weights_once)
            if share is not None:
                objective *= share
            scaled = optimizer.scale_loss(objective)
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(scaled, variables), variables)
        return loss, _accuracy(targets, probabilities, weights, self.architecture.multilabel)

    def outputs(self, steps: np.ndarray) -> np.ndarray:
        """Return the outputs for a right-padded batch, room included."""
        n_rows = len(steps)
        rows = np.arange(n_rows + -n_rows % self._row_multiple)
        if len(rows) > n_rows:
            steps = steps[np.minimum(rows, n_rows - 1)]
        return self._outputs(steps).numpy()[:n_rows]

    def without_room(self, outputs: np.ndarray) -> np.ndarray:
        """Return the columns of outputs, of probabilities or logits, that are in use."""
        return outputs[:, : self.architecture.n_outputs]

    @cached_property
    def _outputs(self) -> Callable[..., tf.Tensor]:
        return self.compile(lambda steps: self.model(steps, training=False), self.steps_spec)

    def evaluate(
        self, outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
    ) -> tuple[float, float]:
        """Return loss and accuracy of outputs, room included."""
        loss = self._loss(targets, outputs, weights)
        accuracy = _accuracy(targets, outputs, weights, self.architecture.multilabel)
        return float(loss), float(accuracy)

    def _loss(self, targets: Any, probabilities: Any, weights: Any) -> tf.Tensor:
        if len(weights.shape) == 2:  # Keras takes the mean over the last axis before it weighs
            targets, probabilities = targets[..., np.newaxis], probabilities[..., np.newaxis]
        return self.model.loss(targets, probabilities, sample_weight=weights)

    def compile(self, function: Callable, *signature: tf.TensorSpec) -> Callable:
        """Compile a function of the network for tensors of this signature."""
        # One signature, traced once and under a lock: Keras' recurrent layers keep
        # dropout masks on the layer while a trace runs.
        with self._lock:
            traced = tf.function(function, autograph=False)
            return outside_of_strategies(traced.get_concrete_function, *signature)


def divergence(probabilities: Any, multilabel: bool) -> tf.Tensor:
    """Return the divergence between two passes of each sample, as in R-Drop [1]_.

    Parameters
    ----------
    probabilities : tensor of shape (2 * n_samples, n_outputs)
        All outputs of the first pass, then all of the second one.
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
    first, second = tf.split(tf.clip_by_value(probabilities, _EPSILON, 1 - _EPSILON), 2)
    terms = (first - second) * tf.math.log(first / second)
    if multilabel:
        terms += (first - second) * tf.math.log((1 - second) / (1 - first))
        return tf.reduce_mean(terms, axis=1) / 2
    return tf.reduce_sum(terms, axis=1) / 2


def uniform_loss(probabilities: Any, weights: Any, multilabel: bool) -> tf.Tensor:
    """Return the loss of targets that are equal for all classes, for label smoothing [1]_.

    Parameters
    ----------
    probabilities : tensor of shape (n_samples, n_outputs)
        A softmax has 0 for classes that are not in use.
    weights : tensor of shape (n_samples,) or (n_samples, n_outputs)
        Weights of samples, or of their labels.
    multilabel : bool
        Whether every column is a distribution of its own.

    Returns
    -------
    loss : tensor
        The mean over the samples.

    References
    ----------
    .. [1] C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the
       Inception Architecture for Computer Vision", CVPR 2016.
    """
    likely = tf.clip_by_value(probabilities, _EPSILON, 1 - _EPSILON)
    if multilabel:
        terms = -(tf.math.log(likely) + tf.math.log(1 - likely)) / 2
        if weights.shape.rank == 1:
            terms = tf.reduce_mean(terms, axis=1)
    else:
        in_use = tf.cast(probabilities > 0, probabilities.dtype)
        sums = tf.reduce_sum(tf.math.log(likely) * in_use, axis=1)
        terms = -sums / tf.reduce_sum(in_use, axis=1)
    return tf.reduce_mean(terms * weights)


def _accuracy(targets: Any, probabilities: Any, weights: Any, multilabel: bool) -> tf.Tensor:
    if multilabel:
        hits = tf.equal(targets > 0.5, probabilities > 0.5)
        hits = tf.cast(hits, tf.float32)
        if len(weights.shape) == 1:
            hits = tf.reduce_mean(hits, axis=1)
    else:
        hits = tf.equal(tf.argmax(probabilities, axis=1, output_type=tf.int32), targets)
        hits = tf.cast(hits, tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(hits * weights), tf.reduce_sum(weights))


def _slots_that_start_as_weights(
    model: keras.Model,
) -> list[tuple[keras.Variable, keras.Variable]]:
    """Pair the variables of an optimizer that start as the weights do with these weights.

    ScheduleFreeAdamW has such. A bias of zeros looks like any momentum of it, so that the
    kernels tell which kind of variable starts as a weight.
    """
    slots = [
        (slot, variable, slot.name.removeprefix(prefix))
        for variable in model.trainable_variables
        for prefix in [variable.path.replace("/", "_") + "_"]
        for slot in model.optimizer.variables
        if slot.name.startswith(prefix)
    ]
    kinds = {
        kind
        for slot, variable, kind in slots
        if np.any(variable) and np.array_equal(slot.numpy(), variable.numpy())
    }
    return [(slot, variable) for slot, variable, kind in slots if kind in kinds]


def _as_scalar(value: np.ndarray) -> np.ndarray:
    """Shrink an array of one repeated value to that value."""
    return value.flat[0] if value.size and (value == value.flat[0]).all() else value


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def _draw(variable: keras.Variable, seeds: Seeds, index: int, a: Architecture) -> Any:
    """Draw a variable as Keras' layers do by default; room beyond what is used is inert."""
    owner, _, kind = variable.path.rpartition("/")
    if kind == "seed_generator_state":
        return np.array([seeds.integer("dropout", index), 0])
    if owner == "normalization":
        return np.full(variable.shape, kind == "variance", variable.dtype)
    shape, fill = list(variable.shape), 0.0
    if owner == "output":
        shape[-1] = a.n_outputs
        fill = _MASKED_LOGIT if kind == "bias" else 0.0
    elif owner == "embedding":
        shape[0] = a.vocabulary_size
    elif owner == "parts":
        return np.zeros(shape, dtype=variable.dtype)  # what they are follows from the words
    value = np.full(variable.shape, fill, dtype=variable.dtype)
    value[tuple(map(slice, shape))] = (
        _draw_bias(owner, shape[0])
        if kind == "bias"
        else _initializer(owner, kind, a)(seed=seeds.integer("weights", index))(shape)
    )
    return value


def _initializer(owner: str, kind: str, a: Architecture) -> Callable[..., Any]:
    if kind == "kernel" and a.normalized and owner.endswith("lstm_0/lstm_cell"):
        return _KERNEL_OF_NUMBERS
    return _INITIALIZERS[kind]


def _draw_bias(owner: str, size: int) -> np.ndarray:
    bias = np.zeros(size)
    if owner.endswith("lstm_cell"):
        bias[size // 4 : size // 2] = 1.0  # the forget gate starts open
    return bias


# Where a probability is cut for its logarithm, as in Keras' losses.
_EPSILON = 1e-7

# A logit whose softmax and whose gradient are exactly 0.
_MASKED_LOGIT = -1e9

# Few features meet many gates: of weights that Glorot's rule makes small for so many outputs, a
# feature of a standard deviation of 1 would hardly move a gate.
_KERNEL_OF_NUMBERS = partial(
    keras.initializers.VarianceScaling, scale=4.0, mode="fan_in", distribution="uniform"
)

_INITIALIZERS = {
    "kernel": keras.initializers.GlorotUniform,
    "recurrent_kernel": keras.initializers.Orthogonal,
    "embeddings": keras.initializers.RandomUniform,
}
