"""A compiled Keras model with the functions that train it and predict with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

import keras
import numpy as np
import tensorflow as tf

from .._data.seeds import Seeds
from .._data.sequences import Sequences
from .._vectors.parts import mean_of_parts
from .architecture import Architecture
from .build import build_model
from .losses import divergence, uniform_loss, weighted_accuracy
from .stages import weight_shapes
from .start import as_scalar, draw, slots_that_start_as_weights
from .strategies import outside_of_strategies
from .threads import on_one_thread_an_op, one_thread_pays

T = TypeVar("T")


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
            (variable.shape, as_scalar(variable.numpy()))
            for variable in self.model.optimizer.variables
        ]
        self._weight_slots = slots_that_start_as_weights(self.model)
        self._train_steps: dict[tuple[bool, int], Callable[..., tuple[tf.Tensor, tf.Tensor]]] = {}
        self._derived: dict[Callable, Any] = {}
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
            variable.assign(draw(variable, seeds, index, self.architecture))
        start = zip(self.model.optimizer.variables, self._optimizer_start, strict=True)
        for variable, (shape, value) in start:
            variable.assign(np.broadcast_to(value, shape))

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
            of_ids = Sequences(layer.values.numpy(), layer.offsets.numpy()).between(0, n_ids)
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
            self._train_steps[kind] = self._compile_train_step(*kind)
        return self._train_steps[kind](steps, targets, weights, consistency, label_smoothing)

    def _compile_train_step(
        self, twice: bool, weights_ndim: int
    ) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        targets_spec = (
            tf.TensorSpec((None, self._padded.n_outputs), tf.float32)
            if self._padded.multilabel
            else tf.TensorSpec((None,), tf.int32)
        )
        signature = [
            self.steps_spec,
            targets_spec,
            tf.TensorSpec((None, self._padded.n_outputs)[:weights_ndim]),
            tf.TensorSpec(()),
            tf.TensorSpec(()),
        ]
        step = self.compile(lambda *batch: self._descend(*batch, twice=twice), *signature)
        if one_thread_pays(max(self.architecture.units)):
            return outside_of_strategies(on_one_thread_an_op, step, *signature)
        return step

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
        return loss, weighted_accuracy(
            targets, probabilities, weights, self.architecture.multilabel
        )

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
        accuracy = weighted_accuracy(targets, outputs, weights, self.architecture.multilabel)
        return float(loss), float(accuracy)

    def _loss(self, targets: Any, probabilities: Any, weights: Any) -> tf.Tensor:
        if len(weights.shape) == 2:  # Keras takes the mean over the last axis before it weighs
            targets, probabilities = targets[..., np.newaxis], _with_axis(probabilities)
        loss = self.model.loss(targets, probabilities, sample_weight=weights)
        # Under a strategy Keras divides it by the number of copies.
        n_copies = tf.distribute.get_strategy().num_replicas_in_sync
        return loss if n_copies == 1 else loss * n_copies

    def derived(self, make: Callable[[Network], T]) -> T:
        """Return what a function makes of the network, the same at every call.

        Its compiled functions then serve all calls. It outlives changes of the weights, and of
        the architecture within the room.
        """
        with self._lock:
            if make not in self._derived:
                self._derived[make] = outside_of_strategies(make, self)
            return self._derived[make]

    def compile(self, function: Callable, *signature: tf.TensorSpec) -> Callable:
        """Compile a function of the network for tensors of this signature."""
        # One signature, traced once and under a lock: Keras' recurrent layers keep
        # dropout masks on the layer while a trace runs.
        with self._lock:
            traced = tf.function(function, autograph=False)
            return outside_of_strategies(traced.get_concrete_function, *signature)


def _with_axis(probabilities: Any) -> Any:
    """Return the same with another axis.

    Keras computes the loss of what a sigmoid returns from its logits, which alone have a gradient
    where the probability is 0 or 1 in the last bit.
    """
    if tf.is_symbolic_tensor(probabilities) and probabilities.op.type == "Sigmoid":
        return tf.sigmoid(probabilities.op.inputs[0][..., np.newaxis])
    return probabilities[..., np.newaxis]


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]
