"""From an architecture to a compiled Keras model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state

from .adam import LazyAdam
from .architecture import Architecture
from .stages import first_stage_of, stages_of


@contextmanager
def names_from_the_start() -> Iterator[None]:
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


@names_from_the_start()
def optimizer_config(optimizer: str | keras.optimizers.Optimizer, **settings: Any) -> str:
    """Describe an optimizer as JSON; ``settings`` apply where it is given by name."""
    if isinstance(optimizer, str) and optimizer.lower() == "adam":
        optimizer = LazyAdam(**settings)
    elif isinstance(optimizer, str):
        # `keras.optimizers.get` does not know all of Keras' own.
        own = {name.lower(): value for name, value in vars(keras.optimizers).items()}
        try:
            if isinstance(own.get(optimizer.lower()), type):
                optimizer = own[optimizer.lower()](**settings)
            else:
                optimizer = keras.optimizers.get({"class_name": optimizer, "config": settings})
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                "optimizer must be the name of a Keras optimizer or an instance, got"
                f" {optimizer!r}."
            ) from None
    else:
        _check_can_be_copied(optimizer)
    config = keras.optimizers.serialize(optimizer)
    for part in (config, config["config"].get("inner_optimizer")):
        if part is not None:
            part["config"]["name"] = "optimizer"  # Keras' own names may count up
            if isinstance(part["config"].get("learning_rate"), float):
                part["config"]["learning_rate"] = 0.0
    return json.dumps(config, sort_keys=True)


def _check_can_be_copied(optimizer: keras.optimizers.Optimizer) -> None:
    """Raise ValueError for an optimizer of the user's that a fit could not have a copy of."""
    inner = inner_optimizer(optimizer)
    if not hasattr(inner, "learning_rate"):  # of a MultiOptimizer every part has its own
        raise ValueError(
            f"optimizer is a {type(optimizer).__name__}, which has no learning rate of its own:"
            " give a single optimizer."
        )
    rate = getattr(inner, "_learning_rate", None)
    if callable(rate) and not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        raise ValueError(
            "optimizer has a function as learning_rate, which no copy for a fit could have: give a"
            " number, a schedule of keras.optimizers.schedules, or the callback"
            " LearningRateScheduler."
        )
    for name in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"):
        if getattr(inner, name, None):
            raise ValueError(
                "optimizer has exclude_from_weight_decay, which its copy for a fit would not"
                " have: Keras leaves it out of the optimizer's configuration."
            )
    try:
        optimizer_of(json.dumps(keras.optimizers.serialize(optimizer)))
    except (TypeError, ValueError):
        raise ValueError(
            f"optimizer is a {type(optimizer).__name__} that Keras cannot copy: register the class"
            " with keras.saving.register_keras_serializable, and let get_config return the"
            " arguments of its constructor."
        ) from None


def inner_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Return what takes the steps: a `LossScaleOptimizer` only scales gradients for another."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def rate_of(optimizer: keras.optimizers.Optimizer) -> float | None:
    """Return the learning rate; None where the optimizer has a schedule of its own."""
    rate = inner_optimizer(optimizer).get_config().get("learning_rate")
    return float(rate) if isinstance(rate, float) else None


def optimizer_of(config: str) -> keras.optimizers.Optimizer:
    """Return the optimizer that `optimizer_config` described."""
    # `keras.optimizers.deserialize` does not know all of its own.
    return keras.saving.deserialize_keras_object(json.loads(config))


@names_from_the_start()
def build_model(architecture: Architecture) -> keras.Model:
    """Build and compile the model of an architecture; its weights mean nothing yet."""
    a = architecture
    # Stages give every name and seed: Keras would take them from global counters and
    # from Python's global random generator.
    inputs = outputs = first_stage_of(a).input()
    for stage in stages_of(a):
        outputs = stage.train(outputs)
    model = keras.Model(inputs, outputs, name="skrnn")
    # Weights have a mean of 1 over all samples, not over each batch: divided by the sum
    # of its weights, a batch of one sample would not feel its weight at all.
    loss = (
        keras.losses.BinaryCrossentropy()
        if a.multilabel
        else keras.losses.SparseCategoricalCrossentropy()
    )
    optimizer = optimizer_of(a.optimizer)
    scales = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if a.dtype_policy == "mixed_float16" and not scales:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    model.compile(optimizer, loss, weighted_metrics=["accuracy"], auto_scale_loss=False)
    model.optimizer.build(model.trainable_variables)
    return model


@names_from_the_start()
def build_metrics(model: keras.Model) -> None:
    """Make the metrics of a compiled model, as `keras.Model.fit` does before it starts.

    Keras' callbacks look there whether a metric is better when it is larger.
    """
    (outputs,) = model.outputs
    predictions = np.zeros((1, outputs.shape[1]), np.float32)
    has_columns = isinstance(model.loss, keras.losses.BinaryCrossentropy)
    targets = predictions if has_columns else np.zeros((1, 1), np.int32)
    model.compute_metrics(None, targets, predictions, np.ones(1, np.float32))
    model.reset_metrics()
