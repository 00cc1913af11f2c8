"""A fitted model and the parameters of its classifier in a file without pickle."""

from __future__ import annotations

import os
from dataclasses import asdict
from numbers import Integral, Real
from typing import Any

import keras
import numpy as np
import sklearn
import tensorflow as tf
from sklearn.utils._param_validation import Interval, StrOptions

from .._data.brief import brief
from .._data.columns import Columns
from .._data.readers import IdReader, NumberReader, Reader, TextReader
from .._data.seeds import Seeds
from .._data.targets import Targets
from .._model import Model
from .._network.architecture import POOLINGS, Architecture
from .._network.build import optimizer_config, optimizer_of, rate_of
from .._network.pool import Loan, borrow
from .._network.stages import weight_shapes
from .._version import __version__
from .archive import ArchiveReader, write_archive
from .fields import (
    DOCUMENT,
    SIZE,
    checked,
    checked_document,
    decode_columns,
    decode_labels,
    encode_columns,
    encode_labels,
)
from .plain import decode, encode

_SCHEMA = 1
_CLASS = "LSTMTextClassifier"
_EMBEDDINGS = "embeddings.npy"
_FLOAT32 = np.dtype(np.float32)

_COUNT = Interval(Integral, 0, None, closed="left")
_RATE = Interval(Real, 0, 1, closed="left")

_FIELDS: dict[str, list] = {
    "schema": [SIZE],
    "class": [StrOptions({_CLASS})],
    "versions": [dict],
    "parameters": [dict],
    "embeddings": [list, None],
    "embedding_coverage": [Interval(Real, 0, 1, closed="both"), None],
    "classes": [dict],
    "is_matrix": ["boolean"],
    "reader": [dict, None],
    "n_features_in": [SIZE, None],
    "feature_names_in": [list, None],
    "history": [dict],
    "n_iter": [_COUNT],
    "entropy": [_COUNT],
    "architecture": [dict],
    "with_optimizer": ["boolean"],
    "learning_rate": [Interval(Real, 0, None, closed="left"), None],
}

_ARCHITECTURE: dict[str, list] = {
    "n_outputs": [SIZE],
    "multilabel": ["boolean"],
    "units": [list],
    "bidirectional": ["boolean"],
    "pooling": [StrOptions(set(POOLINGS))],
    "vocabulary_size": [SIZE, None],
    "embedding_dim": [SIZE, None],
    "trainable_embeddings": ["boolean"],
    "n_features": [SIZE, None],
    "normalized": ["boolean"],
    "frame_length": [SIZE],
    "word_dropout": [_RATE],
    "embedding_dropout": [_RATE],
    "recurrent_dropout": [_RATE],
    "dropout": [_RATE],
    "optimizer": [dict],
    "dtype_policy": [str],
    "n_parts": [_COUNT],
    "n_part_entries": [_COUNT],
}

# What the first files of this schema lack.
_ADDED_FIELDS = {"embedding_coverage": None, "learning_rate": None}
_ADDED_TO_ARCHITECTURE = {
    "trainable_embeddings": True,
    "n_parts": 0,
    "n_part_entries": 0,
    "normalized": False,
    "frame_length": 1,
}

_READERS: dict[str, Any] = {reader.kind: reader for reader in (TextReader, IdReader)}


def save_model(
    path: str | os.PathLike, parameters: dict[str, Any], model: Model, *, with_optimizer: bool
) -> None:
    """Write a fitted classifier into a file.

    Parameters
    ----------
    path : str or path-like
        The file.
    parameters, model, with_optimizer : see `describe_model`
        The classifier.
    """
    document, arrays = describe_model(parameters, model, with_optimizer=with_optimizer)
    write_archive(path, {DOCUMENT: document}, arrays)


