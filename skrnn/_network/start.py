"""What the variables of a network are before its training."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from .._data.seeds import Seeds
from .architecture import Architecture

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


def draw(variable: keras.Variable, seeds: Seeds, index: int, a: Architecture) -> Any:
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


def slots_that_start_as_weights(
    model: keras.Model,
) -> list[tuple[keras.Variable, keras.Variable]]:
    """Pair the variables of an optimizer that start as the weights do with these weights.

    ScheduleFreeAdamW has such variables. The variables of a bias, whose weights are zeros, all
    start from zeros, so that the kernels decide which kind of variable starts as a weight.
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


def as_scalar(value: np.ndarray) -> np.ndarray:
    """Shrink an array of one repeated value to that value."""
    return value.flat[0] if value.size and (value == value.flat[0]).all() else value
