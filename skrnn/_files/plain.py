"""Values of parameters as JSON, and back without importing anything."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from .._data.brief import brief
from .._data.vectorizer import SequenceVectorizer
from .._network.adam import LazyAdam

_COLLECTIONS = {"tuple": tuple, "set": set, "frozenset": frozenset}

_SCHEDULES = {
    schedule.__name__: schedule
    for schedule in (
        keras.optimizers.schedules.CosineDecay,
        keras.optimizers.schedules.CosineDecayRestarts,
        keras.optimizers.schedules.ExponentialDecay,
        keras.optimizers.schedules.InverseTimeDecay,
        keras.optimizers.schedules.PiecewiseConstantDecay,
        keras.optimizers.schedules.PolynomialDecay,
    )
}

_OPTIMIZERS = {
    optimizer.__name__: optimizer
    for optimizer in (
        LazyAdam,
        keras.optimizers.Adadelta,
        keras.optimizers.Adafactor,
        keras.optimizers.Adagrad,
        keras.optimizers.Adam,
        keras.optimizers.AdamW,
        keras.optimizers.Adamax,
        keras.optimizers.Ftrl,
        keras.optimizers.Lamb,
        keras.optimizers.Lion,
        keras.optimizers.Nadam,
        keras.optimizers.RMSprop,
        keras.optimizers.SGD,
        # Not in every version of Keras.
        *(
            getattr(keras.optimizers, name)
            for name in ("Muon", "ScheduleFreeAdamW")
            if hasattr(keras.optimizers, name)
        ),
    )
}

_OBJECTS = {"SequenceVectorizer": SequenceVectorizer, **_SCHEDULES, **_OPTIMIZERS}


def encode(name: str, value: Any) -> Any:
    """Return a value in the terms of JSON; everything else is ``{kind: content}``.

    Parameters
    ----------
    name : str
        Name of the value, for the error.
    value : object
        None, a bool, a number, a str, a list, tuple, set or dict of such, a
        `SequenceVectorizer`, or one of Keras' own optimizers. Arrays become lists, numpy's
        numbers Python's, and paths strings.

    Returns
    -------
    encoded : object
        What `decode` turns back.

    Raises
    ------
    ValueError
        The value is of any other kind.
    """
    kind = type(value).__name__
    if isinstance(value, (np.ndarray, np.bool_, np.number)):
        value = value.tolist()
    if isinstance(value, os.PathLike):
        value = os.fsdecode(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [encode(name, item) for item in value]
    if isinstance(value, Mapping):
        return {"dict": [[encode(name, key), encode(name, item)] for key, item in value.items()]}
    if type(value) is _COLLECTIONS.get(kind):
        items = value if kind == "tuple" else sorted(value, key=repr)
        return {kind: [encode(name, item) for item in items]}
    if type(value) is SequenceVectorizer:
        settings = value.get_params(deep=False)
        return {kind: {key: encode(f"{name}__{key}", item) for key, item in settings.items()}}
    if type(value) is _OPTIMIZERS.get(kind):
        config = value.get_config()
        _check_no_patterns(config)
        rate = config.pop("learning_rate")
        if isinstance(rate, dict):
            if rate["module"] != "keras.optimizers.schedules":
                raise _cannot_be_saved(f"{name}.learning_rate", rate["class_name"])
            rate = {rate["class_name"]: _encode_items(name, rate["config"])}
        return {kind: {"learning_rate": rate, **_encode_items(name, config)}}
    raise _cannot_be_saved(name, value)


def decode(encoded: Any) -> Any:
    """Return the value that `encode` was given."""
    if isinstance(encoded, list):
        return [decode(item) for item in encoded]
    if not isinstance(encoded, dict):
        return encoded
    ((kind, content),) = encoded.items()
    if kind == "dict":
        return {decode(key): decode(item) for key, item in content}
    if kind in _COLLECTIONS:
        return _COLLECTIONS[kind](map(decode, content))
    if kind not in _OBJECTS:
        raise ValueError(f"a value of the unknown kind {kind!r}")
    _check_no_patterns(content)
    return _OBJECTS[kind](**{key: decode(item) for key, item in content.items()})


def _check_no_patterns(config: dict[str, Any]) -> None:
    """Raise ValueError for a regular expression of Muon's, which can take for ever to match."""
    for name in config.get("exclude_layers") or ():
        if not re.fullmatch(r"[\w/]*", name):
            raise ValueError(
                f"optimizer.exclude_layers={brief(name)} cannot be saved without pickle: it is a"
                " regular expression."
            )


def _encode_items(name: str, items: dict[str, Any]) -> dict[str, Any]:
    return {key: encode(name, item) for key, item in items.items()}


def _cannot_be_saved(name: str, value: Any) -> ValueError:
    return ValueError(
        f"{name}={brief(value)} cannot be saved without pickle. Pickle the classifier instead;"
        " what no prediction needs, as callbacks and random_state, can be set to None before."
    )