def describe_model(
    parameters: dict[str, Any], model: Model, *, with_optimizer: bool
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return a fitted classifier as a document and arrays.

    Parameters
    ----------
    parameters : dict of str to object
        The parameters of the classifier.
    model : Model
        What its fit made.
    with_optimizer : bool
        Whether to keep what only training needs.

    Returns
    -------
    document : dict
        What becomes JSON.
    arrays : dict of str to ndarray
        The arrays, by the names of their members.
    """
    network = model.loan.network
    arrays = {_weight_name(name): value for name, value in network.get_weights().items()}
    parameters = dict(parameters)
    embeddings = parameters["embeddings"]
    if isinstance(embeddings, np.ndarray):
        parameters["embeddings"] = "random"
        arrays[_EMBEDDINGS] = embeddings.astype(np.float32)  # as the network takes them
    elif not isinstance(embeddings, (str, os.PathLike)):
        raise ValueError(
            f"embeddings={brief(embeddings)} cannot be saved without pickle. Pickle the"
            " classifier instead, or set embeddings='random' before: only a new fit would miss"
            " them."
        )
    if with_optimizer:
        for index, variable in enumerate(network.training_variables()):
            arrays[_state_name(index)] = variable.numpy()
    architecture = model.loan.architecture
    document = {
        "schema": _SCHEMA,
        "class": _CLASS,
        "versions": {
            "skrnn": __version__,
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        "parameters": {name: encode(name, value) for name, value in parameters.items()},
        "embeddings": list(arrays[_EMBEDDINGS].shape) if _EMBEDDINGS in arrays else None,
        "embedding_coverage": model.embedding_coverage,
        "classes": encode_labels(model.targets.classes),
        "is_matrix": model.targets.is_matrix,
        "reader": _encode_reader(model.reader),
        **encode_columns(model.reader.columns),
        "history": {name: list(map(float, values)) for name, values in model.history.items()},
        "n_iter": model.n_epochs,
        "entropy": model.seeds.entropy,
        "architecture": {
            **asdict(architecture),
            "optimizer": encode("optimizer", optimizer_of(architecture.optimizer)),
        },
        "with_optimizer": with_optimizer,
        # For `model_`, where no state of the optimizer is kept; None: it has its own schedule.
        "learning_rate": rate_of(network.model.optimizer),
    }
    return document, arrays


def load_model(archive: ArchiveReader, document: Any) -> tuple[dict[str, Any], Model]:
    """Return what `describe_model` described, or anybody made up.

    Parameters
    ----------
    archive : ArchiveReader
        Where the arrays are.
    document : object
        The document.

    Returns
    -------
    parameters : dict of str to object
        The parameters of the classifier, which are not validated.
    model : Model
        What its fit made.

    Raises
    ------
    Exception
        The file is damaged, made by a later version, or not of this kind at all.
    """
    content = checked_document(document, _SCHEMA, _FIELDS, _ADDED_FIELDS)
    architecture = _decode_architecture(content["architecture"])
    classes = decode_labels(content["classes"])
    columns = decode_columns(_CLASS, content)
    reader = _decode_reader(content["reader"], columns, architecture)
    if (
        len(classes) != architecture.n_outputs
        or reader.vocabulary_size != architecture.vocabulary_size
        or (architecture.embedding_dim is None) != (reader.vocabulary_size is None)
        or reader.n_features != architecture.n_features
        or (reader.n_features is None and architecture.frame_length > 1)
        or reader.n_parts != architecture.n_parts
        or reader.n_part_entries != architecture.n_part_entries
    ):
        raise ValueError("classes, vocabulary and architecture do not belong together")

    parameters = {name: decode(value) for name, value in content["parameters"].items()}
    if content["embeddings"] is not None:
        shape = tuple(content["embeddings"])
        parameters["embeddings"] = archive.array(_EMBEDDINGS, shape, _FLOAT32).copy()
    seeds = Seeds(content["entropy"])
    loan = _read_network(archive, architecture, seeds, content["with_optimizer"])
    if content["learning_rate"] is not None:
        loan.network.model.optimizer.learning_rate = content["learning_rate"]
    if isinstance(reader, TextReader) and reader.parts is not None:
        loan.network.set_parts(reader.parts.of_ids)
    history = {
        name: [float(value) for value in values] for name, values in content["history"].items()
    }
    targets = Targets(classes, content["is_matrix"], architecture.multilabel)
    return parameters, Model(reader, targets, loan, seeds, history, content["embedding_coverage"])


def _read_network(
    archive: ArchiveReader, architecture: Architecture, seeds: Seeds, with_optimizer: bool
) -> Loan:
    # Read before a network is made: its size is then the file's, whatever the
    # architecture claims.
    weights = {
        path: archive.array(_weight_name(path), shape, _FLOAT32)
        for path, shape in weight_shapes(architecture).items()
    }
    loan = borrow(architecture)
    network = loan.network
    network.reset(seeds)  # which makes the room inert
    network.set_weights(weights)
    network.start_optimizer()
    if with_optimizer:
        for index, variable in enumerate(network.training_variables()):
            shape, dtype = tuple(variable.shape), np.dtype(variable.dtype)
            variable.assign(archive.array(_state_name(index), shape, dtype))
    return loan


def _weight_name(path: str) -> str:
    return f"weights/{path}.npy"


def _state_name(index: int) -> str:
    return f"state/{index}.npy"


def _decode_architecture(content: Any) -> Architecture:
    content = checked(content, _ARCHITECTURE, "architecture", _ADDED_TO_ARCHITECTURE)
    if not content["units"]:
        raise ValueError("the architecture has no layers")
    for units in content["units"]:
        checked({"units": units}, {"units": [SIZE]}, "architecture")
    policy = keras.config.dtype_policy().name
    if content["dtype_policy"] != policy:
        raise ValueError(
            f"it was trained under the dtype policy {content['dtype_policy']!r}, and now"
            f" keras.config.dtype_policy() is {policy!r}"
        )
    optimizer = decode(content["optimizer"])
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ValueError("the architecture has no optimizer")
    return Architecture(
        **{**content, "units": tuple(content["units"]), "optimizer": optimizer_config(optimizer)}
    )


def _encode_reader(reader: Reader) -> dict[str, Any] | None:
    if isinstance(reader, NumberReader):
        return None  # the architecture has the number of features
    description = reader.describe()
    if isinstance(reader, TextReader):
        description["vectorizer"] = encode("vectorizer", description["vectorizer"])
    return {"kind": reader.kind, **description}


def _decode_reader(
    content: dict[str, Any] | None, columns: Columns, architecture: Architecture
) -> Reader:
    if content is None:
        if architecture.n_features is None:
            raise ValueError("there is no reader")
        return NumberReader(columns, architecture.n_features)
    kind = content["kind"]
    if kind not in _READERS:
        raise ValueError(f"a reader of the unknown kind {kind!r}")
    if kind == TextReader.kind:
        content = {**content, "vectorizer": decode(content["vectorizer"])}
    return _READERS[kind].restore(columns, content)
